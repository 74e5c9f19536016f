"""Trains weights/lstm: the LSTM text tower, taught by multilingual-E5-small.

    python -m mmdemo.training.recipes.lstm --out RUN [--data DATA] [--seed 0]

For 91,000 captions in both languages and the sentiment lines, what weights/e5 says (its pooled vector) is computed
once. E5's 384 numbers do not fit into the LSTM's 256: it is asked for the 256 principal coordinates of them, number by
number in units of each one's spread, and for the same order among the batch's texts (`distil/hints.py`). Each word
starts as the mean of what E5 says of the texts it stands in; what order adds, the LSTM must find out. Ten minutes on
one core of its own. Read next: `resnet_lstm.py`.
"""

import argparse
from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.loading import load_module
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import read_index
from mmdemo.training.data.ragged import TextIds, bucketed
from mmdemo.training.data.sentiment_lines import training_lines
from mmdemo.training.data.word_lists import encode_words, word_list
from mmdemo.training.distil import hints
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure.caption_recall import caption_recalls, read_pooled
from mmdemo.training.measure.systems import LANGUAGES, flat, val_split
from mmdemo.types import mean_pool

WORDS, BATCH, CAPTIONS_SHARE = 4000, 128, 0.7
FITTED = 4000  # training captions of each language from which the map to the teacher is fitted, for figures alone


@dataclass
class Taught:
    """Texts, and what is asked of them: points [T, D], their mean zero; `weight` [T] is how often each is drawn."""

    texts: TextIds
    points: Tensor
    weight: Tensor


def read_texts(args: argparse.Namespace, log: Log) -> tuple[list[str], Tensor, Tensor]:
    """Training texts, the teacher's points [T, D] and draw weights [T]: captions first, then sentiment lines."""
    rows, features = read_index(args.data), Features(args.features, log)
    captions = pairs.flickr8k(rows, "train").texts
    lines = [line["text"] for line in training_lines(rows, args.data)]
    said = [features.text_points(some) for some in (captions, lines)]
    shares = (CAPTIONS_SHARE, 1 - CAPTIONS_SHARE)
    weight = [torch.full((len(s),), share / len(s)) for s, share in zip(said, shares, strict=True)]
    return captions + lines, torch.cat(said), torch.cat(weight)


def read(tower: LstmEncoder, texts: TextIds, index: Tensor) -> Tensor:
    """Pooled vectors of the texts of `index`, [B, D]."""
    ids, mask = texts.padded(index)
    return mean_pool(tower.tokens(ids), mask)


@torch.no_grad()
def principal(points: Tensor, width: int) -> Tensor:
    """Points [T, D] less their mean, in the `width` directions in which they differ most, [T, width]."""
    away = points - points.mean(0)
    _, _, directions = torch.linalg.svd(torch.cov(away[::7].T))
    return away @ directions[:width].T


def loss(point: Tensor, target: Tensor, scale: Tensor) -> dict[str, Tensor]:
    """How far from what is asked, and from the order among the points. point, target [B, D]; scale [D]."""
    return {"point": hints.hint(point, target, scale), "order": hints.order(point, target)}


@torch.no_grad()
def start_from_meanings(tower: LstmEncoder, taught: Taught) -> None:
    """Give each word the mean point of the texts it stands in, in the points' first directions.

    A word's first vector then says already what it is about; rare words profit most.
    """
    table, lengths = tower.embedding.weight, taught.texts.lengths  # [V, E], [T]
    meanings = taught.points[:, : table.shape[1]]  # [T, E]
    text = torch.repeat_interleave(torch.arange(len(meanings)), lengths)
    share = 1.0 / lengths[text].float()
    sums = torch.zeros_like(table).index_add_(0, taught.texts.values, meanings[text] * share[:, None])
    means = sums / torch.zeros(len(table)).index_add_(0, taught.texts.values, share).clamp_min(1e-6)[:, None]
    table.copy_(means / means.std(0).clamp_min(1e-6))
    table[tower.embedding.padding_idx] = 0


def measure(tower: LstmEncoder, args: argparse.Namespace, log: Log) -> dict[str, dict[str, float]]:
    """Figures on Flickr8k val: captions of one photo, and per cent of the variance of E5's vectors that it explains.

    The variance is explained through a ridge regression on training captions, so that the figure needs the shipped
    weights alone.
    """
    tower.eval()
    rows, features = read_index(args.data), Features(args.features, log)
    train, val = (pairs.flickr8k(rows, split) for split in ("train", "val"))
    figures = {"captions": caption_recalls(tower, val)}
    for name, kind in LANGUAGES.items():
        known, asked = ([some.texts[i] for i in some.of_kind(kind)] for some in (train, val))
        known = known[:: max(1, len(known) // FITTED)]
        ours = [read_pooled(tower, some) for some in (known, asked)]
        theirs = [features.text_points(some) for some in (known, asked)]
        guess = hints.linear_map(ours[0], theirs[0])(ours[1])
        missed = (guess - theirs[1]).square().sum() / (theirs[1] - theirs[1].mean(0)).square().sum()
        figures[name] = {"variance_of_e5_explained": 100 * (1 - missed.item())}
    tower.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "lstm.jsonl")
    texts, points, weight = read_texts(args, log)
    words = word_list(texts, WORDS)
    tower = LstmEncoder(words, dropout=0.05)
    taught = Taught(encode_words(texts, tower), principal(points, tower.width), weight)
    scale = hints.spread(taught.points)
    start_from_meanings(tower, taught)
    batches = bucketed(taught.texts.lengths, taught.weight, BATCH, args.seed)
    average = Average(tower, 0.998)

    def step(i: int) -> dict[str, float]:
        index = next(batches)
        losses = loss(read(tower, taught.texts, index), taught.points[index], scale)
        (losses["point"] + 0.3 * losses["order"]).backward()
        torch.nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        return {name: value.item() for name, value in losses.items()}

    run_steps(
        step, [tower], build_optimisers([tower], 3e-3), average=average, steps=args.steps, name="lstm", log=log,
        checkpoint=args.out / "lstm.pt", evaluate=lambda: flat(measure(tower, args, log)), log_every=50,
        evaluate_every=500,
    )  # fmt: skip
    tower.load_state_dict(cards.half_rounded(average.values))
    cards.write_lines("lstm", "vocab.txt", words)
    ship(tower.eval(), len(texts), args, log)


def ship(tower: LstmEncoder, texts: int, args: argparse.Namespace, log: Log) -> None:
    """Measure what is stored, write weights/lstm."""
    figures, index = measure(tower, args, log), read_index(args.data)
    val = pairs.flickr8k(index, "val")
    shared = {"split": val_split(val), "seed": args.seed, "unit": "%"}
    rows = cards.metrics(figures["captions"], dataset="Flickr8k and Flickr8k-CN", n=len(val.photos), **shared)
    for name, kind in LANGUAGES.items():
        dataset = f"Flickr8k, {name} captions, through a ridge map of {FITTED:,} training captions"
        rows += cards.metrics(figures[name], dataset=dataset, n=len(val.of_kind(kind)), **shared)
    card = {
        "parameters": cards.count_parameters(tower),
        "words": len(tower.vocab),
        "counts": {**cards.photo_counts(index), "texts": texts, "teacher": "weights/e5"},
        **cards.origin("lstm", args, "seed", "steps", phases=["lstm"]),
        "metrics": rows,
    }
    cards.ship("lstm", tower, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    return flat(measure(load_module("lstm"), args, log))


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=1600).parse_args())
