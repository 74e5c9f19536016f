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

from mmdemo.loading import load_module, read_card
from mmdemo.tasks.fused import FUSIONS, LABELS
from mmdemo.training import explain_bench, fusion_bench, pairs, resnet_card, sentiment_card
from mmdemo.training.caption_recall import caption_recalls
from mmdemo.training.fusion_card import DATASETS, format_table
from mmdemo.training.fusion_data import read_data
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import data_folder, plain_view, read_index
from mmdemo.training.recipes import (
    autoencoder,
    bert_resnet,
    cnn_lstm,
    cross_attention,
    efficientnet,
    familiarity,
    lstm,
    matching,
    pixels_tfidf,
    resnet_lstm,
)
from mmdemo.training.sentiment_data import build_pairs
from mmdemo.training.short_texts import MEASURED
from mmdemo.training.system_figures import flat

Figures = dict[str, float]
FOLDERS = {"fusion": "fusions"}  # where the card's name is not the command's


def evaluate_efficientnet(args: argparse.Namespace, log: Log) -> Figures:
    """Right names among a thousand, of the labelled photos set aside, by the published classifier."""
    return {"accuracy": efficientnet.named_right(args, log)[0]}


def evaluate_resnet(args: argparse.Namespace, log: Log) -> Figures:
    """Top-1 agreement with its teacher on the labelled photos set aside."""
    return {"agreement_top1": resnet_card.agreement(load_module("resnet", training_device()), args.data)}


def evaluate_captions(name: str, args: argparse.Namespace, log: Log) -> Figures:
    """A caption must find another caption of its photo by a text tower, within and across the languages."""
    return caption_recalls(load_module(name, training_device()), pairs.flickr8k(read_index(args.data), "val"))


def evaluate_matching(args: argparse.Namespace, log: Log) -> Figures:
    """Retrieval, near captions, classes by name, boxes; and the calibrated probability, cross-fitted."""
    head = load_module("matching")
    measured, encoded = matching.measure(head, args.data, args.features, log)
    measured |= matching.calibrated(head, encoded, args.seed)
    return {f"{where}_{name}": value for where, some in measured.items() for name, value in some.items()}


def evaluate_cross_attention(args: argparse.Namespace, log: Log) -> Figures:
    """Match or no match, cross-fitted, and which of two photos the words look at."""
    val = [pairs.flickr8k(read_index(args.data), "val")]
    grids = cross_attention.build_grids(val, ((plain_view, 0),), args.features, log, training_device())
    measured = cross_attention.measure(load_module("cross_attention"), grids, args.seed)
    return {f"{language}_{name}": v for language, figures in measured.items() for name, v in figures.items()}


def evaluate_sentiment(args: argparse.Namespace, log: Log) -> Figures:
    """Both sides and each alone on MVSA's validation pairs, the text side on lines and short texts too."""
    rows = pairs.mvsa(read_index(args.data))[1]
    val = build_pairs(rows, ((plain_view, 0),), args.features, log, training_device())
    head, lines = load_module("sentiment"), sentiment_card.validation_lines(args.data, args.features, log)
    measured = flat(sentiment_card.validate(head, val, lines))
    short = sentiment_card.short_texts_right(head, sentiment_card.short_lines(MEASURED, args.features, log))
    return measured | {f"{name}_short_texts_right": float(right) for name, right in short.items()}


def evaluate_fusion(args: argparse.Namespace, log: Log) -> Figures:
    """Every shipped head of the bench again; and the whole table with its findings, as the card has it."""
    print(format_table(read_card("fusions")))
    figures: Figures = {}
    for task in LABELS:
        _, val = read_data(task, args.data, args.features, log, train=False)
        for kind in FUSIONS:
            given = fusion_bench.measure(load_module(f"{task}-{kind}"), val, kind)["given"]
            main = DATASETS[task][2]
            figures[f"{task}_{kind}_{main}"] = given[main]
    return figures


EVALUATIONS: dict[str, Callable[[argparse.Namespace, Log], Figures]] = {
    "efficientnet": evaluate_efficientnet,
    "e5": partial(evaluate_captions, "e5"),
    "matching": evaluate_matching,
    "cross_attention": evaluate_cross_attention,
    "sentiment": evaluate_sentiment,
    "familiarity": familiarity.evaluate,
    "fusion": evaluate_fusion,
    "resnet": evaluate_resnet,
    "lstm": lstm.evaluate,
    "tfidf": partial(evaluate_captions, "tfidf"),
    "pixels_tfidf": pixels_tfidf.evaluate,
    "cnn_lstm": cnn_lstm.evaluate,
    "resnet_lstm": resnet_lstm.evaluate,
    "bert_resnet": bert_resnet.evaluate,
    "autoencoder": autoencoder.evaluate,
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
    parser.add_argument("--cards", action="store_true", help="explain: write the table into the models' cards")
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
