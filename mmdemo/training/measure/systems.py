"""What is measured of every head that matches or feels, in the same words, so that cards can be laid side by side.

Match: every validation caption of Flickr8k with its own photo and with one other, drawn by seed. Sentiment: MVSA's
validation pairs by their joint label, both sides given and each alone. Read next: `recipes/pixels_tfidf.py`.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.matching import Calibration
from mmdemo.training import cards
from mmdemo.training.data.pairs import LANGUAGES, Captioned
from mmdemo.training.measure import metrics

Figures = dict[str, dict[str, float]]
Score = Callable[[Tensor, Tensor], Tensor]  # (photos [n], texts [n]) -> what a head says of these pairs [n]
MVSA, MVSA_SPLIT = "MVSA-Single, joint label", "10 % of the labelled pairs, stratified, photo groups whole, seed 0"


def own_and_other(captioned: Captioned, kind: str, seed: int, every: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Every n-th caption of a kind with its own and with one other photo: texts [2n], photos [2n], truth [2n]."""
    t = torch.from_numpy(captioned.of_kind(kind)[::every])
    own, photos = torch.from_numpy(captioned.photo_of_text)[t], len(captioned.photos)
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, photos, size=len(t)))
    return torch.cat([t, t]), torch.cat([own, (own + shift) % photos]), (torch.arange(2 * len(t)) < len(t)).float()


@torch.no_grad()
def scored(score: Score, photos: Tensor, texts: Tensor, chunk: int = 256) -> Tensor:
    """What a head says of n pairs, a few at a time, [n]."""
    return torch.cat([score(p, t) for p, t in zip(photos.split(chunk), texts.split(chunk), strict=True)])


def cross_fitted(
    calibration: Calibration, value: Tensor, truth: Tensor, photo: Tensor, weight: Tensor | None = None
) -> Tensor:
    """Probabilities [n] of raw values [n]: each half of the photos by the other half's fit. Left fitted on all."""
    probability = torch.zeros_like(value)
    for half in (0, 1):
        fit = photo % 2 == half
        calibration.fit(value[fit], truth[fit], None if weight is None else weight[fit])
        probability[~fit] = calibration(value[~fit])
    calibration.fit(value, truth, weight)
    return probability


def match_figures(score: Score, val: Captioned, seed: int) -> Figures:
    """AUC, accuracy at 0.5 and calibration error of the probability of "match", by language."""
    figures: Figures = {}
    for name, kind in LANGUAGES.items():
        texts, photos, truth = own_and_other(val, kind, seed)
        figures[name] = metrics.yes_no(scored(score, photos, texts).numpy(), truth.numpy())
    return figures


def calibrated_figures(calibration: Calibration, score: Score, val: Captioned, seed: int) -> Figures:
    """The same for raw values, cross-fitted over both languages; the calibration is left fitted on all of them."""
    drawn = [own_and_other(val, kind, seed) for kind in LANGUAGES.values()]
    value = [scored(score, photos, texts) for texts, photos, _ in drawn]
    photo, truth = torch.cat([photos for _, photos, _ in drawn]), torch.cat([truth for *_, truth in drawn])
    probability = cross_fitted(calibration, torch.cat(value), truth, photo).split([len(v) for v in value])
    said = zip(LANGUAGES, probability, drawn, strict=True)
    return {name: metrics.yes_no(p.numpy(), truth.numpy()) for name, p, (*_, truth) in said}


def sentiment_figures(logits: Mapping[str, Tensor], truth: Tensor) -> Figures:
    """Accuracy and macro-F1 of "both", "image_only" and "text_only" logits [n, 3] against labels [n]."""
    return {name: metrics.classes(x.argmax(1).numpy(), truth.numpy()) for name, x in logits.items()}


def commonest(truth: Tensor) -> float:
    """Accuracy in per cent of always answering the commonest class of these labels [n]."""
    return 100 * float(torch.bincount(truth).max()) / len(truth)


def match_rows(figures: Figures, val: Captioned, seed: int) -> list[cards.Metric]:
    """Card rows of `match_figures`."""
    rows = []
    for name, some in figures.items():
        where = {"dataset": f"Flickr8k, {name} captions, true against another photo's", "split": val_split(val)}
        rows += cards.metrics(some, **where, n=2 * len(val.of_kind(LANGUAGES[name])), seed=seed)
    return rows


def verdict_rows(figures: Mapping[str, float], split: str, n: int, seed: int, prefix: str = "") -> list[cards.Metric]:
    """Card rows of `verdicts.measure`, of n pairs in both languages."""
    dataset = "Flickr8k, English and Chinese captions, true against another photo's"
    named = {f"{prefix}{name}": value for name, value in figures.items()}
    return cards.metrics(named, dataset=dataset, split=split, n=n, seed=seed, unit="%")


def val_split(val: Captioned) -> str:
    """How a card names the validation photos."""
    return f"val ({len(val.photos)} photos)"


def sentiment_rows(figures: Figures, n: int, seed: int) -> list[cards.Metric]:
    """Card rows of `sentiment_figures`."""
    return cards.metrics(flat(figures), dataset=MVSA, split=MVSA_SPLIT, n=n, seed=seed, unit="%")


def flat(figures: Figures, prefix: str = "") -> dict[str, float]:
    """One level: "English_AUC", "both_accuracy"."""
    return {f"{prefix}{group}_{name}": v for group, some in figures.items() for name, v in some.items()}
