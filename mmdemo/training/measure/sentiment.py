"""What is measured of the sentiment head, and how it is calibrated. Read next: `recipes/sentiment.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.sentiment import VERDICTS, Sentiment, fit_temperature
from mmdemo.training import cards
from mmdemo.training.data.features import Features
from mmdemo.training.data.pairs import LANGUAGES
from mmdemo.training.data.sentiment_lines import validation_texts
from mmdemo.training.data.short_texts import Texts, listed
from mmdemo.training.data.sides import Lines, Pairs, read_lines
from mmdemo.training.measure import metrics
from mmdemo.training.measure.systems import MVSA, MVSA_SPLIT, Figures, flat, sentiment_rows
from mmdemo.types import FEELINGS as LABELS
from mmdemo.types import TokenSet

SIDES = {"both": "both", "image": "image_only", "text": "text_only"}  # a verdict's name in the card
LinesByLanguage = Mapping[str, Lines]


@dataclass
class Answers:
    """Logits [n, 3] and labels [n] of one verdict."""

    logits: Tensor
    truth: Tensor

    def figures(self) -> dict[str, float]:
        """Accuracy and macro-F1 in per cent."""
        return metrics.classes(self.logits.argmax(1).numpy(), self.truth.numpy())


def short_lines(texts: Texts, features: Features) -> dict[str, Lines]:
    """The text tower over short texts, by language."""
    listed_lines = {name: [{"text": t, "label": label} for t, label in listed(texts, name)] for name in texts}
    return {name: read_lines(some, features) for name, some in listed_lines.items()}


def validation_lines(data: Path, features: Features) -> dict[str, Lines]:
    """The corpora's validation lines by language."""
    return {name: read_lines(validation_texts(data, code), features) for name, code in LANGUAGES.items()}


@torch.no_grad()
def text_logits(head: Sentiment, lines: Lines) -> Tensor:
    """The text side on every line, [n, 3]."""
    return head(None, TokenSet.of_vectors(lines.vectors))[1]


@torch.no_grad()
def pair_logits(head: Sentiment, val: Pairs) -> dict[str, Tensor]:
    """The three verdicts on every pair by name, [n, 3] each."""
    said = head(TokenSet.of_vectors(val.pooled[0].float()), TokenSet.of_vectors(val.text_vectors))
    return dict(zip(VERDICTS, said, strict=True))


def validate(head: Sentiment, val: Pairs, lines: LinesByLanguage) -> Figures:
    """Accuracy and macro-F1: both sides and each alone against the joint label, and the text side on lines."""
    said = pair_logits(head, val)
    figures = {card: Answers(said[name], val.joint).figures() for name, card in SIDES.items()}
    return figures | {name: Answers(text_logits(head, some), some.label).figures() for name, some in lines.items()}


def agreement_rows(head: Sentiment, val: Pairs, seed: int) -> list[cards.Metric]:
    """Accuracy of the joint verdict where the two single-side verdicts name different labels, and where the same."""
    said = pair_logits(head, val)
    right = said["both"].argmax(1) == val.joint
    apart = said["image"].argmax(1) != said["text"].argmax(1)
    rows = []
    for name, among in (("disagree", apart), ("agree", ~apart)):
        figures = {f"both_accuracy_where_sides_{name}": 100 * right[among].double().mean()}
        rows += cards.metrics(figures, dataset=MVSA, split=MVSA_SPLIT, n=int(among.sum()), seed=seed, unit="%")
    return rows


def short_texts_right(head: Sentiment, lines: LinesByLanguage) -> dict[str, int]:
    """How many short texts get their feeling, by language."""
    return {name: int((text_logits(head, x).argmax(1) == x.label).sum()) for name, x in lines.items()}


def answers(head: Sentiment, val: Pairs, lines: LinesByLanguage) -> dict[str, Answers]:
    """What each verdict is calibrated on: pairs by their joint label; a text by its own label, lines of all corpora."""
    said = pair_logits(head, val)
    texts = [Answers(text_logits(head, some), some.label) for some in lines.values()]
    return {
        "image": Answers(said["image"], val.joint),
        "text": Answers(torch.cat([t.logits for t in texts]), torch.cat([t.truth for t in texts])),
        "both": Answers(said["both"], val.joint),
    }


