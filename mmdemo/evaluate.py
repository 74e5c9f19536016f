"""Measures what the cards state, again, from weights/ and the validation sets.

    python -m mmdemo.evaluate [efficientnet e5 matching cross_attention sentiment] [--data DATA] [--out RUN]

Prints each figure beside the card's. Needs the data of `training/`; the app and its tests do not.
"""

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from mmdemo.loading import read_card
from mmdemo.training.data.photos import data_folder
from mmdemo.training.loop import Log
from mmdemo.training.measure import caption_recall, explain_bench
from mmdemo.training.recipes import (
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
FOLDERS = {"fusion": "fusions", "captions": "captioning"}  # where the card's name is not the command's
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
    "captions": captioning.evaluate,
    "explain": explain_bench.evaluate,
}
LONG = ("explain",)  # a quarter of an hour: only when asked for by name


def report(name: str, measured: Figures) -> str:
    """One line a figure: measured now, and every value of that name on the card."""
    lines = [f"\n{name}"]
    rows = read_card(FOLDERS.get(name, name))["metrics"] if name not in LONG else []  # of no single card
    for key, value in measured.items():
        stated = [row["value"] for row in rows if key.endswith(row["metric"])]
        lines.append(f"  {key:<60} {value:9.3f}   card: {', '.join(f'{v:.3f}' for v in stated) or '-'}")
    return "\n".join(lines)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    short = [name for name in EVALUATIONS if name not in LONG]
    parser.add_argument("models", nargs="*", default=short, help=f"of {', '.join(EVALUATIONS)}")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--out", type=Path, help="folder to keep features in; a temporary one if not given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, help="explain: photos to ask about; 200 if not given")
    parser.add_argument("--json", type=Path, help="explain: also write the table to this file")
    parser.add_argument("--methods", nargs="*", default=(), help="explain: these methods only; all if not given")
    parser.add_argument(
        "--cards", action="store_true", help="explain, matching, fusion, sentiment: also fill the cards"
    )
    args = parser.parse_args()
    unknown = set(args.models) - set(EVALUATIONS)
    if unknown:
        parser.error(f"unknown model {', '.join(sorted(unknown))}; choose from {', '.join(EVALUATIONS)}")
    with tempfile.TemporaryDirectory() as temporary:
        args.out = args.features = args.out or Path(temporary)
        log = Log(args.out / "evaluate.jsonl")
        for name in args.models:
            torch.manual_seed(args.seed)
            print(report(name, EVALUATIONS[name](args, log)), flush=True)


if __name__ == "__main__":
    main()
