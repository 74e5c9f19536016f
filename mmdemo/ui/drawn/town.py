"""A street by day with a red bus, in one-point perspective. Read next: `room.py`.

Places in the street are metres: x to the right of the camera, y above the ground, z ahead of it.
"""

import numpy as np
from PIL import Image

from mmdemo.ui.drawn.canvas import Canvas, Point

EYE, FOCAL, MIDDLE = 1.7, 430.0, (300.0, 238.0)  # metres above ground; pixels; where all lines ahead meet


def at(x: float, y: float, z: float) -> Point:
    """Where a place in the street is seen: what is twice as far away looks half as large."""
    return MIDDLE[0] + FOCAL * x / z, MIDDLE[1] + FOCAL * (EYE - y) / z


def street() -> Image.Image:
    """A red double-decker comes towards us between houses; a traffic light shows green."""
    canvas = Canvas(["#5fa3da", "#a9d1ec", "#e3eff4", "#e3eff4"], seed=51)
    puffs = canvas.clouds((0, 0, 600, 235), 80, 2, 5)
    canvas.veil((0, 0, 600, 235), 1.5 * (puffs - 0.15), "#ffffff")
    road(canvas)
    tones = ["#b5654a", "#d8c4a2", "#9c5a46", "#cbb08c", "#a7b0b5", "#c08a62", "#d9cdb8"]
    for side in (1, -1):
        z = 62.0
        for i in range(7):
            deep = float(canvas.rng.uniform(7, 9.5))
            house(canvas, side, z - deep, z, float(canvas.rng.uniform(9, 13.5)), tones[(i + 3 * (side > 0)) % 7])
            z -= deep
    for z in (40, 30, 21):
        tree(canvas, -5.6, z)
    bus(canvas, -0.9, 9.5)
    traffic_light(canvas, 3.4, 8)
    return canvas.finished()


def road(canvas: Canvas) -> None:
    """Asphalt, kerbs, pavements and the broken line."""
    canvas.polygon([at(-9, 0, 90), at(9, 0, 90), (1500, 450), (-900, 450)], ["#b9b4aa", "#a09b92"])
    canvas.polygon([at(-4.3, 0, 90), at(4.3, 0, 90), at(4.3, 0, 3), at(-4.3, 0, 3)], ["#7a7d82", "#55585d", "#44474b"])
    canvas.ripples((0, 244, 600, 450), 0.14, 8, 2)
    for side in (-4.3, 4.3):
        canvas.polygon([at(side, 0, 90), at(side, 0, 3), at(side * 1.05, 0.1, 3), at(side * 1.05, 0.1, 90)], "#d5d1c8")
    for z in np.arange(3.4, 60, 4).tolist():
        canvas.polygon([at(1.45, 0, z), at(1.6, 0, z), at(1.6, 0, z + 1.8), at(1.45, 0, z + 1.8)], "#e9e9e6", 0.3)


def house(canvas: Canvas, side: int, near: float, far: float, height: float, tone: str) -> None:
    """A row house along the pavement: front, cornice, windows in rows, a shop below."""
    x, near = 7.0 * side, max(near, 3.2)

    def panel(
        z0: float, z1: float, y0: float, y1: float, fill: str | list[str], soft: float = 0.3, opacity: float = 1
    ) -> None:
        canvas.polygon([at(x, y0, z0), at(x, y1, z0), at(x, y1, z1), at(x, y0, z1)], fill, soft, opacity)

    canvas.polygon(
        [at(x, 0, far), at(x, height, far), at(x + 9 * side, height, far), at(x + 9 * side, 0, far)], "#8b7a6a"
    )
    panel(near, far, 0, height, tone)
    panel(near, far, height - 0.7, height, "#f0e8da", opacity=0.75)
    panel(near, far, 3.3, 3.55, "#efe6d6", opacity=0.8)
    for floor in np.arange(4.3, height - 2, 2.7).tolist():
        for z in np.arange(near + 1.0, far - 1.2, 2.1).tolist():
            panel(z - 0.12, z + 1.22, floor - 0.14, floor + 1.74, "#f3ede2")
            panel(z, z + 1.1, floor, floor + 1.6, ["#7f9db3", "#3c5163"])
            panel(z + 0.5, z + 0.6, floor, floor + 1.6, "#f3ede2")
    panel(near + 0.4, far - 0.4, 0.35, 2.5, ["#60707a", "#2c3740"])
    awning = str(canvas.rng.choice(["#2f6b4f", "#9b2f2f", "#2e4f7d", "#c98f2b"]))
    panel(near + 0.3, far - 0.3, 2.5, 3.2, awning)
    if side < 0:
        panel(near, far, 0, height, "#1b2230", opacity=0.28)


