"""Between which probabilities of "match" no verdict is worth saying: chosen and measured on validation pairs.

Read next: `types/matching.py` (`VerdictBounds`).
"""

import numpy as np

RIGHT, STEPS = 0.75, 20  # a verdict is worth saying where it is right this often; bands of probability, 5 % each


def choose(probability: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """(low, high): from one half outwards, every band of 5 % whose verdicts are right in less than 75 % of its pairs.

    Each side ends at the first band that does better, so that a bound says something of the pairs beside it; a mean
    over all that lies inside would let the sure pairs far out pay for the unsure ones. Both are .5 where none is weak.

    Args:
        probability: of "match", [n]; from one half on the verdict is yes.
        truth: [n] of 0 and 1.
    """
    right, half = (probability >= 0.5) == (truth > 0), STEPS // 2
    band = np.minimum((probability * STEPS + 1e-6).astype(int), STEPS - 1)
    weak = [bool((band == b).any() and right[band == b].mean() < RIGHT) for b in range(STEPS)]
    low = next((b for b in range(half, 0, -1) if not weak[b - 1]), 0)
    high = next((b for b in range(half, STEPS) if not weak[b]), STEPS)
    return low / STEPS, high / STEPS


def measure(probability: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """The bounds, the share of pairs inside, and how often verdicts are right inside and outside; all in per cent."""
    low, high = choose(probability, truth)
    right, inside = (probability >= 0.5) == (truth > 0), (probability >= low) & (probability < high)
    return {
        "undecided_from": 100 * low,
        "undecided_to": 100 * high,
        "undecided_share": 100 * inside.mean(),
        "undecided_accuracy": 100 * right[inside].mean() if inside.any() else 0.0,
        "decided_accuracy": 100 * right[~inside].mean(),
    }
