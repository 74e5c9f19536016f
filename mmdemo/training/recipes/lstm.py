"""Trains weights/lstm: the LSTM text tower, taught by multilingual-E5-small.

    python -m mmdemo.training.recipes.lstm --out RUN [--data DATA] [--seed 0]

For 91,000 captions in both languages and the sentiment lines, what weights/e5 says (its pooled vector) is computed
once. E5's 384 numbers do not fit into the LSTM's 256: it is asked for the 256 principal coordinates of them, number by
number in units of each one's spread, and for the same order among the batch's texts (`../distillation.py`). Each word
starts as the mean of what E5 says of the texts it stands in; what order adds, the LSTM must find out. Ten minutes on
one core of its own. Read next: `resnet_lstm.py`.
"""

import argparse
from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.loading import WEIGHTS, load_module
from mmdemo.training import cards, pairs
from mmdemo.training import distillation as distil
from mmdemo.training.caption_recall import caption_recalls, read_pooled
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import text_points
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.photos import read_index
from mmdemo.training.sentiment_lines import training_lines
from mmdemo.training.token_ids import Encoded, bucketed
from mmdemo.training.word_lists import encode_words, word_list, write_words
from mmdemo.types import mean_pool

WORDS, BATCH, CAPTIONS_SHARE = 4000, 128, 0.7
FITTED = 4000  # training captions of each language from which the map to the teacher is fitted, for figures alone


@dataclass
class Taught:
    """Texts, and what is asked of them: points [T, D], their mean zero; `weight` [T] is how often each is drawn."""

    texts: Encoded
    points: Tensor
    weight: Tensor


def read_texts(args: argparse.Namespace, log: Log) -> tuple[list[str], Tensor, Tensor]:
    """Training texts, the teacher's points [T, D] and draw weights [T]: captions first, then sentiment lines."""
    rows, device = read_index(args.data), training_device()
    captions = pairs.flickr8k(rows, "train").texts
    lines = [line["text"] for line in training_lines(rows, args.data)]
    said = [text_points(some, args.features, log, device=device) for some in (captions, lines)]
    shares = (CAPTIONS_SHARE, 1 - CAPTIONS_SHARE)
    weight = [torch.full((len(s),), share / len(s)) for s, share in zip(said, shares, strict=True)]
    return captions + lines, torch.cat(said), torch.cat(weight)


def read(tower: LstmEncoder, texts: Encoded, index: Tensor) -> Tensor:
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
    return {"point": distil.hint(point, target, scale), "order": distil.order(point, target)}


@torch.no_grad()
def start_from_meanings(tower: LstmEncoder, taught: Taught) -> None:
    """Give each word the mean point of the texts it stands in, in the points' first directions.

    A word's first vector then says already what it is about; rare words profit most.
    """
    table, lengths = tower.embedding.weight, taught.texts.lengths  # [V, E], [T]
    meanings = taught.points[:, : table.shape[1]]  # [T, E]
    text = torch.repeat_interleave(torch.arange(len(meanings)), lengths)
    share = 1.0 / lengths[text].float()
    sums = torch.zeros_like(table).index_add_(0, taught.texts.ids, meanings[text] * share[:, None])
    means = sums / torch.zeros(len(table)).index_add_(0, taught.texts.ids, share).clamp_min(1e-6)[:, None]
    table.copy_(means / means.std(0).clamp_min(1e-6))
    table[tower.embedding.padding_idx] = 0


