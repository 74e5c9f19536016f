"""Pictures with the solid figures of `models.py`: ducks on the water, a fox in the snow, a fox behind a rabbit.

Read next: `table.py`.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from mmdemo.ui.drawn.canvas import SCALE, Canvas
from mmdemo.ui.drawn.models import load_mesh, seen

BROWN, WHITE, GREY = (0.64, 0.48, 0.35), (0.93, 0.9, 0.86), (0.56, 0.54, 0.53)  # fur


def duck() -> Image.Image:
    """One yellow rubber duck on blue water."""
    canvas = pond(7)
    float_on(canvas, seen(load_mesh("Duck.glb"), 158, shine=0.5), 225, 372, 270)
    return canvas.finished()


def pond(seed: int) -> Canvas:
    """Water seen from above, lighter far away."""
    canvas = Canvas(["#a9d9ec", "#4ea6cf", "#1f78a9", "#125d8e"], seed)
    canvas.ripples((0, 0, 600, 450), 0.28, 90, 3)
    canvas.ripples((0, 0, 600, 450), 0.16, 36, 4)
    return canvas


def float_on(canvas: Canvas, picture: Image.Image, x: float, y: float, width: float) -> None:
    """A figure that swims: its mirror image below it, rings around it, its lower edge under water."""
    picture = picture.crop((0, 0, picture.width, round(0.93 * picture.height)))
    mirror = ImageOps.flip(picture).resize((picture.width, picture.height // 2))
    fade = np.linspace(0.55, 0.05, mirror.height)[:, None] * np.asarray(mirror.getchannel("A"))
    mirror.putalpha(Image.fromarray(fade.astype(np.uint8)))
    mirror = mirror.filter(ImageFilter.GaussianBlur(picture.width / 60))
    canvas.ellipse((x - 0.62 * width, y - 0.1 * width, x + 0.62 * width, y + 0.13 * width), "#0b3e63", width / 18, 0.55)
    canvas.put(mirror, x, y + width * mirror.height / mirror.width, width)
    canvas.put(picture, x, y, width)
    canvas.ellipse(
        (x - 0.42 * width, y - 0.025 * width, x + 0.4 * width, y + 0.02 * width), "#bfe6f5", width / 60, 0.55
    )


def fox() -> Image.Image:
    """A fox in the snow before dark firs."""
    canvas = Canvas(["#93a9bd", "#b9c9d6", "#dfe7ee"], seed=11)
    firs(canvas, 250)
    canvas.blur(3)
    canvas.polygon(
        [(0, 252), (200, 240), (420, 250), (600, 238), (600, 450), (0, 450)], ["#e6edf4", "#ffffff", "#d9e3ee"], 3
    )
    canvas.ripples((0, 262, 600, 450), 0.07, 40, 3)
    canvas.ellipse((130, 372, 500, 404), "#7e93ab", 8, 0.6)
    canvas.put(seen(load_mesh("Fox.gltf"), 128, ambient=0.55), 300, 396, 390)
    snow(canvas, 160)
    return canvas.finished()


def firs(canvas: Canvas, ground: float) -> None:
    """A row of firs, three layers of branches each, with snow on them."""
    for x in np.sort(canvas.rng.uniform(-20, 620, 26)).tolist():
        height, tone = canvas.rng.uniform(120, 230), canvas.rng.choice(["#24382f", "#2d463a", "#1c2f2b", "#3a5346"])
        for share, wide in ((1.0, 0.12), (0.78, 0.18), (0.55, 0.24), (0.32, 0.28)):
            top, low = ground - share * height, ground - (share - 0.4) * height
            canvas.polygon([(x, top), (x + wide * height, low), (x - wide * height, low)], str(tone), 0.6)
            edge = [(x, top), (x - wide * height, low), (x - 0.5 * wide * height, low - 4)]
            canvas.polygon(edge, "#dfe8ee", 1.5, 0.55)


def snow(canvas: Canvas, flakes: int) -> None:
    """Falling flakes, some near and out of focus."""
    rng = canvas.rng
    places = np.stack([rng.uniform(0, 600, flakes), rng.uniform(0, 450, flakes), rng.gamma(2, 0.7, flakes)], 1)
    for x, y, r in places.tolist():
        canvas.ellipse((x - r, y - r, x + r, y + r), "#ffffff", r / 3, 0.8)


def fox_behind_rabbit() -> Image.Image:
    """A fox follows a rabbit, which looks away, over a meadow."""
    canvas = meadow(5)
    stand_on(canvas, seen(load_mesh("Fox.gltf"), 112, ambient=0.55), 225, 378, 310)
    stand_on(canvas, a_rabbit(150, GREY), 452, 388, 142)
    return canvas.finished()


def rabbit() -> Image.Image:
    """A brown rabbit in the grass."""
    canvas = meadow(17)
    stand_on(canvas, a_rabbit(25), 300, 392, 260)
    return canvas.finished()


def five_rabbits() -> Image.Image:
    """Five rabbits in the grass: grey, white and brown ones."""
    canvas = meadow(19)
    brown, white = (a_rabbit(turn, colour) for turn, colour in ((25, BROWN), (330, WHITE)))
    grey = a_rabbit(150, GREY)
    for picture, x, y, width in (
        (brown, 205, 272, 82), (grey, 352, 274, 88), (grey, 135, 378, 132), (white, 464, 388, 148),
        (brown, 300, 412, 158),
    ):  # fmt: skip
        stand_on(canvas, picture, x, y, width)
    return canvas.finished()


def a_rabbit(turn: float, colour: tuple[float, float, float] = BROWN) -> Image.Image:
    """One rabbit, its fur a little uneven, from one side."""
    return seen(load_mesh("Bunny.obj", colour), turn, ambient=0.48)


def stand_on(canvas: Canvas, picture: Image.Image, x: float, y: float, width: float) -> None:
    """A figure in the grass: its shadow, and blades before its feet."""
    canvas.ellipse((x - 0.48 * width, y - 0.1 * width, x + 0.55 * width, y + 0.04 * width), "#1d3314", 7, 0.7)
    canvas.put(picture, x, y, width)
    grass(canvas, (x - 0.55 * width, y - 0.03 * width, x + 0.55 * width, y + 12), int(1.5 * width), 10 + width / 16)


def meadow(seed: int) -> Canvas:
    """Grass up to a blurred row of trees."""
    canvas = Canvas(["#86bde3", "#cfe6f0", "#cfe6f0"], seed)
    leaves = canvas.clouds((0, 60, 600, 230), 40, 1.2, 5)
    height = np.linspace(-0.5, 2.2, len(leaves))[:, None]
    canvas.veil((0, 60, 600, 230), 3 * (leaves + height), "#3f6b35")
    canvas.veil((0, 60, 600, 230), 1.6 * (canvas.clouds((0, 60, 600, 230), 24, 1.2) - 0.2) * (height > 0.6), "#87a94c")
    canvas.rectangle((0, 226, 600, 450), ["#9bbf58", "#6f9f3d", "#3f6f26"], 5)
    canvas.blur(3.5)
    canvas.ripples((0, 232, 600, 450), 0.3, 26, 1)
    for low, count, length in ((280, 500, 7), (340, 700, 12), (400, 700, 18), (455, 500, 26)):
        grass(canvas, (0, low - 60, 600, low), count, length)
    return canvas


def grass(canvas: Canvas, box: tuple[float, float, float, float], count: int, length: float) -> None:
    """Blades of grass with their feet in the box."""
    pen = ImageDraw.Draw(canvas.image)
    y = np.sort(canvas.rng.uniform(box[1], box[3], count))
    x, lean = canvas.rng.uniform(box[0], box[2], count), canvas.rng.normal(0, 0.35, count)
    tone, tall = canvas.rng.uniform(0.6, 1.25, count), canvas.rng.uniform(0.5, 1.2, count) * length
    for i in range(count):
        tip = (SCALE * (x[i] + lean[i] * tall[i]), SCALE * (y[i] - tall[i]))
        foot, wide = (SCALE * x[i], SCALE * y[i]), SCALE * (0.5 + length / 26)
        colour = tuple(int(min(255, v * tone[i])) for v in (112, 158, 60))
        pen.polygon([(foot[0] - wide, foot[1]), tip, (foot[0] + wide, foot[1])], colour)
