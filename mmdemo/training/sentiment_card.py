"""What is measured of the sentiment head, how its probabilities are calibrated, and the card that says both.

Read next: `recipes/sentiment.py`.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.sentiment import FEELINGS as LABELS
from mmdemo.tasks.sentiment import VERDICTS, Sentiment, fit_temperature
from mmdemo.training import cards, metrics
from mmdemo.training.features import pooled_set
from mmdemo.training.loop import Log
from mmdemo.training.sentiment_data import Lines, Pairs, read_lines
from mmdemo.training.sentiment_lines import LANGUAGES, validation_texts
from mmdemo.training.short_texts import MEASURED, Texts, listed
from mmdemo.training.system_figures import MVSA_SPLIT, Figures, flat, sentiment_rows

SIDES = {"both": "both", "image": "image_only", "text": "text_only"}  # a verdict's name in the card
PAIRS = "MVSA-Single, joint label"
TRAINED_ON = [
    "English tweets and reviews: TweetEval, SemEval 2013-2016, VADER, SST-5, US Airline, MVSA-Multiple",
    "Chinese lines: SMP2020-EWECT, weibo_senti_100k, ChnSentiCorp, waimai_10k, online_shopping_10_cats",
    "Phrases made by rule (training/phrases.py); valences of VADER's lexicon (Hutto and Gilbert 2014, MIT)",
    "Tatoeba's English-Chinese sentences (CC BY 2.0), labelled by VADER's words in their English half",
    "Captions of Flickr8k and Flickr8k-CN as neutral lines",
]
LICENCES = [
    "Weights: Apache-2.0",
    "Tweets, Weibo lines, captions and their photos: research only",
    "VADER's lexicon: MIT; Tatoeba: CC BY 2.0",
]


@dataclass
class Answers:
    """Logits [n, 3] and labels [n] of one verdict."""

    logits: Tensor
    truth: Tensor


def short_lines(texts: Texts, run: Path, log: Log) -> dict[str, Lines]:
    """The text tower over short texts, by language."""
    found = {name: [{"text": t, "label": label} for t, label in listed(texts, name)] for name in texts}
    return {name: read_lines(some, run, log) for name, some in found.items()}


def validation_lines(data: Path, run: Path, log: Log) -> dict[str, Lines]:
    """The corpora's validation lines by language."""
    return {name: read_lines(validation_texts(data, code), run, log) for name, code in LANGUAGES.items()}


@torch.no_grad()
def text_logits(head: Sentiment, lines: Lines) -> Tensor:
    """The text side on every line, [n, 3]."""
    return head(None, pooled_set(lines.vectors))[1]


@torch.no_grad()
def pair_logits(head: Sentiment, val: Pairs) -> dict[str, Tensor]:
    """The three verdicts on every pair by name, [n, 3] each."""
    said = head(pooled_set(val.views[0].float()), pooled_set(val.text_vectors))
    return dict(zip(VERDICTS, said, strict=True))


def validate(head: Sentiment, val: Pairs, lines: dict[str, Lines]) -> Figures:
    """Accuracy and macro-F1: both sides and each alone against the joint label, and the text side on lines."""
    said = pair_logits(head, val)
    found = {card: _classes(Answers(said[name], val.joint)) for name, card in SIDES.items()}
    return found | {name: _classes(Answers(text_logits(head, some), some.label)) for name, some in lines.items()}


def short_texts_right(head: Sentiment, lines: dict[str, Lines]) -> dict[str, int]:
    """How many short texts get their feeling, by language."""
    return {name: int((text_logits(head, x).argmax(1) == x.label).sum()) for name, x in lines.items()}


def _classes(said: Answers) -> dict[str, float]:
    return metrics.classes(said.logits.argmax(1).numpy(), said.truth.numpy())


def answers(head: Sentiment, val: Pairs, lines: dict[str, Lines]) -> dict[str, Answers]:
    """What each verdict is calibrated on: pairs by their joint label; a text by its own label, lines of all corpora."""
    said = pair_logits(head, val)
    texts = [Answers(text_logits(head, some), some.label) for some in lines.values()]
    return {
        "image": Answers(said["image"], val.joint),
        "text": Answers(torch.cat([t.logits for t in texts]), torch.cat([t.truth for t in texts])),
        "both": Answers(said["both"], val.joint),
    }


def calibrate(head: Sentiment, val: Pairs, lines: dict[str, Lines]) -> Figures:
    """Fit one temperature a verdict; what each is, and the calibration error before and after, by halves.

    The error after is cross-fitted: each half of the answers by the temperature of the other half.
    """
    head.temperature.fill_(1.0)
    found = {}
    for i, (name, said) in enumerate(answers(head, val, lines).items()):
        half = torch.from_numpy(np.random.default_rng(0).permutation(len(said.truth)) % 2)
        other = {h: fit_temperature(said.logits[half != h], said.truth[half != h]) for h in (0, 1)}
        t = torch.where(half == 0, other[0], other[1]).unsqueeze(1)
        found[name] = {
            "temperature": fit_temperature(said.logits, said.truth),
            "calibration_error_uncalibrated": top_label_error(said.logits, said.truth),
            "calibration_error": top_label_error(said.logits / t, said.truth),
        }
        head.temperature[i] = found[name]["temperature"]
    return found


