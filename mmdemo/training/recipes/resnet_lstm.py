"""Trains weights/resnet_lstm: two-way attention between the frozen ResNet-18 and the frozen LSTM, match and sentiment.

    python -m mmdemo.training.recipes.resnet_lstm --out RUN [--data DATA] [--seed 0]

Match: captions of Flickr8k in both languages, half of them beside another photo, often one that could be theirs
(`alignment.py`). Sentiment: MVSA's pairs by their joint label, and lines of text as pairs without a photo. In three
steps of ten a side is taken away. Read next: `bert_resnet.py`.
"""

import argparse
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.resnet import ResNetEncoder
from mmdemo.loading import load_module
from mmdemo.tasks.resnet_lstm import ResNetLstm
from mmdemo.training import cards, pairs
from mmdemo.training import system_figures as figures
from mmdemo.training.alignment import align, true_and_false
from mmdemo.training.command import recipe_parser
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.photos import plain_view, random_view, read_index, squashed_view
from mmdemo.training.sentiment_data import class_indices, rarity
from mmdemo.training.sentiment_lines import training_lines
from mmdemo.training.system_data import Captions, Labelled, ReadTexts, drop_side, resnet_views
from mmdemo.types import FEELINGS as LABELS

MATCH_VIEWS = ((plain_view, 0), (squashed_view, 3))
MVSA_VIEWS = ((plain_view, 0), (squashed_view, 1), (random_view, 2))
CAPTIONED, PAIRS, LINES, DROPPED, DROPOUT = 64, 64, 64, 0.15, 0.3


class Data:
    """Both tasks' data by split, and the sentiment lines."""

    def __init__(self, args: argparse.Namespace, log: Log, splits: tuple[str, ...] = ("train", "val")) -> None:
        rows, tower = read_index(args.data), load_module("lstm")
        self.match, self.feeling = {}, {}
        for split in splits:
            views = slice(None) if split == "train" else slice(1)
            captioned, some = pairs.flickr8k(rows, split), pairs.mvsa(rows)[split == "val"]
            seen = resnet_views(captioned.photos, MATCH_VIEWS[views], args, log)
            self.match[split] = Captions(seen, ReadTexts(captioned.texts, tower), captioned)
            seen = resnet_views(some, MVSA_VIEWS[views], args, log)
            labels = class_indices([r["sentiment"] for r in some])
            self.feeling[split] = Labelled(seen, ReadTexts([r["text"] for r in some], tower), labels)
        if "train" in splits:
            lines = training_lines(rows, args.data)
            texts = ReadTexts([line["text"] for line in lines], tower)
            self.lines = Labelled([], texts, class_indices([line["label"] for line in lines]))


def training_step(head: ResNetLstm, data: Data, rng: np.random.Generator) -> dict[str, float]:
    """One batch of each task, and one of lines."""
    image, text = data.match["train"].draw_true(rng, CAPTIONED)
    aligned, other = align(*head.fusions["matching"].summaries(image, text), rng)
    image, text, truth = true_and_false(image, text, other)
    logits = head(*drop_side(image, text, rng, DROPPED), "matching")
    losses = {"aligned": aligned, "matching": F.cross_entropy(logits, truth)}
    for name, some, n in (("sentiment", data.feeling["train"], PAIRS), ("lines", data.lines, LINES)):
        *sides, truth = some.draw(rng, n)
        logits = head(*drop_side(*sides, rng, DROPPED), "sentiment")
        losses[name] = F.cross_entropy(logits, truth, rarity(some.labels), label_smoothing=0.05)
    (losses["aligned"] + losses["matching"] + losses["sentiment"] + 0.5 * losses["lines"]).backward()
    return {name: loss.item() for name, loss in losses.items()}


@torch.no_grad()
def measure(head: ResNetLstm, data: Data, seed: int | None) -> dict[str, figures.Figures]:
    """Figures by task on the validation sets; without a seed those of sentiment alone, which take a second."""
    head.eval()
    some = data.feeling["val"]
    everything = torch.arange(len(some.labels))
    image, text = some.images(everything), some.texts.batch(everything)
    said = {"both": (image, text), "image_only": (image, None), "text_only": (None, text)}
    logits = {name: head(*pair, "sentiment") for name, pair in said.items()}
    found = {"sentiment": figures.sentiment_figures(logits, some.labels)}
    if seed is not None:
        match = data.match["val"]
        found["match"] = figures.match_figures(partial(match_score, head, match), match.captioned, seed)
    head.train()
    return found


def match_score(head: ResNetLstm, match: Captions, photos: Tensor, texts: Tensor) -> Tensor:
    """Probability of "match" of n pairs, [n]."""
    return head(match.images(photos), match.texts.batch(texts), "matching").softmax(-1)[:, 1]


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "resnet_lstm.jsonl")
    data = Data(args, log)
    head = ResNetLstm(**CHECKPOINTS["resnet_lstm"].config, dropout=DROPOUT)
    average, rng = Average(head, 0.99), np.random.default_rng(args.seed)

    def step(i: int) -> dict[str, float]:
        found = training_step(head, data, rng)
        average.update(head)
        return found

    run_steps(
        step, [head, average], build_optimisers([head], 1.5e-3), steps=args.steps, name="resnet_lstm", log=log,
        checkpoint=args.out / "resnet_lstm.pt", log_every=50, evaluate_every=100,
        evaluate=lambda: figures.flat(measure(head, data, None)["sentiment"]),
    )  # fmt: skip
    head.load_state_dict(cards.half_rounded(average.values))
    found = measure(head, data, args.seed)
    log(phase="shipped", **{k: v for some in found.values() for k, v in figures.flat(some).items()})
    ship(head.eval(), found, args)


def ship(head: ResNetLstm, found: dict[str, figures.Figures], args: argparse.Namespace) -> None:
    """Write weights/resnet_lstm."""
    tower = ResNetEncoder()
    card = {
        "kind": "system",
        "architecture": "frozen ResNet-18 and two-layer LSTM (100 -> 256); self-attention over both, multi-head "
        "attention each way, concatenation, one classifier a task",
        "parameters": cards.count_parameters(head),
        "labels": list(LABELS),
        "trained_on": [cards.MVSA, cards.FLICKR8K, "The sentiment lines of weights/sentiment"],
        "licences": figures.LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.resnet_lstm --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "resnet_lstm.jsonl", ["resnet_lstm"]),
        "metrics": figures.match_rows(found["match"], args.seed)
        + figures.sentiment_rows(found["sentiment"], 394, args.seed),
        "known_failures": [
            f"It sees {tower.grid()[0]} x {tower.grid()[1]} places of a picture of {tower.size} pixels a side: small "
            "things are lost.",
            "A word outside the LSTM's list of 4,000 is unknown to it.",
            "Neutral is rare in MVSA (10 %) and is the label most often missed.",
        ],
    }
    cards.write_weights("resnet_lstm", head.state_dict(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    found = measure(load_module("resnet_lstm"), Data(args, log, ("val",)), args.seed)
    return {k: v for some in found.values() for k, v in figures.flat(some).items()}


def main() -> None:
    """Read the command line and train."""
    train(recipe_parser(__doc__, steps=400).parse_args())


if __name__ == "__main__":
    main()
