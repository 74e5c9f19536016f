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
    """The values of one task's drawing: sentences, bars, axes, and what stands where on them."""
    alpha, result = float(trace.alpha), trace.result
    names = {label: label_name(task, label, say) for label in result.labels}
    strongest = {"label": names[result.label], "percent": say.percent(float(result.probabilities.max()))}
    here = say("fusion.dial_here", here=f"{accuracy_at(curve, alpha):.1f}")
    across = {"x": (0, 1), "left": LEFT, "right": WIDTH - RIGHT}
    axes = Axes(**across, y=accuracy_axis(curve), top=TOP, floor=FLOOR)
    low, high = axes.y
    return {
        "task": task, "curve": curve, "alpha": alpha, "axes": axes, "label": alternative(curve, alpha, say),
        "line": say("fusion.dial_answer", alpha=f"{alpha:.2f}", **strongest),
        "bars": [(names[k], share, k == result.label) for k, share in shares(result).items() if k != "mismatch"],
        "measured": say.sentences(here, say("fusion.dial_source", source=curve.source)),
        "guessing": task == MATCH and float(curve.accuracy.max()) < GUESSING,
        "ticks": ticks(low, high, 5 if high - low <= 20 else 10),
        "mine": accuracy_at(curve, alpha), "learned": accuracy_at(curve, curve.learned),
        "training": Axes(**across, y=(0, 1), top=START, floor=END), "times": np.linspace(1, 0, len(curve.path)),
    }  # fmt: skip


def accuracy_at(curve: AlphaCurve, alpha: float) -> float:
    """Measured accuracy at an alpha, by a straight line between the two nearest measurements."""
    return float(np.interp(alpha, curve.alphas, curve.accuracy))


def accuracy_axis(curve: AlphaCurve) -> tuple[float, float]:
    """The part of the axis worth drawing, in whole steps of 5 per cent, at least two."""
    low, high, step = whole_steps([max(curve.accuracy.min() - 1, 0), curve.accuracy.max() + 1], (5,))
    return low, min(max(high, low + 2 * step), 100.0)


def alternative(curve: AlphaCurve, alpha: float, say: Say) -> str:
    """The drawing in words."""
    best = int(curve.accuracy.argmax())
    accuracies = {
        "first": curve.accuracy[0], "best": curve.accuracy[best], "last": curve.accuracy[-1],
        "here": accuracy_at(curve, alpha),
    }  # fmt: skip
    alphas = {"at": curve.alphas[best], "learned": curve.learned, "start": curve.path[0], "alpha": alpha}
    values = {k: f"{v:.1f}" for k, v in accuracies.items()} | {k: f"{v:.2f}" for k, v in alphas.items()}
    return say("fusion.dial_alt", **values)
