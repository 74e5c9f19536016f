"""What is measured of every complete system, in the same words, so that their cards can be laid side by side.

Match: every validation caption of Flickr8k with its own photo and with one other, drawn by seed. Sentiment: MVSA's
validation pairs by their joint label, both sides given and each alone. Read next: `recipes/pixels_tfidf.py`.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.matching import Calibration
from mmdemo.training import cards, metrics, pairs

Figures = dict[str, dict[str, float]]
LANGUAGES = {"English": "en", "Chinese": "zh"}
MVSA_SPLIT = "10 % of the labelled pairs, stratified, photo groups whole, seed 0"
LICENCES = ["Weights: Apache-2.0", "Photos, captions and tweets: research and education"]


def own_and_other(captioned: pairs.Captioned, kind: str, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Every caption of a kind with its own and with one other photo: texts [2n], photos [2n], truth [2n]."""
    t = torch.from_numpy(captioned.of_kind(kind))
    own, photos = torch.from_numpy(captioned.photo_of_text)[t], len(captioned.photos)
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, photos, size=len(t)))
    return torch.cat([t, t]), torch.cat([own, (own + shift) % photos]), (torch.arange(2 * len(t)) < len(t)).float()


@torch.no_grad()
def match_figures(score: Callable[[Tensor, Tensor], Tensor], val: pairs.Captioned, seed: int) -> Figures:
    """AUC, accuracy at 0.5 and calibration error by language.

    Args:
        score: (photos [n], texts [n]) -> probability of "match" [n].
    """
    found: Figures = {}
    for name, kind in LANGUAGES.items():
        texts, photos, truth = own_and_other(val, kind, seed)
        parts = [score(p, t) for p, t in zip(photos.split(256), texts.split(256), strict=True)]
        found[name] = metrics.yes_no(torch.cat(parts).numpy(), truth.numpy())
    return found


@torch.no_grad()
def calibrated_figures(
    calibration: Calibration, score: Callable[[Tensor, Tensor], Tensor], val: pairs.Captioned, seed: int
) -> Figures:
    """The same for raw scores: each half of the photos by the other half's fit; left fitted on all of them."""
    found, kept = {}, []
    for kind in LANGUAGES.values():
        texts, photos, truth = own_and_other(val, kind, seed)
        parts = [score(p, t) for p, t in zip(photos.split(256), texts.split(256), strict=True)]
        kept.append((torch.cat(parts), truth, photos))
    value, truth, photo = (torch.cat(x) for x in zip(*kept, strict=True))
    probability = torch.zeros_like(value)
    for half in (0, 1):
        calibration.fit(value[photo % 2 == half], truth[photo % 2 == half])
        probability[photo % 2 != half] = calibration(value[photo % 2 != half])
    first = len(kept[0][0])
    for name, rows in zip(LANGUAGES, (slice(None, first), slice(first, None)), strict=True):
        found[name] = metrics.yes_no(probability[rows].numpy(), truth[rows].numpy())
    calibration.fit(value, truth)
    return found


def sentiment_figures(logits: dict[str, Tensor], truth: Tensor) -> Figures:
    """Accuracy and macro-F1 of "both", "image_only" and "text_only" logits [n, 3] against labels [n]."""
    return {name: metrics.classes(x.argmax(1).numpy(), truth.numpy()) for name, x in logits.items()}


def match_rows(found: Figures, seed: int) -> list[cards.Metric]:
    """Card rows of `match_figures`."""
    rows = []
    for name, figures in found.items():
        dataset = f"Flickr8k, {name} captions, true against another photo's"
        rows += cards.metrics(figures, dataset=dataset, split="val (998 photos)", n=9980, seed=seed)
    return rows


def sentiment_rows(found: Figures, n: int, seed: int, prefix: str = "") -> list[cards.Metric]:
    """Card rows of `sentiment_figures`."""
    figures = {f"{prefix}{side}_{name}": v for side, some in found.items() for name, v in some.items()}
    return cards.metrics(figures, dataset="MVSA-Single, joint label", split=MVSA_SPLIT, n=n, seed=seed, unit="%")


def flat(found: Figures, prefix: str = "") -> dict[str, float]:
    """One level: "English_AUC", "both_accuracy"."""
    return {f"{prefix}{group}_{name}": v for group, some in found.items() for name, v in some.items()}