def tree(canvas: Canvas, x: float, z: float) -> None:
    """A trunk and a crown of many leaves' worth of balls."""
    unit = FOCAL / z
    canvas.limb([at(x, 0, z), at(x, 3, z)], (0.35 * unit, 0.2 * unit), "#4a3a2b", 0.4)
    cx, cy = at(x, 4.4, z)
    for _ in range(70):
        dx, dy = (float(v) for v in canvas.rng.normal(0, 0.62, 2))
        r = unit * float(canvas.rng.uniform(0.3, 0.6))
        px, py = cx + unit * dx, cy + unit * dy
        canvas.ball((px - r, py - r, px + r, py + r), "#7fae4a" if dy < 0 else "#5e8c3c", "#2f5626", opacity=0.85)


def bus(canvas: Canvas, x: float, z: float) -> None:
    """A double-decker seen from the front, its right side going back along the street."""
    unit, long = FOCAL / z, 9.0
    shadow = [at(x - 1.5, 0, z - 0.6), at(x + 1.6, 0, z - 0.6), at(x + 1.9, 0, z + long), at(x - 1.3, 0, z + long)]
    canvas.polygon(shadow, "#14161a", 4, 0.8)

    def front(
        x0: float, x1: float, y0: float, y1: float, fill: str | list[str], corner: float = 0.0, soft: float = 0.4
    ) -> None:
        (left, top), (right, bottom) = at(x + x0, y1, z), at(x + x1, y0, z)
        canvas.rectangle((left, top, right, bottom), fill, soft, corner=corner * unit)

    def flank(z0: float, z1: float, y0: float, y1: float, fill: str | list[str]) -> None:
        canvas.polygon([at(x + 1.25, y, z + d) for y, d in ((y0, z0), (y1, z0), (y1, z1), (y0, z1))], fill, 0.4)

    flank(0.05, long, 0.35, 4.25, ["#b01c1c", "#84100f"])
    for y in (1.35, 2.95):
        for d in (0.5, 2.2, 3.9, 5.6, 7.3):
            flank(d, d + 1.4, y, y + 0.95, ["#5e7482", "#2b3840"])
    for side in (-0.95, 0.95):
        front(side - 0.2, side + 0.2, 0, 0.6, "#121315", 0.08)
    front(-1.27, 1.27, 0.3, 4.3, ["#e53a30", "#d42a24", "#b81b19"], 0.22)
    front(-1.1, 1.1, 2.95, 3.95, ["#9fb9c6", "#516875", "#36464f"], 0.14)
    front(-0.03, 0.03, 2.95, 3.95, "#b81b19")
    front(-0.85, 0.85, 2.46, 2.78, "#17181a", 0.05)
    front(-1.12, 1.12, 1.15, 2.36, ["#a9c3cf", "#5b7380", "#2f3d45"], 0.14)
    front(-0.03, 0.03, 1.15, 2.36, "#2a2f33")
    front(-1.0, 1.0, 0.36, 0.5, "#2a2b2d", 0.05)
    front(-0.35, 0.35, 0.58, 0.78, "#f4f0e2", 0.03)
    for side in (-0.9, 0.9):
        cx, cy = at(x + side, 0.8, z)
        canvas.ball((cx - 0.17 * unit, cy - 0.17 * unit, cx + 0.17 * unit, cy + 0.17 * unit), "#fffdf0", "#c9c3a2")
    digits(canvas, *at(x, 2.62, z), unit)
    canvas.polygon(
        [at(x - 1.0, 3.95, z), at(x - 0.3, 3.95, z), at(x - 0.75, 2.95, z), at(x - 1.0, 2.95, z)], "#ffffff", 2, 0.25
    )
    canvas.polygon(
        [at(x + 0.1, 2.3, z), at(x + 0.7, 2.3, z), at(x + 0.3, 1.2, z), at(x - 0.1, 1.2, z)], "#ffffff", 2, 0.2
    )


def digits(canvas: Canvas, x: float, y: float, unit: float) -> None:
    """The line's number, in amber lamps."""
    canvas.letters("15", x, y, 0.3 * unit, "#ffc14a")


def traffic_light(canvas: Canvas, x: float, z: float) -> None:
    """A pole at the kerb with three lamps, the lowest one lit."""
    unit = FOCAL / z
    canvas.limb([at(x, 0, z), at(x, 3.1, z)], (0.13 * unit, 0.11 * unit), ["#4a4f55", "#2b2f33"], 0.4)
    (left, top), (right, bottom) = at(x - 0.24, 4.15, z), at(x + 0.24, 2.85, z)
    canvas.rectangle((left, top, right, bottom), ["#2f3337", "#17191b"], 0.4, corner=0.1 * unit)
    for y, light, dark in ((3.92, "#5c2320", "#2b1110"), (3.5, "#5e4a1e", "#2b220e"), (3.08, "#8dffb0", "#15b553")):
        cx, cy = at(x, y, z)
        r = 0.16 * unit
        canvas.ball((cx - r, cy - r, cx + r, cy + r), light, dark)
        if light == "#8dffb0":
            canvas.glow(cx, cy, 0.6 * unit, "#35e070", 0.7)
