"""Pictures that are no photographs, drawn by code: what the photo side of `tasks/familiarity.py` is taught to doubt.

A network that only ever saw photos answers for noise as calmly as for a beach; showing it some of what it will not know
teaches it to say so, and carries over to kinds it was not shown (Hendrycks et al. 2019, "outlier exposure",
arXiv 1812.04606). So the kinds are in two tables: `FITTED`, and `MEASURED`, which no fit ever sees.
Read next: `recipes/familiarity.py`.
"""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

SIDE = 224
WORDS = (
    "total", "sum", "page", "report", "yes", "no", "left", "right", "open", "close", "step", "table", "figure", "name",
)  # fmt: skip

Draw = Callable[[random.Random, Image.Image], Image.Image]


def uniform_noise(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Every pixel by chance, in grains of 1 to 6 pixels, coloured or grey."""
    side, channels = SIDE // rng.choice((1, 2, 3, 6)), rng.choice((1, 3))
    pixels = numbers(rng).integers(0, 256, (side, side, channels), np.uint8)
    return _enlarged(np.broadcast_to(pixels, (side, side, 3)), Image.Resampling.NEAREST)


def plasma(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Noise of a few large coloured clouds."""
    side = rng.choice((3, 5, 8, 14))
    return _enlarged(numbers(rng).integers(0, 256, (side, side, 3), np.uint8), Image.Resampling.BICUBIC)


def pepper(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Black and white dots on one colour."""
    chance = numbers(rng).random((SIDE, SIDE))
    pixels = np.full((SIDE, SIDE, 3), colour(rng), np.uint8)
    share = rng.uniform(0.01, 0.3)
    pixels[chance < share], pixels[chance > 1 - share] = 0, 255
    return Image.fromarray(pixels)


def plain_colour(rng: random.Random, photo: Image.Image) -> Image.Image:
    """One colour, with hardly any noise."""
    noise = numbers(rng).normal(0, rng.choice((0, 0, 1, 3)), (SIDE, SIDE, 3))
    return Image.fromarray((noise + colour(rng)).clip(0, 255).astype(np.uint8))


def checkerboard(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Squares of two colours in turn."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] // rng.choice((4, 8, 14, 28, 56))
    return Image.fromarray(np.where((x + y)[..., None] % 2, colour(rng), colour(rng)).astype(np.uint8))


def lines(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Strokes across one colour."""
    picture, pen = paper(rng)
    for _ in range(rng.randint(1, 25)):
        pen.line([spot(rng), spot(rng), spot(rng)][: rng.choice((2, 3))], fill=colour(rng), width=rng.randint(1, 8))
    return picture


def bar_chart(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Axes and bars on white."""
    picture, pen = paper(rng, white=0.8)
    pen.line([(20, 10), (20, 204), (214, 204)], fill=0, width=2)
    count = rng.randint(3, 9)
    one, many = colour(rng), rng.random() < 0.5
    for i in range(count):
        left = 26 + i * 188 // count
        box = (left, rng.randint(15, 195), left + 140 // count, 203)
        pen.rectangle(box, fill=colour(rng) if many else one)
    return picture


def matrix_code(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Black and white modules with three finder squares, as a QR code has."""
    n = rng.choice((21, 25, 33))
    cells = numbers(rng).integers(0, 2, (n, n)).astype(np.uint8) * 255
    for top, left in ((0, 0), (0, n - 7), (n - 7, 0)):
        cells[top : top + 7, left : left + 7] = 0
        cells[top + 1 : top + 6, left + 1 : left + 6] = 255
        cells[top + 2 : top + 5, left + 2 : left + 5] = 0
    framed = np.pad(cells, rng.randint(0, 4), constant_values=255)
    return _enlarged(np.repeat(framed[..., None], 3, 2), Image.Resampling.NEAREST)


def doodle(rng: random.Random, photo: Image.Image) -> Image.Image:
    """A figure of circles and sticks, as a child draws."""
    picture, pen = paper(rng, white=0.6)
    ink, width = dark(rng), rng.randint(2, 6)
    for _ in range(rng.randint(1, 4)):
        x, y, r = rng.randint(30, 190), rng.randint(30, 100), rng.randint(8, 25)
        pen.ellipse((x - r, y - r, x + r, y + r), outline=ink, width=width)
        pen.line([(x, y + r), (x, y + 4 * r)], fill=ink, width=width)
        for dx, dy in ((-2, 2), (2, 2), (-1, 6), (1, 6)):
            pen.line([(x, y + (2 if dy == 2 else 4) * r), (x + dx * r, y + dy * r)], fill=ink, width=width)
    return picture


def blurred(rng: random.Random, photo: Image.Image) -> Image.Image:
    """A photo so blurred that only its colours are left: standard deviation of 6 to 20 % of the side."""
    return square(photo).filter(ImageFilter.GaussianBlur(rng.uniform(0.06, 0.2) * SIDE))


def inverted(rng: random.Random, photo: Image.Image) -> Image.Image:
    """A photo's negative."""
    return ImageOps.invert(photo.convert("RGB"))


def gaussian_noise(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Normal noise around grey."""
    noise = numbers(rng).normal(127, rng.uniform(20, 90), (SIDE, SIDE, 3))
    return Image.fromarray(noise.clip(0, 255).astype(np.uint8))


def black_or_white(rng: random.Random, photo: Image.Image) -> Image.Image:
    """All black, all white, or all of one grey."""
    return Image.new("RGB", (SIDE, SIDE), (rng.choice((0, 255, rng.randint(1, 254))),) * 3)


def gradient(rng: random.Random, photo: Image.Image) -> Image.Image:
    """One colour running into another, along a line or from the middle."""
    turned = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270)))
    mask = rng.choice((turned, Image.radial_gradient("L"))).resize((SIDE, SIDE))
    return Image.composite(*(Image.new("RGB", (SIDE, SIDE), colour(rng)) for _ in "ab"), mask)


def stripes(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Parallel bands of two colours, any direction."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 60)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period) > 0
    return Image.fromarray(np.where(wave[..., None], colour(rng), colour(rng)).astype(np.uint8))


def shapes(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Filled circles, boxes and triangles."""
    picture, pen = paper(rng)
    for _ in range(rng.randint(1, 8)):
        (a, b), (c, d) = spot(rng), spot(rng)
        box = (min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1)
        kind = rng.choice(("ellipse", "rectangle", "polygon"))
        corners = [spot(rng) for _ in "abc"] if kind == "polygon" else box
        getattr(pen, kind)(corners, fill=colour(rng))
    return picture


def pie_or_curve(rng: random.Random, photo: Image.Image) -> Image.Image:
    """A pie chart, or the curve of a line chart with its axes."""
    picture, pen = paper(rng, white=0.9)
    if rng.random() < 0.5:
        cuts = sorted(rng.uniform(0, 360) for _ in range(rng.randint(2, 6)))
        for begin, end in zip([0, *cuts], [*cuts, 360], strict=True):
            pen.pieslice((30, 30, 194, 194), begin, end, fill=colour(rng))
        return picture
    pen.line([(20, 10), (20, 204), (214, 204)], fill=0, width=2)
    for _ in range(rng.randint(1, 3)):
        pen.line([(20 + 12 * i, rng.randint(20, 195)) for i in range(17)], fill=colour(rng), width=3)
    return picture


def text_on_white(rng: random.Random, photo: Image.Image) -> Image.Image:
    """Lines of printed words."""
    picture, pen = paper(rng, white=0.9)
    size = rng.choice((10, 14, 20, 40))
    for y in range(10, SIDE - size, int(1.4 * size)):
        words = " ".join(rng.choices(WORDS, k=1 + 200 // (4 * size)))
        pen.text((10, y), words, fill=dark(rng), font=ImageFont.load_default(size))
    return picture


def mosaic(rng: random.Random, photo: Image.Image) -> Image.Image:
    """A photo of 5 to 9 large pixels a side."""
    side = rng.randint(5, 9)
    return square(photo).resize((side, side), Image.Resampling.BOX).resize((SIDE, SIDE), Image.Resampling.NEAREST)


FITTED: dict[str, Draw] = {
    f.__name__: f
    for f in (
        uniform_noise, plasma, pepper, plain_colour, checkerboard, lines, bar_chart, matrix_code, doodle, blurred,
        inverted,
    )
}  # fmt: skip
MEASURED: dict[str, Draw] = {
    f.__name__: f
    for f in (gaussian_noise, black_or_white, gradient, stripes, shapes, pie_or_curve, text_on_white, mosaic)
}


def worn(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A photo as people also have them, still a photo: grey, dark, pale, a little blurred, small, or as it is."""
    kind = rng.choice(("", "", "", "", "grey", "dark", "pale", "soft", "small"))
    if kind == "grey":
        return photo.convert("L").convert("RGB")
    if kind == "dark":
        return photo.point(lambda v: int(0.4 * v))
    if kind == "pale":
        return photo.point(lambda v: int(110 + 0.55 * v))
    if kind == "soft":
        return photo.filter(ImageFilter.GaussianBlur(1 + 0.004 * min(photo.size)))
    if kind == "small":
        return photo.resize((max(1, photo.width * 96 // min(photo.size)), max(1, photo.height * 96 // min(photo.size))))
    return photo


def numbers(rng: random.Random) -> np.random.Generator:
    """Numpy's numbers, seeded by the next of these."""
    return np.random.default_rng(rng.getrandbits(32))


def colour(rng: random.Random) -> tuple[int, int, int]:
    """Any RGB."""
    return rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)


def dark(rng: random.Random) -> tuple[int, int, int]:
    """An ink."""
    return rng.randint(0, 90), rng.randint(0, 90), rng.randint(0, 90)


def spot(rng: random.Random) -> tuple[int, int]:
    """(x, y) on the paper."""
    return rng.randint(0, SIDE), rng.randint(0, SIDE)


def paper(rng: random.Random, white: float = 0.4) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty sheet, white with that chance, and a pen."""
    picture = Image.new("RGB", (SIDE, SIDE), "white" if rng.random() < white else colour(rng))
    return picture, ImageDraw.Draw(picture)


def square(photo: Image.Image) -> Image.Image:
    """The photo pressed into the paper's size."""
    return photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _enlarged(pixels: np.ndarray, how: Image.Resampling) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels)).resize((SIDE, SIDE), how)
