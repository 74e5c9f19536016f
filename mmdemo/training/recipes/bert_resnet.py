"""Trains weights/bert_resnet: BERT and ResNet-18, both frozen, added with one learned weight; match or no match.

    python -m mmdemo.training.recipes.bert_resnet --out RUN [--data DATA] [--seed 0] [--epochs 8]

The tutorial adds BERT's 768 numbers to ResNet-18's 512, which cannot be done; here both are projected to one width and
then added, h = alpha t + (1 - alpha) v, alpha learned (`fusion/weighted_sum.py`). As in the tutorial: stochastic
gradient descent with momentum, true captions against swapped ones, and a look at the validation pairs after each epoch;
an epoch is one caption of each photo in each language. BERT is multilingual-E5-small.
"""

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.fused import FusedTask
from mmdemo.training import cards, pairs
from mmdemo.training import system_figures as figures
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import text_tokens
from mmdemo.training.loop import Average, Log, run_steps, training_device
from mmdemo.training.photos import plain_view, read_index, squashed_view
from mmdemo.training.system_data import Captions, blank_rows, resnet_views

VIEWS = ((plain_view, 0), (squashed_view, 3))
CAPTIONED, DROPPED, RATE, MOMENTUM, DECAY = 64, 0.1, 0.05, 0.9, 1e-4


def read_captions(split: str, args: argparse.Namespace, log: Log) -> Captions:
    """Flickr8k's photos by ResNet-18 and captions by E5."""
    captioned = pairs.flickr8k(read_index(args.data), split)
    seen = resnet_views(captioned.photos, VIEWS if split == "train" else VIEWS[:1], args, log)
    return Captions(seen, text_tokens(captioned.texts, args.features, log, device=training_device()), captioned)


@torch.no_grad()
def measure(head: FusedTask, val: Captions, seed: int) -> figures.Figures:
    """AUC, accuracy and calibration error by language on the validation photos."""
    head.eval()
    found = figures.match_figures(partial(score, head, val), val.captioned, seed)
    head.train()
    return found


def score(head: FusedTask, val: Captions, photos: Tensor, texts: Tensor) -> Tensor:
    """Probability of "match" of n pairs, [n]."""
    return head.predict(val.images(photos), val.texts.batch(texts))["matching"][:, 1]


def optimiser(head: FusedTask) -> torch.optim.Optimizer:
    """The tutorial's: stochastic gradient descent with momentum (Polyak 1964)."""
    found = torch.optim.SGD(head.parameters(), RATE, MOMENTUM, weight_decay=DECAY, nesterov=True)
    for group in found.param_groups:
        group["peak"] = group["lr"]
    return found


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "bert_resnet.jsonl")
    data, val = (read_captions(split, args, log) for split in ("train", "val"))
    head = FusedTask(**CHECKPOINTS["bert_resnet"].config, dropout=0.2)
    average, rng = Average(head, 0.99), np.random.default_rng(args.seed)
    epoch = 2 * len(data.captioned.photos) // CAPTIONED

    def step(i: int) -> dict[str, float]:
        image, text, truth = data.draw(rng, CAPTIONED)
        v, t = head.fusion.read_image(image), head.fusion.read_text(text)
        loss = head.loss(head.fusion.fuse(*blank_rows(head, v, t, rng, (DROPPED, DROPPED))).joint, truth)
        loss.backward()
        average.update(head)
        return {"loss": loss.item(), "alpha": head.fusion.alpha.item()}

    run_steps(
        step, [head, average], [optimiser(head)], steps=args.epochs * epoch, name="bert_resnet", log=log,
        checkpoint=args.out / "bert_resnet.pt", evaluate=lambda: figures.flat(measure(head, val, args.seed)),
        log_every=50, evaluate_every=epoch,
    )  # fmt: skip
    head.load_state_dict(cards.half_rounded(average.values))
    ship(head.eval(), measure(head, val, args.seed), args)


def epochs(path: Path) -> list[dict[str, float]]:
    """The validation figures after each epoch, from the log; of a run that was resumed, the later ones."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return list({line["step"]: line for line in lines if "English_AUC" in line}.values())


def ship(head: FusedTask, found: figures.Figures, args: argparse.Namespace) -> None:
    """Write weights/bert_resnet."""
    head.eval()
    card = {
        "kind": "matching",
        "architecture": "frozen E5 (a BERT) and ResNet-18, a projection each, sum with one learned weight, two layers",
        "parameters": cards.count_parameters(head),
        "labels": list(head.targets),
        "alpha": round(head.fusion.alpha.item(), 4),
        "trained_on": [cards.FLICKR8K],
        "licences": figures.LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.bert_resnet --out RUN --seed {args.seed} --epochs {args.epochs}",
        "seed": args.seed,
        "history": epochs(args.out / "bert_resnet.jsonl"),
        "metrics": figures.match_rows(found, args.seed),
        "known_failures": [
            "A sum keeps what each side says, not how the sides fit: the layers after it must find that out again.",
            "One vector a side: which word fits which place is lost before the sides meet.",
        ],
    }
    cards.write_weights("bert_resnet", head.state_dict(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    return figures.flat(measure(load_module("bert_resnet"), read_captions("val", args, log), args.seed))


def main() -> None:
    """Read the command line and train."""
    parser = recipe_parser(__doc__, steps=0)
    parser.add_argument("--epochs", type=int, default=8)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
