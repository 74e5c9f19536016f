"""None of these: how probable is it that no text of a list belongs to the photo?

Each text has a calibrated probability of its own. Were texts independent of each other, the chance that none fits would
be the product of 1 - p_k; but the texts of a list often say nearly the same, are right or wrong together, and a long
list of poor ones would multiply down to "surely one fits". Were they all copies, it would be 1 - max p. Between the two
lies, with an exponent a in [0, 1] that is chosen on validation lists (`training/measure/none_of_these.py`),

    p(none) = (1 - p_best) * prod over the others of (1 - p_k)^a .

Read next: `matching.py`.
"""

import numpy as np

EXPONENT = 0.0  # the likeliest on 1,000 validation lists of each language: near misses are right or wrong together


def none_of_these(probability: np.ndarray, exponent: float = EXPONENT) -> float:
    """p(none) of one list.

    Args:
        probability: [K] in [0, 1], K >= 1: each text's own.
        exponent: a; 0 counts the best text alone, 1 all as independent.

    Returns:
        in [0, 1]; for one text 1 - p, whatever the exponent.
    """
    miss = np.sort(1 - np.clip(np.asarray(probability, np.float64), 0, 1))  # [K], the best text first
    return float(miss[0] * np.prod(miss[1:]) ** exponent)
