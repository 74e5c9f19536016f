"""A bedroom by day, seen from the foot of the bed. Read next: `mmdemo/ui/gallery.py`."""

import numpy as np
from PIL import Image

from mmdemo.ui.drawn.canvas import Canvas, Point

EYE, FOCAL, MIDDLE = 1.45, 470.0, (300.0, 165.0)
WIDE, DEEP, HIGH = 2.1, 5.2, 2.6  # half the width of the room, its length ahead of us, its height, in metres


def at(x: float, y: float, z: float) -> Point:
    """Where a place in the room is seen; metres to the right, above the floor, ahead."""
    return MIDDLE[0] + FOCAL * x / z, MIDDLE[1] + FOCAL * (EYE - y) / z


def bedroom() -> Image.Image:
    """A bed with two pillows and a blue blanket, a lamp, a window with curtains, a rug on a wooden floor."""
    canvas = Canvas("#e9e2d6", seed=61)
    walls(canvas)
    window(canvas)
    picture(canvas)
    table(canvas, 1.5)
    table(canvas, -1.5)
    bed(canvas)
    lamp(canvas, 1.5)
    canvas.glow(60, 120, 330, "#fff3d6", 0.28)
    return canvas.finished()


def walls(canvas: Canvas) -> None:
    """Back wall, side walls, ceiling, and floor boards that run towards the back."""
    w, d, h = WIDE, DEEP, HIGH
    canvas.polygon([at(-w, 0, d), at(w, 0, d), at(w, 0, 1), at(-w, 0, 1)], ["#a9794d", "#b98a5c"])
    for i, x in enumerate(np.arange(-w, w, 0.21).tolist()):
        tone = ["#b4824f", "#a67444", "#bd8c59", "#9e6d40"][i * 7 % 4]
        canvas.polygon([at(x, 0, d), at(x + 0.2, 0, d), at(x + 0.2, 0, 1), at(x, 0, 1)], tone, 0.3, 0.8)
    canvas.speckle((0, 296, 600, 450), 0.12, 2, 1)
    canvas.polygon([at(-w, h, d), at(w, h, d), at(w, h, 1), at(-w, h, 1)], "#f6f3ee")
    canvas.polygon([at(-w, 0, d), at(-w, h, d), at(-w, h, 1), at(-w, 0, 1)], "#d9d0c1")
    canvas.polygon([at(w, 0, d), at(w, h, d), at(w, h, 1), at(w, 0, 1)], "#efe8dc")
    canvas.polygon([at(-w, 0, d), at(w, 0, d), at(w, h, d), at(-w, h, d)], ["#cbd6d0", "#bccac4"])
    for x in (-w, w):
        canvas.polygon([at(x, 0, d), at(x, 0.12, d), at(x, 0.12, 1), at(x, 0, 1)], "#fbf9f5")
    canvas.polygon([at(-w, 0, d), at(w, 0, d), at(w, 0.12, d), at(-w, 0.12, d)], "#f4f1eb")
    corner = [at(-w, 0, d), at(-w, h, d)]
    canvas.limb(corner, (14, 14), "#7b7466", 9)
    canvas.polygon(
        [at(-1.9, 0.01, 4.4), at(1.9, 0.01, 4.4), at(1.9, 0.01, 2.1), at(-1.9, 0.01, 2.1)], ["#d9cdb9", "#efe6d6"], 1
    )
    canvas.polygon(
        [at(-1.7, 0.01, 4.3), at(1.7, 0.01, 4.3), at(1.75, 0.01, 2.2), at(-1.75, 0.01, 2.2)],
        ["#b96f5a", "#c98a72"],
        1,
        0.8,
    )


