"""Someone under a red umbrella, on a rainy evening in a town. Read next: `town.py`."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from mmdemo.ui.drawn.canvas import SCALE, Canvas, Point


def rain() -> Image.Image:
    """Someone under a red umbrella walks away, on a wet street in the evening."""
    canvas = Canvas(["#26303f", "#3a4658", "#55606d", "#4a5360"], seed=41)
    for left, right, top, tone in (
        (-10, 130, 20, "#232a36"), (118, 205, 95, "#2d3542"), (395, 480, 80, "#2b3340"), (468, 610, 10, "#20262f"),
    ):  # fmt: skip
        canvas.rectangle((left, top, right, 300), [tone, "#39424f"], 1)
        for x in range(left + 14, right - 14, 24):
            for y in range(top + 18, 262, 34):
                if canvas.rng.random() < 0.42:
                    canvas.rectangle(
                        (x, y, x + 12, y + 18), str(canvas.rng.choice(["#f3c877", "#e9b25c", "#c8d3da"])), 1
                    )
    canvas.blur(5)
    lamps(canvas)
    wet_road(canvas)
    walker(canvas, 235, 404)
    drops(canvas, 420)
    return canvas.finished()


def lamps(canvas: Canvas) -> None:
    """Lights of the town out of focus."""
    colours = ["#ffd27a", "#ffb347", "#ff6a4d", "#ffe3a6", "#9fd3ff"]
    for x, y, r in canvas.rng.uniform((20, 150, 5), (580, 285, 15), (34, 3)).tolist():
        canvas.ellipse((x - r, y - r, x + r, y + r), str(canvas.rng.choice(colours)), 1.2, 0.5)
    for x, colour in ((95, "#ffcf80"), (505, "#ffcf80"), (215, "#ff7a5c"), (390, "#ffd890")):
        canvas.glow(x, 210, 95, colour, 0.7)
        canvas.ellipse((x - 13, 197, x + 13, 223), "#fff0cf", 1.5, 0.9)


def wet_road(canvas: Canvas) -> None:
    """The lower part mirrors the upper one, stretched and darkened, with ripples."""
    line, width = SCALE * 290, canvas.image.width
    mirror = ImageOps.flip(canvas.image.crop((0, 0, width, line))).resize((width, canvas.image.height - line))
    mirror = mirror.filter(ImageFilter.GaussianBlur(SCALE * 5)).point(lambda v: round(0.72 * v))
    canvas.image.paste(mirror, (0, line))
    canvas.ripples((0, 290, 600, 450), 0.32, 26, 4)
    canvas.rectangle((0, 284, 600, 294), "#1f2530", 3, 0.6)


def walker(canvas: Canvas, x: float, ground: float) -> None:
    """From behind: a long coat, boots, and a wide umbrella with ribs."""
    canvas.ellipse((x - 75, ground - 12, x + 75, ground + 12), "#0c1016", 6, 0.75)
    canvas.polygon([(x - 42, ground), (x + 42, ground), (x + 62, 450), (x - 62, 450)], "#10151d", 6, 0.6)
    for side, lift in ((-1, 0), (1, 7)):
        canvas.limb(
            [(x + side * 15, ground - 95), (x + side * 16, ground - 45 - lift), (x + side * 15, ground - 6 - lift)],
            (22, 17, 15),
            ["#2b3038", "#15181d"],
            0.5,
        )
        canvas.limb([(x + side * 15, ground - 4 - lift), (x + side * 19, ground - 1 - lift)], (17, 15), "#0b0d10", 0.5)
    canvas.polygon(
        [(x - 33, 232), (x + 33, 232), (x + 48, ground - 70), (x - 48, ground - 70)],
        ["#c7a878", "#a98b5d", "#7d6541"],
        1.2,
    )
    canvas.polygon([(x + 8, 236), (x + 33, 232), (x + 48, ground - 70), (x + 20, ground - 70)], "#5b4527", 9, 0.5)
    canvas.limb([(x - 34, 242), (x - 50, 282), (x - 46, 318)], (22, 18, 13), ["#bd9e6d", "#8f7449"], 0.6)
    canvas.limb([(x + 32, 242), (x + 48, 272), (x + 24, 262)], (22, 18, 13), ["#b39564", "#86693f"], 0.6)
    canvas.limb([(x - 1, 238), (x - 1, ground - 72)], (1.6, 1.6), "#6b5533", 0.5)
    canvas.rectangle((x - 43, 300, x + 43, 308), "#6b5230", 1)
    canvas.ellipse((x - 20, 182, x + 20, 240), ["#3a2619", "#1d120b"], 1)
    canvas.limb([(x + 20, 120), (x + 22, 268)], (3, 3), "#c7ccd2", 0.4)
    umbrella(canvas, x + 6, 206, 150, 116)


def umbrella(canvas: Canvas, x: float, y: float, half: float, high: float) -> None:
    """Six red panels between curved ribs; the lower edge hangs in arcs."""
    ends = np.linspace(half, -half, 7).tolist()  # where the ribs end, from right to left
    arcs = np.linspace(0, 1, 10)[1:].tolist()
    low = [(x + a + (b - a) * s, y - 56 * s * (1 - s)) for a, b in zip(ends, ends[1:], strict=False) for s in arcs]
    ribs = [rib(x, y, end, high) for end in ends]
    canvas.polygon([*ribs[-1][::-1], *ribs[0], *low], ["#e8463f", "#c8282a", "#8f1519"], 0.6)
    for i, points in enumerate(ribs[1:-1]):
        canvas.limb(points, [1.6] * len(points), "#7d1015", 0.5)
        if i % 2:
            canvas.polygon([*points, *ribs[i + 2][::-1]], "#6d0c11", 3, 0.22)
    canvas.ellipse((x - 90, y - high + 12, x - 10, y - high + 52), "#ffb9ae", 14, 0.45)
    canvas.limb([(x, y - high - 14), (x, y - high + 2)], (3, 4), "#2a1c14", 0.4)


def rib(x: float, y: float, end: float, high: float) -> list[Point]:
    """From the top of the umbrella in a quarter of an ellipse to its rim."""
    turns = np.linspace(0, np.pi / 2, 20)
    return list(zip((x + end * np.sin(turns)).tolist(), (y - high * np.cos(turns)).tolist(), strict=True))


def drops(canvas: Canvas, count: int) -> None:
    """Rain as short bright lines, all aslant."""
    layer = canvas.blank()
    pen = ImageDraw.Draw(layer)
    for x, y, length in canvas.rng.uniform((-20, -20, 10), (620, 450, 30), (count, 3)).tolist():
        line = [SCALE * v for v in (x, y, x - 0.18 * length, y + length)]
        pen.line(line, round(50 + 3 * length), SCALE)
    canvas.paint(layer, "#dfe9f2", 0.3, 0.8, (0, 0, 600, 450))