def measure(tower: LstmEncoder, args: argparse.Namespace, log: Log) -> dict[str, dict[str, float]]:
    """Figures on Flickr8k val: captions of one photo, and per cent of the variance of E5's vectors that it explains.

    The variance is explained through a ridge regression on training captions, so that the figure needs the shipped
    weights alone.
    """
    tower.eval()
    rows = read_index(args.data)
    train, val = (pairs.flickr8k(rows, split) for split in ("train", "val"))
    figures = {"captions": caption_recalls(tower, val)}
    for name, kind in (("English", "en"), ("Chinese", "zh")):
        known, asked = ([some.texts[i] for i in some.of_kind(kind)] for some in (train, val))
        known = known[:: max(1, len(known) // FITTED)]
        ours = [read_pooled(tower, some) for some in (known, asked)]
        theirs = [text_points(some, args.features, log, device=training_device()) for some in (known, asked)]
        guess = distil.linear_map(ours[0], theirs[0])(ours[1])
        missed = (guess - theirs[1]).square().sum() / (theirs[1] - theirs[1].mean(0)).square().sum()
        figures[name] = {"variance_of_e5_explained": 100 * (1 - missed.item())}
    tower.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "lstm.jsonl")
    found, points, weight = read_texts(args, log)
    words = word_list(found, WORDS)
    tower = LstmEncoder(words, dropout=0.05)
    taught = Taught(encode_words(found, tower), principal(points, tower.width), weight)
    scale = distil.spread(taught.points)
    start_from_meanings(tower, taught)
    batches = bucketed(taught.texts.lengths, taught.weight, BATCH, args.seed)
    average = Average(tower, 0.998)

    def step(i: int) -> dict[str, float]:
        index = next(batches)
        losses = loss(read(tower, taught.texts, index), taught.points[index], scale)
        (losses["point"] + 0.3 * losses["order"]).backward()
        torch.nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        average.update(tower)
        return {name: value.item() for name, value in losses.items()}

    def check() -> dict[str, float]:
        return {f"{kind}_{k}": v for kind, some in measure(tower, args, log).items() for k, v in some.items()}

    run_steps(
        step, [tower, average], build_optimisers([tower], 3e-3), steps=args.steps, name="lstm", log=log,
        checkpoint=args.out / "lstm.pt", evaluate=check, log_every=50, evaluate_every=500,
    )  # fmt: skip
    tower.load_state_dict(cards.half_rounded(average.values))
    write_words(words, WEIGHTS / "lstm")
    ship(tower.eval(), len(found), args, log)


def ship(tower: LstmEncoder, texts: int, args: argparse.Namespace, log: Log) -> None:
    """Measure what is stored, write weights/lstm."""
    found, rows = measure(tower, args, log), []
    shared = {"split": "val (998 photos)", "seed": args.seed}
    rows += cards.metrics(found["captions"], dataset="Flickr8k and Flickr8k-CN", n=998, unit="%", **shared)
    for name in ("English", "Chinese"):
        dataset = f"Flickr8k, {name} captions, through a ridge map of {FITTED:,} training captions"
        rows += cards.metrics(found[name], dataset=dataset, n=4990, unit="%", **shared)
    card = {
        "kind": "encoder",
        "architecture": "torch.nn.LSTM, two layers, 100 -> 256, one direction; a linear layer on every state; mean",
        "parameters": cards.count_parameters(tower),
        "words": len(tower.vocab),
        "trained_on": [cards.FLICKR8K, f"{texts:,} captions and sentiment lines in all; teacher: weights/e5"],
        "licences": ["Weights: Apache-2.0", "Captions, tweets and Weibo lines: research and education"],
        "recipe": f"python -m mmdemo.training.recipes.lstm --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "lstm.jsonl", ["lstm"]),
        "metrics": rows,
        "known_failures": [
            "A word outside its list of 4,000 is [UNK]: names, rare things, most spelling mistakes.",
            "It reads Chinese character by character and has never seen most words as wholes.",
            "It can be no better than its teacher, weights/e5, and is worse.",
        ],
    }
    cards.write_weights("lstm", tower.state_dict(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    found = measure(load_module("lstm"), args, log)
    return {f"{kind}_{name}": value for kind, some in found.items() for name, value in some.items()}


def main() -> None:
    """Read the command line and train."""
    train(recipe_parser(__doc__, steps=1600).parse_args())


if __name__ == "__main__":
    main()