def calibrate(head: Sentiment, val: Pairs, lines: LinesByLanguage) -> Figures:
    """Fit one temperature a verdict; what each is, and the calibration error before and after, by halves.

    The error after is cross-fitted: each half of the answers by the temperature of the other half.
    """
    head.temperature.fill_(1.0)
    figures = {}
    for i, (name, said) in enumerate(answers(head, val, lines).items()):
        half = torch.from_numpy(np.random.default_rng(0).permutation(len(said.truth)) % 2)
        other = {h: fit_temperature(said.logits[half != h], said.truth[half != h]) for h in (0, 1)}
        t = torch.where(half == 0, other[0], other[1]).unsqueeze(1)
        figures[name] = {
            "temperature": fit_temperature(said.logits, said.truth),
            "calibration_error_uncalibrated": top_label_error(said.logits, said.truth),
            "calibration_error": top_label_error(said.logits / t, said.truth),
        }
        head.temperature[i] = figures[name]["temperature"]
    return figures


def top_label_error(logits: Tensor, truth: Tensor) -> float:
    """Expected calibration error in [0, 1] of the most probable label: its probability against being right."""
    confidence, label = logits.softmax(-1).max(-1)
    return metrics.calibration_error(confidence.double().numpy(), (label == truth).double().numpy())


def metric_rows(
    head: Sentiment, val: Pairs, lines: LinesByLanguage, short: LinesByLanguage, calibration: Figures, seed: int
) -> list[cards.Metric]:
    """Every figure of the shipped head with data set, split, count and seed."""
    by_group, n = validate(head, val, lines), len(val.joint)
    rows = sentiment_rows({name: by_group[name] for name in SIDES.values()}, n, seed)
    rows += agreement_rows(head, val, seed)
    for name, some in lines.items():
        figures = {f"text_only_{key}": value for key, value in by_group[name].items()}
        where = {"dataset": f"{name} sentiment lines", "split": "val", "n": len(some.label)}
        rows += cards.metrics(figures, **where, seed=seed, unit="%")
    for name, right in short_texts_right(head, short).items():
        where = {"dataset": f"{name} short texts of training/data/short_texts.py", "split": "written before training"}
        rows += cards.metrics({"short_texts_right": right}, **where, n=len(short[name].label), seed=seed)
    on = {"image": (MVSA, MVSA_SPLIT, n), "both": (MVSA, MVSA_SPLIT, n)}
    on["text"] = ("English and Chinese sentiment lines", "val", sum(len(some.label) for some in lines.values()))
    for name, card in SIDES.items():
        dataset, split, count = on[name]
        figures = {f"{card}_calibration_error": calibration[name]["calibration_error"]}
        rows += cards.metrics(figures, dataset=dataset, split=f"{split}, cross-fitted", n=count, seed=seed)
    return rows


def counts(head: Sentiment, val: Pairs, short: LinesByLanguage) -> dict[str, list[int]]:
    """[right, of how many] validation pairs by label, and where the sides' own labels differ or not; short texts."""
    right = pair_logits(head, val)["both"].argmax(1) == val.joint
    differ = (val.image != val.text) & (val.image >= 0) & (val.text >= 0)
    among = {name: val.joint == i for i, name in enumerate(LABELS)} | {"labels_differ": differ, "labels_alike": ~differ}
    said = {name: [int((right & some).sum()), int(some.sum())] for name, some in among.items()}
    wrong = [int((text_logits(head, some).argmax(1) != some.label).sum()) for some in short.values()]
    return said | {"short_wrong": wrong}


def spread(of_seeds: Sequence[Figures]) -> dict[str, str]:
    """Mean and standard deviation of each figure over heads from different seeds, "74.1 ± 0.4"."""
    values = {key: np.array([flat(figures)[key] for figures in of_seeds]) for key in flat(of_seeds[0])}
    return {key: f"{v.mean():.1f} ± {v.std(ddof=1):.1f}" for key, v in values.items()}
