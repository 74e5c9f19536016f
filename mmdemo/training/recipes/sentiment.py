"""Trains weights/sentiment: the feeling of a picture, of a text, and of both, on frozen towers.

    python -m mmdemo.training.recipes.sentiment --out RUN [--data DATA] [--seed 0]

Each step takes MVSA pairs (the picture's own label for the image head, the text's for the text head, the joint label
for the fused one) and lines of text in English and Chinese for the text head alone: 3,540 pairs are few. The members
learn one after the other, each from another seed; their weights are averaged over the steps, their answers over the
members. At last one temperature a verdict is fitted on validation answers. Read next: `data/sentiment_lines.py`.
"""

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.sentiment import Sentiment, SentimentMember
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs, short_texts
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import plain_view, read_index
from mmdemo.training.data.phrases import Line
from mmdemo.training.data.sentiment_lines import CAP, teaching_lines
from mmdemo.training.data.sides import Lines, Pairs, joined, rarity, read_lines, read_pairs
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure import sentiment as measured
from mmdemo.training.measure.systems import flat
from mmdemo.types import TokenSet

PAIRS_A_STEP, LINES_A_STEP, SEEDS = 256, 512, 3
VIEWS = ((plain_view, 0),)
SHARES = {"corpora": 1.0, "phrases": 0.5, "weak": 0.1, "captions": 0.05}  # of the lines drawn
SHARE_OF_LOSS = {"joint": 1.0, "image": 0.5, "text": 0.3, "lines": 1.0}
PEAK, SMOOTHING = 1.5e-3, 0.1  # learning rate at its height; label smoothing


def draw_chances(lines: Sequence[Line]) -> np.ndarray:
    """The chance of each line, [n] summing to 1: kinds by SHARES, small (corpus, label) cells above their size."""
    kinds = [next((kind for kind in SHARES if kind in line["dataset"]), "corpora") for line in lines]
    cells = Counter((line["dataset"], line["label"]) for line in lines)
    weight = np.array([cells[line["dataset"], line["label"]] ** -0.3 for line in lines])
    for kind in set(kinds):
        inside = np.array([k == kind for k in kinds])
        weight[inside] *= SHARES[kind] / weight[inside].sum()
    return weight / weight.sum()


def training_step(
    head: SentimentMember, train: Pairs, lines: Lines, chance: np.ndarray, rng: np.random.Generator
) -> dict[str, float]:
    """One batch of pairs and one of lines, four losses."""
    i = torch.from_numpy(rng.integers(len(train.joint), size=PAIRS_A_STEP))
    photos = train.pooled[train.any_view(rng)][i].float()  # [B, 1280]
    image, text, both = head(TokenSet.of_vectors(photos), TokenSet.of_vectors(train.text_vectors[i]))
    j = torch.from_numpy(rng.choice(len(chance), size=LINES_A_STEP, p=chance))
    _, line, _ = head(None, TokenSet.of_vectors(lines.vectors[j]))
    losses = {
        "joint": loss(both, train.joint[i], rarity(train.joint)),
        "image": loss(image, train.image[i], rarity(train.image)),
        "text": loss(text, train.text[i], rarity(train.text)),
        "lines": loss(line, lines.label[j]),
    }
    sum(SHARE_OF_LOSS[name] * value for name, value in losses.items()).backward()
    return {name: value.item() for name, value in losses.items()}


