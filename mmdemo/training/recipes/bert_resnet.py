"""Trains weights/bert_resnet: BERT and ResNet-18, both frozen, added with one learned weight; match or no match.

    python -m mmdemo.training.recipes.bert_resnet --out RUN [--data DATA] [--seed 0] [--epochs 8]

The tutorial adds BERT's 768 numbers to ResNet-18's 512, which cannot be done; here both are projected to one width and
then added, h = alpha t + (1 - alpha) v, alpha learned (`fusion/weighted_sum.py`). As in the tutorial: stochastic
gradient descent with momentum, true captions against swapped ones, and a look at the validation pairs after each epoch;
an epoch is one caption of each photo in each language. BERT is multilingual-E5-small.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.fused import FusedTask
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import plain_view, read_index, squashed_view
from mmdemo.training.data.sides import Captions, blank_rows, see
from mmdemo.training.loop import Average, Log, run_steps
from mmdemo.training.measure import systems

VIEWS = ((plain_view, 0), (squashed_view, 3))
CAPTIONED, DROPPED, RATE, MOMENTUM, DECAY = 64, 0.1, 0.05, 0.9, 1e-4


def read_captions(split: str, args: argparse.Namespace, log: Log) -> Captions:
    """Flickr8k's photos by ResNet-18 and captions by E5."""
    captioned, features = pairs.flickr8k(read_index(args.data), split), Features(args.features, log)
    views = see(captioned.photos, VIEWS if split == "train" else VIEWS[:1], features, "resnet")
    return Captions(views, features.text_tokens(captioned.texts), captioned)


def measure(head: FusedTask, val: Captions, seed: int) -> systems.Figures:
    """AUC, accuracy and calibration error by language on the validation photos."""

    def match(photos: Tensor, texts: Tensor) -> Tensor:
        return head.predict(val.images(photos), val.texts.batch(texts))["matching"][:, 1]  # of "match"

    head.eval()
    figures = systems.match_figures(match, val.captioned, seed)
    head.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "bert_resnet.jsonl")
    data, val = (read_captions(split, args, log) for split in ("train", "val"))
    head = FusedTask(**CHECKPOINTS["bert_resnet"].config, dropout=0.2)
    average, rng = Average(head, 0.99), np.random.default_rng(args.seed)
    epoch = 2 * len(data.captioned.photos) // CAPTIONED
    optimiser = torch.optim.SGD(head.parameters(), RATE, MOMENTUM, weight_decay=DECAY, nesterov=True)  # Polyak 1964

    def step(i: int) -> dict[str, float]:
        image, text, truth = data.draw(rng, CAPTIONED)
        v, t = head.fusion.read_image(image), head.fusion.read_text(text)
        loss = head.loss(head.fusion.fuse(*blank_rows(head, v, t, rng, (DROPPED, DROPPED))).joint, truth)
        loss.backward()
        return {"loss": loss.item(), "alpha": head.fusion.alpha.item()}

    run_steps(
        step, [head], [optimiser], average=average, steps=args.epochs * epoch, name="bert_resnet", log=log,
        checkpoint=args.out / "bert_resnet.pt", evaluate=lambda: systems.flat(measure(head, val, args.seed)),
        log_every=50, evaluate_every=epoch,
    )  # fmt: skip
    head.load_state_dict(cards.half_rounded(average.values))
    ship(head.eval(), val, args)


def epochs(path: Path) -> list[dict[str, float]]:
    """The validation figures after each epoch, from the log; of a run that was resumed, the later ones."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return list({line["step"]: line for line in lines if "English_AUC" in line}.values())


def ship(head: FusedTask, val: Captions, args: argparse.Namespace) -> None:
    """Measure what is stored, write weights/bert_resnet."""
    figures = measure(head, val, args.seed)
    card = {
        "parameters": cards.count_parameters(head),
        "alpha": round(head.fusion.alpha.item(), 4),
        "counts": cards.photo_counts(read_index(args.data)),
        **cards.origin("bert_resnet", args, "seed", "epochs"),
        "history": epochs(args.out / "bert_resnet.jsonl"),
        "metrics": systems.match_rows(figures, val.captioned, args.seed),
    }
    cards.ship("bert_resnet", head, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    return systems.flat(measure(load_module("bert_resnet"), read_captions("val", args, log), args.seed))


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=0)
    parser.add_argument("--epochs", type=int, default=8)
    train(parser.parse_args())
