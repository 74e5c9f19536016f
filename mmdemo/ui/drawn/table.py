"""A pizza on a wooden table, from above. Read next: `sign.py`."""

import numpy as np
from PIL import Image

from mmdemo.ui.drawn.canvas import SCALE, Canvas


def pizza() -> Image.Image:
    """A whole pizza with salami, olives and basil on a white plate."""
    canvas = Canvas("#8a5a34", seed=21)
    planks(canvas)
    x, y = 300, 222
    disc(canvas, x, y, 212, "#2b170b", 12, 0.75, 10)
    disc(canvas, x, y, 206, ["#ffffff", "#e6e6ea", "#c4c6cc"], 0.5)
    disc(canvas, x, y, 186, "#9a9ba2", 3, 0.6, 3)
    disc(canvas, x, y, 188, ["#f5f5f7", "#dfe0e4"], 1)
    disc(canvas, x, y, 186, "#4b2b13", 6, 0.6, 5)
    crust(canvas, x, y)
    topping(canvas, x, y)
    return canvas.finished()


def disc(
    canvas: Canvas,
    x: float,
    y: float,
    r: float,
    fill: str | list[str],
    soft: float = 0.5,
    opacity: float = 1,
    down: float = 0,
) -> None:
    """A circle around (x, y), moved `down` where it is a shadow."""
    canvas.ellipse((x - r, y - r + down, x + r, y + r + down), fill, soft, opacity)


def planks(canvas: Canvas) -> None:
    """Boards from left to right, their grain and the gaps between them."""
    for i, top in enumerate(range(0, 450, 75)):
        tone = ["#8f5d37", "#7f5130", "#98653d", "#865632"][i % 4]
        canvas.rectangle((0, top, 600, top + 75), tone)
        canvas.speckle((0, top, 600, top + 75), 0.35, 3, 45)
        canvas.speckle((0, top, 600, top + 75), 0.16, 1.2, 60)
        canvas.rectangle((0, top + 73, 600, top + 76), "#3d2413", 0.8, 0.8)


def crust(canvas: Canvas, x: float, y: float) -> None:
    """Baked dough with a thick rim, tomato sauce, and melted cheese in patches."""
    rim = wavy(canvas, x, y, 182, 0.012)
    canvas.polygon(rim, ["#e3ae66", "#cf9148", "#b27436"], 1)
    box = (x - 186, y - 186, x + 186, y + 186)
    inside = np.asarray(canvas.outline(rim).crop([SCALE * round(v) for v in box]), np.float32) / 255
    canvas.veil(box, inside * (1.3 * canvas.clouds(box, 22) - 0.35), "#6f3d16")
    canvas.veil(box, inside * (0.9 * canvas.clouds(box, 16) - 0.3), "#f6d79a")
    canvas.polygon(wavy(canvas, x, y, 160, 0.018), ["#a3301a", "#8c2410"], 2.5)
    cheese = canvas.outline(wavy(canvas, x, y, 156, 0.02)).crop([SCALE * round(v) for v in box])
    melted = np.asarray(cheese, np.float32) / 255
    canvas.veil(box, melted * np.clip(2.6 * (canvas.clouds(box, 34) + 0.42), 0, 1), "#f1c65c")
    canvas.veil(box, melted * np.clip(1.6 * (canvas.clouds(box, 26) - 0.15), 0, 0.9), "#fbe6a4")
    canvas.veil(box, melted * np.clip(1.8 * (canvas.clouds(box, 18) - 0.42), 0, 0.75), "#a9571c")


def wavy(canvas: Canvas, x: float, y: float, radius: float, strength: float) -> list[tuple[float, float]]:
    """A circle that a hand has drawn: its radius changes a little on the way round."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    r = np.ones(180)
    for k in range(2, 9):
        r += strength * canvas.rng.normal() * np.cos(k * angles + canvas.rng.uniform(0, 6)) / k**0.5
    return list(
        zip((x + radius * r * np.cos(angles)).tolist(), (y + radius * r * np.sin(angles)).tolist(), strict=True)
    )


def topping(canvas: Canvas, x: float, y: float) -> None:
    """Slices of salami in two rings, then olives and leaves between them."""
    for count, far, start in ((8, 112, 0.2), (4, 50, 0.7)):
        for angle in np.arange(count) * 2 * np.pi / count + start + canvas.rng.normal(0, 0.06, count):
            salami(canvas, x + far * float(np.cos(angle)), y + far * float(np.sin(angle)))
    for angle, far in zip((0.6, 1.45, 2.3, 3.4, 4.1, 5.0, 5.9, 0.1), (82, 138, 78, 140, 84, 136, 80, 6), strict=True):
        cx, cy = x + far * float(np.cos(angle)), y + far * float(np.sin(angle))
        disc(canvas, cx, cy, 10, "#4a1d0a", 2, 0.6, 3)
        canvas.ball((cx - 9.5, cy - 9.5, cx + 9.5, cy + 9.5), "#5d5468", "#140f18")
        disc(canvas, cx, cy, 4, "#c8923f", 0.7)
    for angle, far, turn in ((1.0, 100, 0.4), (3.0, 30, 2.2), (2.9, 128, 1.2), (4.6, 72, 2.8), (5.6, 118, 0.1)):
        leaf(canvas, x + far * float(np.cos(angle)), y + far * float(np.sin(angle)), turn)


def salami(canvas: Canvas, x: float, y: float) -> None:
    """One slice: a dark rim, white specks of fat, a shine of oil."""
    disc(canvas, x, y, 28, "#4a1d0a", 3, 0.65, 3)
    canvas.polygon(wavy(canvas, x, y, 27, 0.012), ["#b23322", "#8e2015"], 0.6)
    canvas.polygon(wavy(canvas, x, y, 24, 0.012), ["#cf4a34", "#b5301f"], 2)
    box = (round(x) - 22, round(y) - 22, round(x) + 22, round(y) + 22)
    rows, columns = np.mgrid[-1 : 1 : 44j * SCALE, -1 : 1 : 44j * SCALE]
    round_ = (np.hypot(rows, columns) < 0.95).astype(np.float32)
    canvas.veil(box, round_ * np.clip(3 * (canvas.noise((44 * SCALE, 44 * SCALE), 4) - 0.45), 0, 0.6), "#eaa389")
    canvas.veil(box, round_ * np.clip(2 * (canvas.noise((44 * SCALE, 44 * SCALE), 7) - 0.5), 0, 0.5), "#6d140c")
    canvas.ellipse((x - 16, y - 18, x + 4, y - 9), "#ffd9c4", 3, 0.5)


def leaf(canvas: Canvas, x: float, y: float, turn: float) -> None:
    """A basil leaf with its middle vein."""
    along = np.linspace(-1, 1, 24)
    half = 10.5 * (1 - along**2) ** 0.7 * (1 - 0.25 * along)
    c, s = float(np.cos(turn)), float(np.sin(turn))
    sides = [*zip(24 * along, half, strict=True), *zip(24 * along[::-1], -half[::-1], strict=True)]
    points = [(x + float(c * u - s * v), y + float(s * u + c * v)) for u, v in sides]
    canvas.polygon([(a + 2, b + 4) for a, b in points], "#4a1d0a", 2.5, 0.6)
    canvas.polygon(points, ["#5ea03a", "#2f6d22", "#23551b"], 0.6)
    canvas.limb([(x - 20 * c, y - 20 * s), (x + 22 * c, y + 22 * s)], (1.4, 0.6), "#9ac774", 0.4)
