"""A picture with text in it: a stop sign. Read next: `rain.py`."""

import numpy as np
from PIL import Image

from mmdemo.ui.drawn.canvas import Canvas, Point


def stop_sign() -> Image.Image:
    """A red octagon that says STOP, before blurred trees."""
    canvas = Canvas(["#8fc3e8", "#d6e9f2", "#e9eee4"], seed=31)
    leaves = canvas.clouds((0, 110, 600, 400), 60, 1.1, 5)
    height = np.linspace(-0.7, 2.4, len(leaves))[:, None]
    canvas.veil((0, 110, 600, 400), 3 * (leaves + height), "#3d6a3a")
    canvas.veil((0, 110, 600, 400), 1.6 * (canvas.clouds((0, 110, 600, 400), 30) - 0.1) * (height > 0.3), "#86a552")
    canvas.rectangle((0, 372, 600, 450), ["#8f9296", "#6d7074"], 2)
    canvas.rectangle((0, 360, 600, 374), "#b9b6a8", 2)
    canvas.blur(6)
    x, y = 235, 192
    canvas.rectangle((x - 9, 300, x + 9, 450), "#8d9297", 0.4)
    canvas.rectangle((x - 7, 300, x - 2, 450), "#d2d7da", 1.2)
    for radius, fill in (
        (163, ["#c9ccd0", "#9a9da1"]),
        (160, ["#ffffff", "#e3e3e3"]),
        (148, ["#d3232b", "#b5141d", "#a01019"]),
    ):
        canvas.polygon(octagon(x, y, radius), fill, 0.5)
    canvas.letters("STOP", x, y, 100, ["#ffffff", "#ececec"], bold=4)
    canvas.polygon([(x - 110, 40), (x, 40), (x - 120, 340), (x - 150, 260), (x - 150, 130)], "#ffffff", 22, 0.14)
    for screw in (72, 312):
        canvas.ball((x - 4, screw - 4, x + 4, screw + 4), "#ffffff", "#77797c")
    return canvas.finished()


def octagon(x: float, y: float, radius: float) -> list[Point]:
    """Eight corners, the sides upright and level."""
    angles = np.pi / 8 + np.arange(8) * np.pi / 4
    return [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in angles]