def window(canvas: Canvas) -> None:
    """On the left wall: daylight, a frame, two curtains."""

    def pane(
        z0: float, z1: float, y0: float, y1: float, fill: str | list[str], soft: float = 0.5, opacity: float = 1
    ) -> None:
        x = -WIDE
        canvas.polygon([at(x, y0, z0), at(x, y1, z0), at(x, y1, z1), at(x, y0, z1)], fill, soft, opacity)

    pane(2.75, 4.35, 0.85, 2.2, "#ffffff")
    pane(2.82, 4.28, 0.92, 2.13, ["#bfe0f5", "#f2faff", "#b9d59b"])
    pane(3.45, 3.53, 0.9, 2.15, "#ffffff")
    pane(2.8, 4.3, 1.5, 1.56, "#ffffff")
    for z0, z1 in ((2.5, 2.98), (4.15, 4.6)):
        pane(z0, z1, 0.15, 2.32, ["#f1eadf", "#d8ccba"], 1)
        for z in np.arange(z0, z1, 0.09).tolist():
            pane(z, z + 0.035, 0.15, 2.32, "#a8997f", 1.5, 0.45)
    pane(2.4, 4.7, 2.3, 2.36, "#7a5a3c")


def picture(canvas: Canvas) -> None:
    """A framed landscape over the bed."""
    (left, top), (right, bottom) = at(-0.62, 2.25, DEEP), at(0.62, 1.6, DEEP)
    canvas.rectangle((left + 3, top + 4, right + 4, bottom + 6), "#6d7a74", 4, 0.7)
    canvas.rectangle((left, top, right, bottom), "#5b4330")
    canvas.rectangle((left + 4, top + 4, right - 4, bottom - 4), "#f7f4ee")
    canvas.rectangle((left + 10, top + 9, right - 10, bottom - 9), ["#9cc7e0", "#e7eef0", "#e7c98f"])
    canvas.polygon(
        [
            (left + 10, bottom - 18),
            (left + 40, top + 26),
            (left + 66, bottom - 20),
            (left + 80, bottom - 28),
            (right - 10, bottom - 18),
            (right - 10, bottom - 9),
            (left + 10, bottom - 9),
        ],
        "#57794f",
        0.8,
    )


def table(canvas: Canvas, x: float) -> None:
    """A bedside table with a drawer."""
    (left, top), (right, bottom) = at(x - 0.32, 0.58, 4.7), at(x + 0.32, 0.0, 4.7)
    canvas.ellipse((left - 6, bottom - 8, right + 8, bottom + 7), "#3d2816", 5, 0.6)
    canvas.rectangle((left, top, right, bottom), ["#a87b50", "#85592f"])
    canvas.polygon([(left - 3, top), (right + 3, top), at(x + 0.3, 0.6, 5.1), at(x - 0.3, 0.6, 5.1)], "#c4986a")
    canvas.rectangle((left + 5, top + 8, right - 5, top + 27), ["#b98a5c", "#9a6c3f"], 0.6)
    canvas.ball(((left + right) / 2 - 3, top + 14, (left + right) / 2 + 3, top + 20), "#f4e3b0", "#8c6f35")


def lamp(canvas: Canvas, x: float) -> None:
    """A lit lamp with a cloth shade."""
    cx, foot = at(x, 0.6, 4.9)
    canvas.ellipse((cx - 13, foot - 5, cx + 13, foot + 3), "#8a7d6c", 0.5)
    canvas.ball((cx - 11, foot - 28, cx + 11, foot - 2), "#e7d7b5", "#7d6a4c")
    canvas.limb([(cx, foot - 28), (cx, foot - 44)], (3, 3), "#8a7d6c")
    canvas.glow(cx, foot - 55, 120, "#ffd58a", 0.75)
    canvas.polygon(
        [(cx - 15, foot - 78), (cx + 15, foot - 78), (cx + 27, foot - 38), (cx - 27, foot - 38)],
        ["#fff1cf", "#ffe0a0", "#fff3d4"],
        0.6,
    )