def loss(logits: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy with a little of each truth spread over all labels. logits [B, 3], truth [B] with -1 = unknown."""
    return F.cross_entropy(logits, truth, weight=weight, ignore_index=-1, label_smoothing=SMOOTHING)


def train_member(
    seed: int, train: Pairs, lines: Lines, chance: np.ndarray, args: argparse.Namespace, log: Log
) -> dict[str, Tensor]:
    """One member from its own seed: its averaged weights, as they come back from float16."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    config = {k: v for k, v in CHECKPOINTS["sentiment"].config.items() if k != "members"}
    head = SentimentMember(**config)
    average = Average(head, 0.995)
    run_steps(
        lambda i: training_step(head, train, lines, chance, rng), [head], build_optimisers([head], PEAK),
        average=average, steps=args.steps, name=f"member {seed}", log=log,
        checkpoint=args.out / f"sentiment-{seed}.pt", log_every=100,
    )  # fmt: skip
    return cards.half_rounded(average.values)


def assemble(states: Sequence[dict[str, Tensor]]) -> Sentiment:
    """The head whose members have these weights."""
    head = Sentiment(**CHECKPOINTS["sentiment"].config).eval().requires_grad_(False)
    for member, state in zip(head.members, states, strict=True):
        member.load_state_dict(state)
    return head


def train(args: argparse.Namespace) -> None:
    """The whole recipe: three heads from three seeds, so that their spread can be told; the first is shipped."""
    log = Log(args.out / "sentiment.jsonl")
    features, rows = Features(args.features, log), read_index(args.data)
    some, val = (read_pairs(part, VIEWS, features) for part in pairs.mvsa(rows))
    val_lines = measured.validation_lines(args.data, features)
    languages = teaching_lines(rows, args.data).values()
    lines = joined([read_lines(found, features) for found in languages])
    taught = [line for found in languages for line in found]
    chance = draw_chances(taught)
    heads, phrases = [], measured.short_lines(short_texts.read("development"), features)
    for seed in range(args.seed, args.seed + SEEDS):
        numbers = range(seed * 10, seed * 10 + CHECKPOINTS["sentiment"].config["members"])
        heads.append(assemble([train_member(n, some, lines, chance, args, log) for n in numbers]))
        figures = flat(measured.validate(heads[-1], val, val_lines))
        log(phase=f"seed {seed}", **figures, development=measured.short_texts_right(heads[-1], phrases))
    counts = {**cards.photo_counts(rows), "lines": len(taught), "cap": CAP}
    ship(heads, val, val_lines, measured.short_lines(short_texts.read("measured"), features), counts, args)


def ship(
    heads: Sequence[Sentiment], val: Pairs, lines: dict[str, Lines], short: dict[str, Lines], counts: dict[str, int],
    args: argparse.Namespace,
) -> None:  # fmt: skip
    """Calibrate the first head, measure it, and write weights/sentiment."""
    right = [{name: float(k) for name, k in measured.short_texts_right(head, short).items()} for head in heads]
    seeds = [
        measured.validate(head, val, lines) | {"short_texts_right": k} for head, k in zip(heads, right, strict=True)
    ]
    head = heads[0]
    calibration = measured.calibrate(head, val, lines)
    card = {
        "parameters": cards.count_parameters(head),
        "counts": counts | {"members": len(head.members)} | measured.counts(head, val, short),
        **cards.origin("sentiment", args, "seed", "steps", phases=[f"seed {args.seed}"]),
        "over_seeds": {"seeds": len(heads), "mean ± standard deviation": measured.spread(seeds)},
        "calibration": calibration,
        "metrics": measured.metric_rows(head, val, lines, short, calibration, args.seed),
    }
    cards.ship("sentiment", head, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Both sides and each alone on MVSA's validation pairs, the text side on lines and short texts too.

    `--cards` writes how often the verdict is right where the sides disagree, and where they agree, into the card.
    """
    features, head = Features(args.features, log), load_module("sentiment")
    val = read_pairs(pairs.mvsa(read_index(args.data))[1], VIEWS, features)
    figures = flat(measured.validate(head, val, measured.validation_lines(args.data, features)))
    short = measured.short_texts_right(head, measured.short_lines(short_texts.read("measured"), features))
    rows = measured.agreement_rows(head, val, args.seed)
    if args.cards:
        cards.write_metrics("sentiment", rows)
    figures |= {row["metric"]: row["value"] for row in rows}
    return figures | {f"{name}_short_texts_right": float(right) for name, right in short.items()}


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=1000).parse_args())
