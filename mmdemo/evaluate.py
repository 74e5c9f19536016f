"""Measures what the cards state, again, from weights/ and the validation sets.

    python -m mmdemo.evaluate [mobilenet bert matching cross_attention sentiment] [--data DATA] [--out RUN]

Prints each figure beside the card's. Needs the data of `training/`; the app and its tests do not.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from mmdemo.loading import load_module, read_card
from mmdemo.tasks.fused import FUSIONS, LABELS
from mmdemo.training import explain_bench, fusion_bench, pairs
from mmdemo.training.fusion_card import DATASETS, format_table
from mmdemo.training.fusion_data import read_data
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import data_folder, plain_view, read_index
from mmdemo.training.recipes import (
    autoencoder,
    bert_resnet,
    cnn_lstm,
    cross_attention,
    lstm,
    matching,
    pixels_tfidf,
    resnet_lstm,
    sentiment,
    tune,
)
from mmdemo.training.teacher import agreement

Figures = dict[str, float]
FOLDERS = {"fusion": "fusions"}  # where the card's name is not the command's


def evaluate_mobilenet(args: argparse.Namespace, log: Log) -> Figures:
    """Top-1 agreement with the teacher on the 1,000 labelled photos set aside, at two sizes."""
    tower = load_module("mobilenet", training_device())
    sizes = {"agreement_top1": 225, "agreement_top1_224px": 224}
    return {name: agreement(tower, args.data, size=size) for name, size in sizes.items()}


def evaluate_bert(args: argparse.Namespace, log: Log) -> Figures:
    """A caption must find another caption of its photo, within and across the languages."""
    val = pairs.flickr8k(read_index(args.data), "val")
    return tune.caption_recalls(load_module("bert", training_device()), val)


def evaluate_matching(args: argparse.Namespace, log: Log) -> Figures:
    """Retrieval in both languages, and the calibrated probability, cross-fitted."""
    val = pairs.flickr8k(read_index(args.data), "val")
    side = matching.build_side(val, ((plain_view, 0),), args.out, log, training_device())
    head = load_module("matching")
    found = matching.validate(head, side)
    head.eval()
    for language, figures in matching.calibrate(head, side, args.seed).items():
        found |= {f"{language}_{name}": value for name, value in figures.items()}
    return found


def evaluate_cross_attention(args: argparse.Namespace, log: Log) -> Figures:
    """Match or no match, cross-fitted, and which of two photos the words look at."""
    val = pairs.flickr8k(read_index(args.data), "val")
    grids = cross_attention.build_grids(val, ((plain_view, 0),), args.out, log, training_device())
    measured = cross_attention.measure(load_module("cross_attention"), grids, args.seed)
    return {f"{language}_{name}": v for language, figures in measured.items() for name, v in figures.items()}


def evaluate_sentiment(args: argparse.Namespace, log: Log) -> Figures:
    """Both sides and each alone on MVSA's validation pairs."""
    rows = pairs.mvsa(read_index(args.data))[1]
    val = sentiment.build_pairs(rows, ((plain_view, 0),), args.out, log, training_device())
    measured = sentiment.validate(load_module("sentiment"), val, {})
    return {f"{side}_{name}": v for side, figures in measured.items() for name, v in figures.items()}


def evaluate_tfidf(args: argparse.Namespace, log: Log) -> Figures:
    """A caption must find another caption of its photo by the words they share."""
    return tune.caption_recalls(load_module("tfidf"), pairs.flickr8k(read_index(args.data), "val"))


def evaluate_fusion(args: argparse.Namespace, log: Log) -> Figures:
    """Every shipped head of the bench again; and the whole table with its findings, as the card has it."""
    print(format_table(read_card("fusions")))
    found: Figures = {}
    for task in LABELS:
        _, val = read_data(task, args.data, args.out, log, train=False)
        for kind in FUSIONS:
            given = fusion_bench.measure(load_module(f"{task}-{kind}"), val, kind)["given"]
            main = DATASETS[task][2]
            found[f"{task}_{kind}_{main}"] = given[main]
    return found


EVALUATIONS: dict[str, Callable[[argparse.Namespace, Log], Figures]] = {
    "mobilenet": evaluate_mobilenet,
    "bert": evaluate_bert,
    "matching": evaluate_matching,
    "cross_attention": evaluate_cross_attention,
    "sentiment": evaluate_sentiment,
    "fusion": evaluate_fusion,
    "lstm": lstm.evaluate,
    "tfidf": evaluate_tfidf,
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
        args.out = args.out or Path(temporary)
        log = Log(args.out / "evaluate.jsonl")
        for name in args.models:
            torch.manual_seed(args.seed)
            print(report(name, EVALUATIONS[name](args, log)), flush=True)


if __name__ == "__main__":
    main()
