"""People as dark shapes against the light: a head, a body, and limbs that bend where they should.

Read next: `sea.py`.
"""

from collections.abc import Sequence

from mmdemo.ui.drawn.canvas import Canvas, Point

# Where joints lie, in heads (a grown person is seven and a half of them high): x to the right, y up from the ground.
JUMPING: dict[str, Sequence[Point]] = {
    "head": [(0.05, 7.0)],
    "trunk": [(0.0, 6.15), (-0.05, 5.2), (-0.1, 4.05)],
    "left arm": [(-0.75, 6.0), (-1.5, 6.9), (-1.9, 8.1)],
    "right arm": [(0.75, 6.0), (1.55, 6.8), (2.1, 7.9)],
    "left leg": [(-0.4, 4.0), (-1.3, 2.9), (-2.4, 2.2)],
    "right leg": [(0.25, 4.0), (1.2, 3.2), (1.0, 1.6)],
}
STARRING: dict[str, Sequence[Point]] = {
    "head": [(0.0, 7.0)],
    "trunk": [(0.0, 6.15), (0.0, 5.2), (0.0, 4.05)],
    "left arm": [(-0.72, 6.0), (-1.8, 6.5), (-2.5, 7.6)],
    "right arm": [(0.72, 6.0), (1.8, 6.6), (2.6, 7.5)],
    "left leg": [(-0.3, 4.0), (-1.2, 2.5), (-1.9, 1.0)],
    "right leg": [(0.3, 4.0), (1.3, 2.6), (1.7, 1.0)],
}
WIDTHS = {"trunk": (1.5, 1.15, 1.1), "arm": (0.5, 0.4, 0.26), "leg": (0.85, 0.58, 0.34)}


def person(
    canvas: Canvas,
    pose: dict[str, Sequence[Point]],
    x: float,
    ground: float,
    head: float,
    fill: str,
    skirt: bool = False,
) -> None:
    """A person whose feet are about at (x, ground); `head` is the height of one in pixels."""

    def placed(points: Sequence[Point]) -> list[Point]:
        return [(x + head * dx, ground - head * dy) for dx, dy in points]

    for name, joints in pose.items():
        if name == "head":
            ((cx, cy),) = placed(joints)
            canvas.ellipse((cx - 0.38 * head, cy - 0.5 * head, cx + 0.38 * head, cy + 0.5 * head), fill)
            canvas.limb([(cx, cy), *placed(pose["trunk"][:1])], (0.42 * head, 0.5 * head), fill)
            if skirt:
                hair = [(cx - 0.1 * head, cy - 0.2 * head), (cx - 0.7 * head, cy), (cx - 1.15 * head, cy + 0.35 * head)]
                canvas.limb(hair, (0.7 * head, 0.55 * head, 0.12 * head), fill)
        else:
            canvas.limb(placed(joints), [head * width for width in WIDTHS[name.split()[-1]]], fill)
            if "arm" in name or "leg" in name:
                end(canvas, placed(joints), head, fill, "leg" in name)
    shoulders = placed([pose["left arm"][0], pose["right arm"][0]])
    canvas.limb(shoulders, (0.5 * head, 0.5 * head), fill)
    if skirt:
        waist = pose["trunk"][1]
        canvas.polygon(
            placed([(waist[0] - 0.5, waist[1]), (waist[0] + 0.5, waist[1]), (1.15, 3.1), (-1.25, 3.2)]), fill, 0.5
        )


def end(canvas: Canvas, limb: list[Point], head: float, fill: str, foot: bool) -> None:
    """The hand or the foot of a limb."""
    (ax, ay), (bx, by) = limb[-2:]
    length = max(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5, 1e-6)
    dx, dy = (bx - ax) / length, (by - ay) / length
    if foot:
        side = -1 if bx < limb[0][0] else 1
        canvas.limb([(bx, by), (bx + side * 0.62 * head, by + 0.18 * head)], (0.34 * head, 0.2 * head), fill)
    else:
        canvas.limb([(bx, by), (bx + 0.45 * head * dx, by + 0.45 * head * dy)], (0.3 * head, 0.14 * head), fill)
