"""Lists with and without a true caption, to choose and measure how "none of these" is told from their probabilities.

Knows no head: it is given what a head says of every photo and every caption. Read next: `tasks/none_of_these.py`.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from mmdemo.tasks.none_of_these import none_of_these
from mmdemo.training.measure.metrics import calibration_error

SIZES = range(2, 9)  # K
NEAR = 20  # a hard distractor is one of this many captions of other photos, the nearest to the true one
GRID = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class CandidateList:
    """K captions offered for one photo.

    Args:
        photo: its index.
        texts: [K] indices of captions.
        none: True when none of them is the photo's own.
    """

    photo: int
    texts: np.ndarray
    none: bool


def draw_lists(owner: np.ndarray, vectors: np.ndarray, count: int, seed: int) -> list[CandidateList]:
    """Lists of 2 to 8 captions: half without a true one, a quarter of the others with two that say the same.

    Args:
        owner: [T], the photo that each caption describes; photos are 0 .. P - 1, each with two captions or more.
        vectors: [T, D], what tells captions near in meaning (any text tower's, mean taken off).
        count: how many lists.
    """
    rng = np.random.default_rng(seed)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)
    lists = []
    for _ in range(count):
        photo, size, none = int(rng.integers(owner.max() + 1)), int(rng.choice(SIZES)), bool(rng.random() < 0.5)
        own, other = np.flatnonzero(owner == photo), np.flatnonzero(owner != photo)
        nearest = other[np.argsort(-(unit[other] @ unit[own[0]]))[:NEAR]]
        true = [] if none else list(rng.choice(own, 2 if size > 2 and rng.random() < 0.25 else 1, replace=False))
        hard = list(rng.choice(nearest, (size - len(true) + 1) // 2, replace=False))
        easy = list(rng.choice(np.setdiff1d(other, nearest), size - len(true) - len(hard), replace=False))
        lists.append(CandidateList(photo, rng.permutation([*true, *hard, *easy]), none))
    return lists


def choose_exponent(lists: list[CandidateList], probability: np.ndarray) -> float:
    """The exponent under which the truth of these lists is likeliest. probability [P, T] in [0, 1]."""

    def log_loss(exponent: float) -> float:
        said, truth = _said(lists, probability, exponent)
        return float(-np.log(np.where(truth, said, 1 - said).clip(1e-6)).mean())

    return float(min(GRID, key=log_loss))


def measure(lists: list[CandidateList], probability: np.ndarray, exponent: float) -> dict[str, float]:
    """Calibration error, AUC and error rate at one half (per cent) of "none of these". probability [P, T]."""
    said, truth = _said(lists, probability, exponent)
    return {
        "none_of_these_calibration_error": calibration_error(said, truth),
        "none_of_these_AUC": float(roc_auc_score(truth, said)),
        "none_of_these_wrong": 100 * float(((said > 0.5) != truth).mean()),
    }


def _said(lists: list[CandidateList], probability: np.ndarray, exponent: float) -> tuple[np.ndarray, np.ndarray]:
    said = np.array([none_of_these(probability[one.photo, one.texts], exponent) for one in lists])
    return said, np.array([one.none for one in lists])
