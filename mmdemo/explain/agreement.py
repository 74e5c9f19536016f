"""Do two maps say the same? Spearman's rank correlation, for methods side by side and for the test of random weights.

A method that draws the same map for a network that learned nothing explains the picture, not the network (Adebayo et
al. 2018, arXiv 1810.03292, "Sanity checks for saliency maps"). Read next: `grid.py`.
"""

from collections.abc import Sequence

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value, 0 for the smallest; equal values share the mean of their ranks. Any shape -> [n] float64."""
    flat = np.asarray(values, float).ravel()
    _, group, count = np.unique(flat, return_inverse=True, return_counts=True)
    first = np.cumsum(count) - count
    return (first + (count - 1) / 2)[group.ravel()]


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation of two maps of one shape, in [-1, 1]; 0 when one of them is constant."""
    x, y = (r - r.mean() for r in (ranks(a), ranks(b)))
    length = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / length if length > 0 else 0.0


def agreement(maps: Sequence[np.ndarray]) -> np.ndarray:
    """Rank correlation of every two of M maps, [M, M] with ones on the diagonal."""
    table = np.eye(len(maps))
    for i, a in enumerate(maps):
        for j in range(i):
            table[i, j] = table[j, i] = rank_correlation(a, maps[j])
    return table


def mean_map(maps: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of M maps of one shape, each scaled first so that its absolute values sum to 1; empty ones left out."""
    totals = [float(np.abs(m).sum()) for m in maps]
    scaled = [np.asarray(m, float) / total for m, total in zip(maps, totals, strict=True) if total > 0]
    return np.mean(scaled, axis=0) if scaled else np.zeros_like(np.asarray(maps[0], float))
