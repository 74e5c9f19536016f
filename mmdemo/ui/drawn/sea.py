"""Two pictures of the sea: people who jump at sunset, and a sailing boat by day. Read next: `models.py`."""

import numpy as np
from PIL import Image

from mmdemo.ui.drawn.canvas import SCALE, Canvas
from mmdemo.ui.drawn.figures import JUMPING, STARRING, person


def sunset() -> Image.Image:
    """Two people jump on a beach, dark against the evening sky."""
    canvas = Canvas(["#39476f", "#7d6286", "#d97f62", "#f7b45c", "#ffe09a", "#ffe9b5"], seed=3)
    bars = canvas.clouds((0, 0, 600, 270), 36, 7)
    canvas.veil((0, 0, 600, 270), 0.75 * (bars - 0.15), "#8a4a55")
    canvas.veil((0, 0, 600, 270), 0.5 * (-bars - 0.35), "#ffdc9c")
    canvas.glow(330, 262, 250, "#ffb340", 0.8)
    canvas.glow(330, 262, 60, "#fff3c8")
    canvas.ellipse((308, 240, 352, 284), "#fff6d8", 1)
    water(canvas, (0, 272, 600, 372), ["#e6a367", "#a8705f", "#5b4a63"], 330)
    canvas.polygon([(0, 368), (170, 362), (360, 371), (600, 360), (600, 450), (0, 450)], ["#4a3640", "#2c2026"], 1)
    canvas.polygon([(0, 366), (170, 360), (360, 369), (600, 358), (600, 362), (360, 373), (0, 370)], "#e9b98c", 1, 0.7)
    canvas.speckle((0, 372, 600, 450), 0.25, 2, 3)
    for x in (205, 430):
        canvas.ellipse((x - 60, 404, x + 60, 416), "#120c10", 5, 0.7)
    person(canvas, JUMPING, 205, 392, 27, "#17121a", skirt=True)
    person(canvas, STARRING, 430, 378, 28, "#17121a")
    return canvas.finished()


def sailing_boat() -> Image.Image:
    """A white sailing boat on blue water under a few clouds."""
    canvas = Canvas(["#3d86c6", "#7db6e0", "#cfe6f3"], seed=5)
    puffs = canvas.clouds((0, 0, 600, 240), 90, 2.2, 5)
    height = np.linspace(1.1, 0, len(puffs))[:, None] ** 0.7
    canvas.veil((0, 0, 600, 240), 1.5 * height * (puffs - 0.1), "#ffffff")
    canvas.polygon(
        [(0, 262), (90, 246), (170, 252), (240, 243), (330, 256), (420, 262), (420, 268), (0, 268)], "#7d9bb0", 1.5
    )
    water(canvas, (0, 265, 600, 450), ["#6fb0d2", "#2f7fb2", "#154f83"], None)
    canvas.polygon([(205, 352), (385, 352), (350, 440), (240, 440)], "#e8f1f5", 7, 0.45)
    boat(canvas)
    canvas.polygon([(190, 356), (230, 350), (380, 350), (410, 356), (380, 361), (220, 361)], "#e9f5fb", 2, 0.75)
    return canvas.finished()


def boat(canvas: Canvas) -> None:
    """Hull, mast, two sails with the shade of their seams."""
    canvas.limb([(300, 330), (300, 60)], (4, 2.5), "#6d4a2f")
    canvas.polygon([(304, 72), (326, 130), (372, 240), (402, 312), (304, 318)], ["#ffffff", "#e9edf0", "#cbd6de"], 0.4)
    canvas.polygon([(296, 82), (270, 160), (236, 250), (205, 316), (296, 318)], ["#f6f8fa", "#d3dde4", "#aebdc9"], 0.4)
    for y in (130, 185, 240, 285):
        right, left = 306 + 0.36 * (y - 72), 294 - 0.35 * (y - 82)
        canvas.limb([(305, y + 2), (right, y - 4)], (0.9, 0.9), "#b6c3cc")
        canvas.limb([(295, y + 2), (left, y)], (0.9, 0.9), "#95a6b3")
    canvas.polygon([(304, 74), (304, 318), (322, 318), (312, 150)], "#9fb0bc", 5, 0.5)
    canvas.limb([(300, 322), (408, 316)], (3, 2), "#7a5535")
    canvas.polygon([(190, 326), (420, 322), (396, 356), (222, 358)], ["#ffffff", "#c9342c", "#8f1f1c"], 0.5)
    canvas.polygon([(188, 322), (422, 318), (420, 327), (192, 331)], ["#fdfdfd", "#d9dfe3"], 0.5)
    canvas.rectangle((262, 308, 296, 324), ["#f3ead8", "#c7b797"], 0.4, corner=3)


def water(canvas: Canvas, box: tuple[int, int, int, int], fill: list[str], sun: float | None) -> None:
    """Waves that grow towards the lower edge; under the sun (its x) they glitter."""
    canvas.rectangle(box, fill)
    left, top, right, bottom = box
    canvas.ripples(box, 0.35, 0.16 * (bottom - top), 5)
    if sun is not None:
        size = SCALE * (right - left), SCALE * (bottom - top)
        glitter = canvas.noise(size, 1.6, 8)
        x = np.arange(size[0]) / SCALE + left
        wide = np.linspace(26, 70, size[1])[:, None]
        canvas.veil(box, 1.6 * (glitter + 0.25) * np.exp(-(((x - sun) / wide) ** 2)), "#fff0c0")
