"""How well one side of a gallery finds the other, and a flat map of both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmdemo.types import GalleryMap, Recall

if TYPE_CHECKING:
    from torch import Tensor

KS = (1, 5, 10)


def recall(similarity: np.ndarray, own: np.ndarray, ks: Sequence[int] = KS) -> Recall:
    """Recall at k and the median rank of Q queries over N candidates.

    Args:
        similarity: [Q, N].
        own: [Q, N] bool, which candidates are a query's own; every row has one.
        ks: how many of the first are looked at.
    """
    return recall_of(ranks(similarity, own), own.sum(1), own.shape[1], ks)


def ranks(similarity: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Where the first of each query's own items comes among the others, from 1: [Q]. Arguments as of `recall`."""
    mine = np.where(own, similarity, -np.inf)
    best, place = mine.max(1, keepdims=True), mine.argmax(1)[:, None]  # [Q, 1] both, of the own item that comes first
    before = (similarity > best) | ((similarity == best) & (np.arange(own.shape[1]) < place))  # as a search orders them
    return 1 + (before & ~own).sum(1)


def recall_of(ranked: np.ndarray, own: np.ndarray, candidates: int, ks: Sequence[int] = KS) -> Recall:
    """What Q ranks come to. own: how many of the candidates are each query's own, [Q]."""
    counts, times = np.unique(own, return_counts=True)
    chance = {k: float(np.average([_blind(candidates, m, k) for m in counts], weights=times)) for k in ks}
    return Recall({k: float((ranked <= k).mean()) for k in ks}, float(np.median(ranked)), len(ranked), chance)


def _blind(n: int, own: int, k: int) -> float:
    """Chance that one of `own` among n is within the first k of a blind order: 1 - C(n - own, k) / C(n, k)."""
    missed = 1.0
    for i in range(min(k, n)):
        missed *= max(n - own - i, 0) / (n - i)
    return 1 - missed


def flat_map(photos: np.ndarray, texts: np.ndarray, close: bool = False) -> GalleryMap:
    """Both sides in the plane of their two principal components (Pearson 1901; Hotelling 1933).

    Photos and texts of a dual encoder lie in two cones: the modality gap (Liang et al. 2022, arXiv 2203.02053).

    Args:
        photos: [N, D] unit vectors.
        texts: [K, D] unit vectors.
        close: take each side's mean off first.
    """
    import torch  # heavy; a page whose engine is elsewhere needs it for this drawing alone

    sides = [torch.from_numpy(np.asarray(side, np.float32)) for side in (photos, texts)]
    means = [side.mean(0) if len(side) else torch.zeros(side.shape[1]) for side in sides]
    gap = float((means[0] - means[1]).norm()) if all(map(len, sides)) else 0.0
    if close:
        sides = [side - mean for side, mean in zip(sides, means, strict=True)]
    both = torch.cat(sides)
    centred = both - both.mean(0)
    _, spread, axes = torch.linalg.svd(centred, full_matrices=False)  # axes [min(N + K, D), D]
    flat = _upright(centred @ axes[:2].T)
    flat = torch.nn.functional.pad(flat, (0, 2 - flat.shape[1]))  # one item alone has no plane
    explained = float((spread[:2] ** 2).sum() / (spread**2).sum().clamp_min(1e-12))
    return GalleryMap(flat[: len(photos)].numpy(), flat[len(photos) :].numpy(), explained, gap, close)


def _upright(flat: "Tensor") -> "Tensor":
    """The sign of a component is arbitrary: the farthest point of each lies on its positive side."""
    if not len(flat):
        return flat
    far = flat.gather(0, flat.abs().argmax(0, keepdim=True))  # [1, 2]
    return flat * (1.0 - 2.0 * (far < 0))
