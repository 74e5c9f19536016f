"""The weighted sum's one knob: how good every alpha is, which one training found, and what this pair says at each.

Read next: `templates/fusion/dial.html`, `history.py`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmdemo.types import AlphaCurve, FusionTrace
from mmdemo.ui.chart import Axes, ticks, whole_steps
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.fusion.shapley_values import label_name
from mmdemo.ui.tabs.fusion.strip import MATCH, shares
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say

WIDTH, HEIGHT = 460, 268  # of the drawing, in its own units
LEFT, RIGHT, TOP, FLOOR = 40, 12, 12, 168  # the curve stands between TOP and FLOOR
GUESSING = 53.0  # per cent right on half matched, half swapped pairs; below this nothing was learned
START, END = 206, 248  # the path of training runs down from START to END


def draw(dials: Mapping[str, tuple[AlphaCurve, FusionTrace]], say: Say) -> str:
    """Each task's answer at the chosen alpha, and the measured curve behind it."""
    drawn = [dial(task, curve, trace, say) for task, (curve, trace) in dials.items()]
    return render("fusion/dial.html", say=say, dials=drawn, width=WIDTH, height=HEIGHT)


def dial(task: str, curve: AlphaCurve, trace: FusionTrace, say: Say) -> dict[str, Any]:
    """The values of one task's drawing: the answer, the bars, the axes, and what stands where on them."""
    result, at_mine = trace.result, accuracy_at(curve, trace.alpha)
    names = {label: label_name(task, label, say) for label in result.labels}
    across = {"x": (0, 1), "left": LEFT, "right": WIDTH - RIGHT}
    low, high = accuracy_axis(curve)
    return {
        "task": task, "curve": curve, "alpha": trace.alpha, "at_mine": at_mine,
        "at_learned": accuracy_at(curve, curve.learned), "best": int(curve.accuracy.argmax()),
        "label": names[result.label], "share": float(result.probabilities.max()),
        "bars": [(names[k], share, k == result.label) for k, share in shares(result).items() if k != "mismatch"],
        "measured": say.sentences(
            say("fusion.dial_here", here=at_mine), say("fusion.dial_source", source=termed(curve.source, say))
        ),
        "guessing": task == MATCH and float(curve.accuracy.max()) < GUESSING,
        "axes": Axes(**across, y=(low, high), top=TOP, floor=FLOOR),
        "ticks": ticks(low, high, 5 if high - low <= 20 else 10),
        "training": Axes(**across, y=(0, 1), top=START, floor=END), "times": np.linspace(1, 0, len(curve.path)),
    }  # fmt: skip


def accuracy_at(curve: AlphaCurve, alpha: float) -> float:
    """Measured accuracy at an alpha, by a straight line between the two nearest measurements."""
    return float(np.interp(alpha, curve.alphas, curve.accuracy))


def accuracy_axis(curve: AlphaCurve) -> tuple[float, float]:
    """The part of the axis worth drawing, in whole steps of 5 per cent, at least two."""
    low, high, step = whole_steps([max(curve.accuracy.min() - 1, 0), curve.accuracy.max() + 1], (5,))
    return low, min(max(high, low + 2 * step), 100.0)
