"""What a search through a gallery gives: the hits, how well captions find their photos, and a flat map of both."""

from dataclasses import dataclass

import numpy as np

from mmdemo.types.require import require


@dataclass(frozen=True)
class Hit:
    """One photo or caption that was found.

    Args:
        place: its index in the gallery (or among the captions).
        name: what it is called there.
        similarity: cosine to the query, in [-1, 1].
        probability: of "match" by the head that re-ranked, in [0, 1]; None where nobody did.
        before: its rank before re-ranking, from 0; None where nobody did.
    """

    place: int
    name: str
    similarity: float
    probability: float | None = None
    before: int | None = None


@dataclass(frozen=True)
class Recall:
    """How well one side finds the other.

    Args:
        at: {k: share of queries whose own item is among the first k, in [0, 1]}.
        median_rank: of the own item, from 1.
        queries: how many.
        chance: {k: what a blind order would give}.
    """

    at: dict[int, float]
    median_rank: float
    queries: int
    chance: dict[int, float]


@dataclass(frozen=True)
class GalleryMap:
    """Photos and texts in the plane of their two principal components.

    Args:
        photos: [N, 2].
        texts: [K, 2].
        explained: share of all variance that the two components keep, in [0, 1].
        gap: distance of the two sides' means, in units of their vectors (length 1).
        closed: True where each side's mean was taken off first.
    """

    photos: np.ndarray
    texts: np.ndarray
    explained: float
    gap: float
    closed: bool

    def __post_init__(self) -> None:
        for name in ("photos", "texts"):
            require(getattr(self, name).shape[1:] == (2,), f"{name} [n, 2]", getattr(self, name).shape)