def bed(canvas: Canvas) -> None:
    """Headboard at the back wall, mattress, pillows, a blanket that hangs over, in the shade away from the window."""
    w, near, far = 1.02, 2.75, 5.0
    canvas.polygon(
        [
            at(-w - 0.25, 0.01, far),
            at(w + 0.45, 0.01, far),
            at(w + 0.45, 0.01, near - 0.2),
            at(-w - 0.2, 0.01, near - 0.2),
        ],
        "#2f1d12",
        8,
        0.7,
    )
    (left, top), (right, bottom) = at(-w - 0.08, 1.28, far), at(w + 0.08, 0.2, far)
    canvas.rectangle((left, top, right, bottom), ["#8d6540", "#6b4829"], 0.6, corner=8)
    canvas.rectangle((left + 8, top + 8, right - 8, bottom), ["#9b7149", "#755030"], 1, corner=6)
    canvas.polygon([at(-w, 0.6, far), at(w, 0.6, far), at(w, 0.6, near), at(-w, 0.6, near)], ["#fdfcfa", "#f1eee9"], 1)
    for side in (-0.5, 0.5):
        pillow(canvas, side)
    blanket(canvas, w, near)
    (left, top), (right, bottom) = at(-w, 0.14, near), at(w, 0.0, near)
    canvas.rectangle((left, top, right, bottom), ["#5e3f24", "#3b2614"], 0.6)


def blanket(canvas: Canvas, w: float, near: float) -> None:
    """It lies on the bed up to the fold, `w` to each side, and hangs down at its foot and on the right."""
    fold = 4.05
    canvas.polygon(
        [at(-w - 0.04, 0.62, fold), at(w + 0.04, 0.62, fold), at(w + 0.06, 0.63, near), at(-w - 0.06, 0.63, near)],
        ["#7fa3c4", "#5f88b0", "#4d759e"],
        1.5,
    )
    canvas.polygon(
        [at(-w - 0.06, 0.63, near), at(w + 0.06, 0.63, near), at(w + 0.08, 0.12, near), at(-w - 0.08, 0.12, near)],
        ["#456c95", "#2f4f74"],
        1.5,
    )
    canvas.polygon(
        [at(w + 0.04, 0.62, fold), at(w + 0.06, 0.63, near), at(w + 0.08, 0.12, near), at(w + 0.08, 0.12, fold)],
        "#2d4b6e",
        1,
    )
    canvas.polygon(
        [
            at(-w - 0.04, 0.63, fold + 0.28),
            at(w + 0.04, 0.63, fold + 0.28),
            at(w + 0.05, 0.64, fold - 0.12),
            at(-w - 0.05, 0.64, fold - 0.12),
        ],
        ["#ffffff", "#e6e9ee"],
        1.5,
    )
    for x in np.linspace(-0.9, 0.9, 9).tolist():
        lean = 0.12 * float(canvas.rng.normal())
        canvas.limb(
            [at(x + lean, 0.63, fold - 0.2), at(x, 0.63, near + 0.1), at(x, 0.15, near)], (2, 5, 4), "#33557b", 4
        )
        canvas.limb([at(x + 0.08 + lean, 0.63, fold - 0.25), at(x + 0.09, 0.63, near)], (2, 5), "#9dbbd6", 5)


def pillow(canvas: Canvas, x: float) -> None:
    """A white pillow that leans against the headboard."""
    (left, bottom), (right, top) = at(x - 0.43, 0.6, 4.65), at(x + 0.43, 1.0, 4.9)
    canvas.ellipse((left, bottom - 12, right, bottom + 9), "#8f8a86", 6, 0.6)
    canvas.rectangle((left, top, right, bottom), ["#ffffff", "#f1f0ef", "#cfccca"], 1.5, corner=13)
    canvas.limb([(left + 12, bottom - 8), ((left + right) / 2, bottom - 14)], (2, 1), "#b5b0ac", 2)
    canvas.limb([(right - 10, top + 8), ((left + right) / 2 + 14, top + 15)], (2, 1), "#c4c0bd", 2)
