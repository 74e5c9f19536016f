"""What a "yes, it fits" is worth, from the cards: where none is said, and how well true pairs are told from false.

Read next: `training/measure/verdicts.py`, which chose and measured them.
"""

import functools

from mmdemo import loading
from mmdemo.checkpoints import BOUNDS, CHECKPOINTS, MEAN_AUC
from mmdemo.types import VerdictBounds


@functools.cache  # the cards do not change while it runs
def verdict_bounds() -> dict[str, VerdictBounds]:
    """Between which probabilities of "match" there is no verdict: of "matching", and of the "mean" of all fusions."""
    return {name: _bounds([loading.metric(entry) for entry in entries]) for name, entries in BOUNDS.items()}


def _bounds(rows: list[dict]) -> VerdictBounds:
    return VerdictBounds(*(row["value"] / 100 for row in rows), pairs=rows[0]["n"])


@functools.cache
def match_aucs() -> dict[str, float]:
    """Area under the ROC curve of "match" on validation pairs with English captions, of each model and of the "mean".

    It is the share of (true, false) pairs of pairs in which the true one gets the higher probability, so that it hangs
    neither on a threshold nor on a calibration.
    """
    entries = {name: row.figures["matching"] for name, row in CHECKPOINTS.items() if "matching" in row.figures}
    return {name: loading.figure(entry) for name, entry in (entries | {"mean": MEAN_AUC}).items()}
