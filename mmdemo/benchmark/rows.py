"""What a run says: for every row a ratio with its quartiles, and the goal that it was given.

A ratio is taken within a round, and each name says of what to what. `figures.json` beside this file holds the last run
that was made for README and the page About. Read next: `names.py`, `table.py`.
"""

import statistics
from collections.abc import Sequence
from typing import Any

from mmdemo.benchmark.names import NAMES
from mmdemo.benchmark.rounds import quartiles

Row = dict[str, Any]


def row(key: str, ratios: Sequence[float], ms: Sequence[float] = (), **more: Any) -> Row:
    """One line of the table.

    Args:
        key: of `NAMES`; "differing_32" is "differing" with a number.
        ratios: one of each round; none where it was not measured.
        ms: what it took, in milliseconds.
        **more: kept beside it.

    Returns:
        key, name in both languages, ratio [lower quartile, median, upper quartile] or null, ms or null, goal or null,
        at_least (whether the ratio should reach the goal or stay under it), met or null; and `more`.
    """
    name = NAMES[key]
    ratio = quartiles(ratios) if ratios else None
    met = None
    if ratio is not None and name.goal is not None:
        met = ratio[1] >= name.goal if name.at_least else ratio[1] <= name.goal
    return {
        "key": key,
        "name": {"en": name.en, "zh": name.zh},
        "ratio": ratio,
        "ms": statistics.median(ms) if ms else None,
        "goal": name.goal,
        "at_least": name.at_least,
        "met": met,
        **more,
    }


def per_round(key: str, took: Sequence[float], unit: Sequence[float], **more: Any) -> Row:
    """A call's milliseconds as a multiple of another's in the same round."""
    return row(key, [one / of for one, of in zip(took, unit, strict=True)], took, **more)
