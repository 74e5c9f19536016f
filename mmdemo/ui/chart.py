"""Every chart's geometry: values become places in a drawing and SVG paths; a template draws what stands here.

    axes = Axes(x=(0, 1), y=(0.2, 0.9), left=40, right=448, top=12, floor=168)
    axes.line(shares, answers)  # "M40.0 168.0L..." for <path d="">

Read next: `templates/match/histogram.html`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Axes:
    """A rectangle of the drawing that stands for a rectangle of values.

    Args:
        x, y: (low, high) of the values, low < high.
        left, right, top, floor: of the rectangle, in the drawing's own units; y grows downwards there.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    right: float
    top: float
    floor: float

    def at_x(self, value: float) -> float:
        """The place of a value on the x axis; what lies outside the axis is drawn at its end."""
        low, high = self.x
        return self.left + (self.right - self.left) * (min(max(float(value), low), high) - low) / (high - low)

    def at_y(self, value: float) -> float:
        """The place of a value on the y axis, likewise."""
        low, high = self.y
        return self.floor - (self.floor - self.top) * (min(max(float(value), low), high) - low) / (high - low)

    def line(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Points joined by straight lines, as the `d` of an SVG path."""
        return "M" + "L".join(f"{self.at_x(x):.1f} {self.at_y(y):.1f}" for x, y in zip(xs, ys, strict=True))

    def outline(self, edges: Sequence[float], heights: Sequence[float]) -> str:
        """A histogram's outline, closed on the floor: len(edges) == len(heights) + 1."""
        xs, ys = np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)
        low = self.y[0]
        return self.line([edges[0], *xs, edges[-1]], [low, *ys, low]) + "Z"

    def bars(self, values: Sequence[float], fill: float = 1) -> list[dict[str, str]]:
        """Upright rectangles (x, y, width, height) from the line at 0, one a unit of x, the first from its low end.

        Args:
            fill: share of the unit that a rectangle covers.
        """
        zero, step = self.at_y(0), self.at_x(self.x[0] + 1) - self.left
        ends = [self.at_y(value) for value in values]
        drawn = [(self.left + i * step, min(y, zero), fill * step, abs(y - zero)) for i, y in enumerate(ends)]
        return [dict(zip(("x", "y", "width", "height"), (f"{n:.1f}" for n in rect), strict=True)) for rect in drawn]


def ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of `step` in [low, high]; no "-0.0"."""
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [step * i + 0.0 for i in range(first, last + 1)]


def whole_steps(values: Sequence[float], steps: Sequence[float], most: int = 4) -> tuple[float, float, float]:
    """(low, high, step) of an axis that holds all values: the smallest of `steps` that takes at most `most` of them.

    Args:
        values: at least one.
        steps: rising; the last is taken where none is large enough.
    """
    low, high = float(np.min(values)), float(np.max(values))
    step = next((s for s in steps if high - low <= most * s), steps[-1])
    bottom = step * float(np.floor(low / step + 1e-6))
    return bottom, max(step * float(np.ceil(high / step - 1e-6)), bottom + step), step