def top_label_error(logits: Tensor, truth: Tensor) -> float:
    """Expected calibration error in [0, 1] of the most probable label: its probability against being right."""
    confidence, label = logits.softmax(-1).max(-1)
    return metrics.calibration_error(confidence.double().numpy(), (label == truth).double().numpy())


def metric_rows(
    head: Sentiment, val: Pairs, lines: dict[str, Lines], short: dict[str, Lines], calibration: Figures, seed: int
) -> list[cards.Metric]:
    """Every figure of the shipped head with data set, split, count and seed."""
    found, n = validate(head, val, lines), len(val.joint)
    rows = sentiment_rows({name: found[name] for name in SIDES.values()}, n, seed)
    for name, some in lines.items():
        figures = {f"text_only_{key}": value for key, value in found[name].items()}
        where = {"dataset": f"{name} sentiment lines", "split": "val", "n": len(some.label)}
        rows += cards.metrics(figures, **where, seed=seed, unit="%")
    for name, right in short_texts_right(head, short).items():
        where = {"dataset": f"{name} short texts of training/short_texts.py", "split": "written before training"}
        rows += cards.metrics({"short_texts_right": right}, **where, n=len(short[name].label), seed=seed)
    on = {"image": (PAIRS, MVSA_SPLIT, n), "both": (PAIRS, MVSA_SPLIT, n)}
    on["text"] = ("English and Chinese sentiment lines", "val", sum(len(some.label) for some in lines.values()))
    for name, card in SIDES.items():
        dataset, split, count = on[name]
        figures = {f"{card}_calibration_error": calibration[name]["calibration_error"]}
        rows += cards.metrics(figures, dataset=dataset, split=f"{split}, cross-fitted", n=count, seed=seed)
    return rows


def known_failures(head: Sentiment, val: Pairs, short: dict[str, Lines]) -> list[str]:
    """Where the shipped head errs, counted on the validation pairs and the short texts."""
    label = pair_logits(head, val)["both"].argmax(1)
    right = label == val.joint
    recalls = ", ".join(f"{name} {_share(right, val.joint == i)}" for i, name in enumerate(LABELS))
    apart = (val.image != val.text) & (val.image >= 0) & (val.text >= 0)
    cheerful = (val.text == LABELS.index("positive")) & (val.joint == LABELS.index("negative"))
    wrong = {name: int((text_logits(head, some).argmax(1) != some.label).sum()) for name, some in short.items()}
    return [
        f"By label, both sides given, right on MVSA's validation pairs: {recalls}.",
        f"Where photo and text feel different by their own labels {_share(right, apart)} are right, else "
        f"{_share(right, ~apart)}.",
        f"Irony: of the pairs with cheerful words that are negative together {_share(right, cheerful)} are found.",
        f"Of the short texts {wrong['English']} English and {wrong['Chinese']} Chinese ones get another feeling.",
        "The text side reads one mean vector: the order of words reaches it only through E5.",
        "Tweets of 2012 to 2020; other times, places and kinds of text were not checked.",
    ]


def _share(right: Tensor, among: Tensor) -> str:
    """How many of some rows are right, "12 of 43"."""
    return f"{int((right & among).sum())} of {int(among.sum())}"


def spread(found: Sequence[Figures]) -> dict[str, str]:
    """Mean and standard deviation of each figure over heads from different seeds, "74.1 ± 0.4"."""
    values = {key: np.array([flat(figures)[key] for figures in found]) for key in flat(found[0])}
    return {key: f"{v.mean():.1f} ± {v.std(ddof=1):.1f}" for key, v in values.items()}


def ship(
    heads: Sequence[Sentiment], val: Pairs, lines: dict[str, Lines], taught: Counter[str], args: argparse.Namespace,
    log: Log,
) -> None:  # fmt: skip
    """Calibrate the first head, measure it, and write weights/sentiment."""
    short = short_lines(MEASURED, args.features, log)
    right = [{name: float(k) for name, k in short_texts_right(head, short).items()} for head in heads]
    seeds = [validate(head, val, lines) | {"short_texts_right": k} for head, k in zip(heads, right, strict=True)]
    head = heads[0]
    calibration = calibrate(head, val, lines)
    count = len(head.members)
    card = {
        "kind": "sentiment",
        "architecture": f"frozen efficientnet and e5, pooled vectors; {count} small networks, their logits averaged; "
        "each a projection a side, their mix beside both sides' logits, three heads; one temperature a verdict",
        "parameters": cards.count_parameters(head),
        "labels": list(LABELS),
        "trained_on": [
            cards.MVSA,
            *TRAINED_ON,
            f"Lines in all: {sum(taught.values()):,}, at most 500 a corpus and label",
        ],
        "licences": LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.sentiment --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "sentiment.jsonl", [f"seed {args.seed}"]),
        "over_seeds": {"seeds": len(heads), "mean ± standard deviation": spread(seeds)},
        "calibration": calibration,
        "metrics": metric_rows(head, val, lines, short, calibration, args.seed),
        "known_failures": known_failures(head, val, short),
    }
    cards.write_weights("sentiment", head.state_dict(), card)
