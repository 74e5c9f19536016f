"""Numbers become pictures: bars, a histogram, a heat map over a photo. Pure functions, plain values in, HTML out.

Every string of a person passes through `html.escape`; every picture has a text alternative; colours are CSS variables
(`page.css`), so that dark mode needs nothing here. Read next: `heat.py` for the map's colours and its sentence.
"""

import html
from collections.abc import Callable, Sequence

import numpy as np

from mmdemo.types import MatchBackground

escape = html.escape


def bar(share: float, label: str, *, strong: bool = False) -> str:
    """A horizontal bar for a share in [0, 1]; `label` is its text alternative."""
    width = 100 * min(max(float(share), 0.0), 1.0)
    kind = "mm-bar mm-strong" if strong else "mm-bar"
    return f'<div class="{kind}" role="img" aria-label="{escape(label)}"><i style="width:{width:.1f}%"></i></div>'


def cosine_bar(cosine: float, label: str) -> str:
    """A bar on the axis from -1 to 1, growing from the tick at 0 to the right (or to the left when negative)."""
    value = min(max(float(cosine), -1.0), 1.0)
    left = 50 + 50 * min(value, 0.0)
    return (
        f'<div class="mm-axis-bar" role="img" aria-label="{escape(label)}">\u22121<div class="mm-bar mm-cosine">'
        f'<i style="left:{left:.1f}%;width:{50 * abs(value):.1f}%"></i></div>1</div>'
    )


def number(value: float) -> str:
    """A cosine as it is read: two decimals, with a true minus sign; what rounds to zero has none."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\u2212")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int]) -> str:
    """A table of plain strings (escaped here); the `numeric` columns are set flush right."""
    names = "".join(f'<th scope="col"{_side(i, numeric)}>{escape(h)}</th>' for i, h in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{_side(i, numeric)}>{escape(str(c))}</td>" for i, c in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="mm-table" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _side(column: int, numeric: Sequence[int]) -> str:
    return ' class="mm-num"' if column in numeric else ""


# ---- the histogram of matched and unmatched pairs

WIDTH, HEIGHT, FLOOR, TOP = 640, 132, 104, 26  # of the drawing, in its own units; bars stand between TOP and FLOOR


def histogram(background: MatchBackground, marks: Sequence[float], label: str) -> str:
    """Both populations as steps over the cosine axis, and a numbered line for every pair's cosine.

    Args:
        background: bins of matched and unmatched validation pairs.
        marks: cosines, the best first, drawn as lines numbered 1, 2, ...
        label: the text alternative.
    """
    low, high = _span(background, marks)
    peak = float(max(background.matched.max(), background.unmatched.max(), 1e-9))

    def x(cosine: float) -> float:
        return 8 + (WIDTH - 16) * (min(max(cosine, low), high) - low) / (high - low)

    shapes = "".join(
        f'<path class="mm-{name}" d="{_steps(background.edges, shares / peak, x)}"/>'
        for name, shares in (("unmatched", background.unmatched), ("matched", background.matched))
    )
    ticks = "".join(
        f'<text x="{x(t):.1f}" y="{HEIGHT - 8}" class="mm-tick">{number(t)}</text>'
        f'<line x1="{x(t):.1f}" x2="{x(t):.1f}" y1="{FLOOR}" y2="{FLOOR + 4}" class="mm-axis"/>'
        for t in _ticks(low, high)
    )
    axis = f'<line x1="8" x2="{WIDTH - 8}" y1="{FLOOR}" y2="{FLOOR}" class="mm-axis"/>'
    return (
        f'<svg class="mm-histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{shapes}{axis}{ticks}{_marks([x(float(m)) for m in marks])}</svg>"
    )


def _span(background: MatchBackground, marks: Sequence[float]) -> tuple[float, float]:
    """The part of the axis worth drawing: bins that hold a pair in 500, all marks, and a margin."""
    kept = np.flatnonzero((background.matched > 0.002) | (background.unmatched > 0.002))
    first, last = (kept[0], kept[-1] + 1) if len(kept) else (0, len(background.edges) - 1)
    low = min([float(background.edges[first]), *map(float, marks)]) - 0.02
    return low, max([float(background.edges[last]), *map(float, marks)]) + 0.02


def _ticks(low: float, high: float) -> list[float]:
    step = 0.1 if high - low <= 1 else 0.2
    first = int(np.ceil(low / step))
    return [step * i + 0.0 for i in range(first, int(np.floor(high / step)) + 1)]


def _steps(edges: np.ndarray, heights: np.ndarray, x: Callable[[float], float]) -> str:
    """The outline of a histogram as an SVG path, closed on the floor; heights in [0, 1]."""
    points = [f"M{x(float(edges[0])):.1f} {FLOOR}"]
    for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
        y = FLOOR - (FLOOR - TOP) * float(height)
        points.append(f"L{x(float(left)):.1f} {y:.1f}L{x(float(right)):.1f} {y:.1f}")
    return "".join(points) + f"L{x(float(edges[-1])):.1f} {FLOOR}Z"


def _marks(places: Sequence[float]) -> str:
    """A line for every place; numbers for the first nine, each above its line or just beside it where there is room."""
    drawn = [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{FLOOR}" class="mm-mark"/>' for x in places]
    taken: list[float] = []
    for i, at in enumerate(places[:9]):
        free = [s for s in (at, at + 17, at - 17) if 8 <= s <= WIDTH - 8 and all(abs(s - t) > 16.5 for t in taken)]
        if free:
            taken.append(free[0])
            drawn.append(
                f'<circle cx="{free[0]:.1f}" cy="{TOP - 13}" r="8" class="mm-dot"/>'
                f'<text x="{free[0]:.1f}" y="{TOP - 13}" dy="0.35em" class="mm-digit">{i + 1}</text>'
            )
    return "".join(drawn)
