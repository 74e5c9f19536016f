"""Measures what the cards state, again, from weights/ and the validation sets.

    python -m mmdemo.evaluate [efficientnet e5 matching cross_attention sentiment] [--data DATA] [--out RUN]
    python -m mmdemo.evaluate gallery|captions|questions [--photos N] [--json FILE] [--cards]

Prints each figure beside the card's; the second form also writes them to a file, with the versions that gave them.
Needs the data of `training/`; the app and its tests do not.
"""

import argparse
import importlib.metadata
import json
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from mmdemo import __version__
from mmdemo.engine.models import PACKAGES
from mmdemo.loading import read_card
from mmdemo.training import cards
from mmdemo.training.data.photos import data_folder
from mmdemo.training.loop import Log
from mmdemo.training.measure import caption_recall, explain_bench, gallery
from mmdemo.training.recipes import (
    answering,
    autoencoder,
    bert_resnet,
    captioning,
    cnn_lstm,
    cross_attention,
    efficientnet,
    familiarity,
    fusions,
    lstm,
    matching,
    pixels_tfidf,
    resnet,
    resnet_lstm,
    sentiment,
)

Figures = dict[str, float]
FOLDERS = {"fusion": "fusions"}  # where the card's name is not the command's
EVALUATIONS: dict[str, Callable[[argparse.Namespace, Log], Figures]] = {
    "efficientnet": efficientnet.evaluate,
    "e5": partial(caption_recall.evaluate, "e5"),
    "matching": matching.evaluate,
    "cross_attention": cross_attention.evaluate,
    "sentiment": sentiment.evaluate,
    "familiarity": familiarity.evaluate,
    "fusion": fusions.evaluate,
    "resnet": resnet.evaluate,
    "lstm": lstm.evaluate,
    "tfidf": partial(caption_recall.evaluate, "tfidf"),
    "pixels_tfidf": pixels_tfidf.evaluate,
    "cnn_lstm": cnn_lstm.evaluate,
    "resnet_lstm": resnet_lstm.evaluate,
    "bert_resnet": bert_resnet.evaluate,
    "autoencoder": autoencoder.evaluate,
    "explain": explain_bench.evaluate,
}
APPLICATIONS: dict[str, tuple[str, Callable[[argparse.Namespace, Log], list[cards.Metric]]]] = {  # card, its rows anew
    "gallery": ("matching", gallery.evaluate),
    "captions": ("captioning", captioning.evaluate),
    "questions": ("answering", answering.evaluate),
}
ALL = (*EVALUATIONS, *APPLICATIONS)
LONG = ("explain",)  # a quarter of an hour: only when asked for by name


def report(name: str, measured: Figures) -> str:
    """One line a figure: measured now, and every value of that name on the card."""
    lines = [f"\n{name}"]
    rows = read_card(FOLDERS.get(name, name))["metrics"] if name not in LONG else []  # of no single card
    for key, value in measured.items():
        stated = [row["value"] for row in rows if key.endswith(row["metric"])]
        lines.append(f"  {key:<60} {value:9.3f}   card: {', '.join(f'{v:.3f}' for v in stated) or '-'}")
    return "\n".join(lines)


def row_report(rows: Sequence[cards.Metric], card: Sequence[cards.Metric]) -> str:
    """One line a figure: its data, how many cases, its value now, the card's of the same name, and when that was."""
    stated = {tuple(row[key] for key in cards.NAMED_BY): row for row in card}
    lines = [f"\n{'figure':<30}{'data':<60}{'n':>6}{'now':>10}{'card':>10}"]
    for row in rows:
        before = stated.get(tuple(row[key] for key in cards.NAMED_BY))
        said = f"{before['value']:10.4f}  {before['date']}" if before else f"{'-':>10}"
        where = f"{row['dataset']}, {row['split']}"
        lines.append(f"{row['metric']:<30}{where:<60}{row['n']:>6}{row['value']:>10.4f}{said}")
    return "\n".join(lines)


def measure_application(name: str, args: argparse.Namespace, log: Log) -> None:
    """Rows of a card measured again: printed, written to a file, and with `--cards` into the card."""
    folder, evaluate = APPLICATIONS[name]
    rows = evaluate(args, log)
    print(f"\n{name}", row_report(rows, read_card(folder)["metrics"]), sep="", flush=True)
    versions = {"mmdemo": __version__} | {package: importlib.metadata.version(package) for package in PACKAGES}
    file = args.json or Path("runs", f"{name}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    table = {"command": name, "weights": folder, "commit": cards.commit(), "versions": versions, "rows": rows}
    file.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {file}", flush=True)
    if args.cards:
        cards.write_metrics(folder, rows)


def main(given: Sequence[str] | None = None) -> None:
    """Read the command line and measure."""
    args = read_arguments(given)
    with tempfile.TemporaryDirectory() as temporary:
        args.out = args.features = args.out or Path(temporary)
        log = Log(args.out / "evaluate.jsonl")
        for name in args.models:
            torch.manual_seed(args.seed)
            if name in APPLICATIONS:
                measure_application(name, args, log)
            else:
                print(report(name, EVALUATIONS[name](args, log)), flush=True)


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; stops with a sentence where it asks for what is not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    short = [name for name in ALL if name not in LONG]
    parser.add_argument("models", nargs="*", default=short, help=f"of {', '.join(ALL)}")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--out", type=Path, help="folder to keep features in; a temporary one if not given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, help="explain: photos to ask about; 200 if not given")
    applications = ", ".join(APPLICATIONS)
    parser.add_argument("--photos", type=int, help=f"{applications}: the first photos only; all if not given")
    parser.add_argument("--json", type=Path, help=f"where the table goes; {applications}: runs/NAME.json if not given")
    parser.add_argument("--methods", nargs="*", default=(), help="explain: these methods only; all if not given")
    filled = f"explain, matching, fusion, sentiment, {applications}"
    parser.add_argument("--cards", action="store_true", help=f"{filled}: also fill the cards")
    args = parser.parse_args(given)
    if unknown := set(args.models) - set(ALL):
        parser.error(f"unknown model {', '.join(sorted(unknown))}; choose from {', '.join(ALL)}")
    if args.cards and args.photos is not None:
        parser.error("--cards needs every photo; leave --photos out")
    return args


if __name__ == "__main__":
    main()
