"""Trains weights/resnet_lstm: two-way attention between the frozen ResNet-18 and the frozen LSTM, match and sentiment.

    python -m mmdemo.training.recipes.resnet_lstm --out RUN [--data DATA] [--seed 0]

Match: captions of Flickr8k in both languages, half of them beside another photo, often one that could be theirs
(`alignment.py`). Sentiment: MVSA's pairs by their joint label, and lines of text as pairs without a photo. In three
steps of ten a side is taken away. Read next: `bert_resnet.py`.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.resnet import ResNetEncoder
from mmdemo.loading import load_module
from mmdemo.tasks.resnet_lstm import ResNetLstm
from mmdemo.training import cards
from mmdemo.training.alignment import align, true_and_false
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import plain_view, random_view, read_index, squashed_view
from mmdemo.training.data.sentiment_lines import training_lines
from mmdemo.training.data.sides import Captions, Labelled, ReadTexts, by_side, class_indices, drop_side, rarity, see
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure import systems
from mmdemo.types import FEELINGS as LABELS

MATCH_VIEWS = ((plain_view, 0), (squashed_view, 3))
MVSA_VIEWS = ((plain_view, 0), (squashed_view, 1), (random_view, 2))
CAPTIONED, PAIRS, LINES, DROPPED, DROPOUT = 64, 64, 64, 0.15, 0.3


class Data:
    """Both tasks' data by split, and the sentiment lines."""

    def __init__(self, args: argparse.Namespace, log: Log, splits: tuple[str, ...] = ("train", "val")) -> None:
        self.rows, self.tower, features = read_index(args.data), load_module("lstm"), Features(args.features, log)
        self.match, self.feeling = {}, {}
        for split in splits:
            views = slice(None) if split == "train" else slice(1)
            captioned, some = pairs.flickr8k(self.rows, split), pairs.mvsa(self.rows)[split == "val"]
            seen = see(captioned.photos, MATCH_VIEWS[views], features, "resnet")
            self.match[split] = Captions(seen, ReadTexts(captioned.texts, self.tower), captioned)
            self.feeling[split] = self.labelled(see(some, MVSA_VIEWS[views], features, "resnet"), some, "sentiment")
        if "train" in splits:
            self.lines = self.labelled([], training_lines(self.rows, args.data), "label")

    def labelled(self, views: list[Tensor], rows: list[dict], key: str) -> Labelled:
        """Texts with a label each, and their photos where there are some."""
        texts = ReadTexts([row["text"] for row in rows], self.tower)
        return Labelled(views, texts, class_indices([row[key] for row in rows]))


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
def measure(head: ResNetLstm, data: Data, seed: int | None) -> dict[str, systems.Figures]:
    """Figures by task on the validation sets; without a seed those of sentiment alone, which take a second."""

    def match_score(photos: Tensor, texts: Tensor) -> Tensor:
        return head(match.images(photos), match.texts.batch(texts), "matching").softmax(-1)[:, 1]

    head.eval()
    match, some = data.match["val"], data.feeling["val"]
    everything = torch.arange(len(some.labels))
    sides = some.images(everything), some.texts.batch(everything)
    logits = by_side(lambda image, text: head(image, text, "sentiment"), *sides)
    by_task = {"sentiment": systems.sentiment_figures(logits, some.labels)}
    if seed is not None:
        by_task["match"] = systems.match_figures(match_score, match.captioned, seed)
    head.train()
    return by_task


def flat(by_task: dict[str, systems.Figures]) -> dict[str, float]:
    """The figures of all tasks in one level."""
    return {k: v for some in by_task.values() for k, v in systems.flat(some).items()}


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "resnet_lstm.jsonl")
    data = Data(args, log)
    head = ResNetLstm(**CHECKPOINTS["resnet_lstm"].config, dropout=DROPOUT)
    average, rng = Average(head, 0.99), np.random.default_rng(args.seed)
    run_steps(
        lambda i: training_step(head, data, rng), [head], build_optimisers([head], 1.5e-3), average=average,
        steps=args.steps, name="resnet_lstm", log=log, checkpoint=args.out / "resnet_lstm.pt",
        log_every=50, evaluate_every=100, evaluate=lambda: flat(measure(head, data, None)),
    )  # fmt: skip
    head.load_state_dict(cards.half_rounded(average.values))
    by_task = measure(head, data, args.seed)
    log(phase="shipped", **flat(by_task))
    ship(head.eval(), by_task, data, args)


def ship(head: ResNetLstm, by_task: dict[str, systems.Figures], data: Data, args: argparse.Namespace) -> None:
    """Write weights/resnet_lstm."""
    tower, words = ResNetEncoder(), data.tower
    card = {
        "parameters": cards.count_parameters(head),
        "counts": {
            **cards.photo_counts(data.rows),
            "embedding": words.embedding.embedding_dim,
            "width": words.width,
            "words": len(words.vocab),
            "size": tower.size,
            "side": tower.grid()[0],
            "neutral": 100 * (data.feeling["train"].labels == LABELS.index("neutral")).float().mean().item(),
        },
        **cards.origin("resnet_lstm", args, "seed", "steps", phases=["resnet_lstm"]),
        "metrics": systems.match_rows(by_task["match"], data.match["val"].captioned, args.seed)
        + systems.sentiment_rows(by_task["sentiment"], len(data.feeling["val"].labels), args.seed),
    }
    cards.ship("resnet_lstm", head, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    return flat(measure(load_module("resnet_lstm"), Data(args, log, ("val",)), args.seed))


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=400).parse_args())
