"""A sheet to paint on: shapes with soft edges and colours that run, noise as texture, blur as distance.

Everything is drawn `SCALE` times too large and shrunk at the end, which smooths every edge (supersampling). Places are
given in pixels of the finished picture, x to the right and y down. Chance is seeded: the same code paints the same
pixels. Read next: `figures.py`, `sea.py`.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 600, 450
SCALE = 3
GRAIN = 3.5  # standard deviation, of 255
Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]
Fill = str | Sequence[str] | Image.Image  # one colour; colours from top to bottom; or a picture of the whole sheet


class Canvas:
    """One picture in the making.

    Args:
        fill: of the whole sheet.
        seed: of every random number.
        size: (width, height) of the finished picture.
    """

    def __init__(self, fill: Fill, seed: int = 0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.rng = np.random.default_rng(seed)
        self.width, self.height = size
        self.image = Image.new("RGB", (SCALE * self.width, SCALE * self.height))
        self.rectangle((0, 0, *size), fill)

    def rectangle(self, box: Box, fill: Fill, soft: float = 0, opacity: float = 1, corner: float = 0) -> None:
        """A box, its corners rounded by `corner` pixels."""
        self._shape(box, "rounded_rectangle", fill, soft, opacity, radius=SCALE * corner)

    def ellipse(self, box: Box, fill: Fill, soft: float = 0, opacity: float = 1) -> None:
        """An ellipse that fills the box."""
        self._shape(box, "ellipse", fill, soft, opacity)

    def polygon(self, points: Sequence[Point], fill: Fill, soft: float = 0, opacity: float = 1) -> None:
        """A closed outline."""
        self.paint(self.outline(points), fill, soft, opacity, bounds(points))

    def limb(self, points: Sequence[Point], widths: Sequence[float], fill: Fill, soft: float = 0) -> None:
        """A line through the points, as wide at each as `widths` says, with round ends and joints."""
        mask = self.blank()
        pen = ImageDraw.Draw(mask)
        for a, b, wide, narrow in zip(points, points[1:], widths, widths[1:], strict=False):
            along = np.subtract(b, a)
            side = np.array([-along[1], along[0]]) / max(np.hypot(*along), 1e-6) / 2
            corners = [a + wide * side, b + narrow * side, b - narrow * side, a - wide * side]
            pen.polygon([tuple(SCALE * corner) for corner in corners], 255)
        for (x, y), width in zip(points, widths, strict=True):
            pen.ellipse([SCALE * v for v in (x - width / 2, y - width / 2, x + width / 2, y + width / 2)], 255)
        self.paint(mask, fill, soft, 1, bounds(points, max(widths)))

    def ball(self, box: Box, light: str, dark: str, at: Point = (0.35, 0.3), opacity: float = 1) -> None:
        """A round thing lit from the upper left: `light` at `at` (shares of the box), `dark` on the far side."""
        left, top, right, bottom = (round(SCALE * v) for v in box)
        size = max(right - left, 1), max(bottom - top, 1)
        y, x = np.mgrid[0 : size[1], 0 : size[0]]
        far = np.hypot(x / size[0] - at[0], y / size[1] - at[1]) / 0.85
        colours = mixed(light, dark, np.clip(far, 0, 1) ** 1.4)
        whole = Image.new("RGB", self.image.size)
        whole.paste(Image.fromarray(colours), (left, top))
        self.ellipse(box, whole, 0.4, opacity)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float = 1) -> None:
        """Light that adds to what is there, strongest in the middle."""
        side = round(2 * SCALE * radius)
        fade = ImageChops.invert(Image.radial_gradient("L")).resize((side, side))
        fade = fade.point(lambda v: strength * 255 * max(0.0, (v / 255 - 0.29) / 0.71) ** 2)  # 0 before the corner
        box = [round(SCALE * (x - radius)), round(SCALE * (y - radius))]
        light = Image.new("RGB", self.image.size)
        light.paste(Image.new("RGB", (side, side), colour), tuple(box), fade)
        self.image = ImageChops.screen(self.image, light)

    def speckle(self, box: Box, strength: float, grain: float = 1, stretch: float = 1) -> None:
        """Lighter and darker spots of about `grain` pixels, `stretch` times wider than high."""
        left, top, right, bottom = (round(SCALE * v) for v in box)
        spots = self.noise(((right - left), (bottom - top)), grain, stretch)
        part = np.asarray(self.image.crop((left, top, right, bottom)), np.float32)
        changed = part * (1 + strength * spots[..., None])
        self.image.paste(Image.fromarray(changed.clip(0, 255).astype(np.uint8)), (left, top))

    def noise(self, size: tuple[int, int], grain: float, stretch: float = 1) -> np.ndarray:
        """Smooth noise around 0, mostly in [-1, 1]: [height, width] for `size` (width, height) in large pixels."""
        cells = max(2, round(size[0] / SCALE / grain / stretch)), max(2, round(size[1] / SCALE / grain))
        coarse = self.rng.normal(0, 0.5, cells[::-1]).astype(np.float32)
        return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))

    def clouds(self, box: Box, grain: float, stretch: float = 1, octaves: int = 4) -> np.ndarray:
        """Noise of several grains, each half as coarse and half as strong as the one before: [height, width]."""
        size = round(SCALE * (box[2] - box[0])), round(SCALE * (box[3] - box[1]))
        return sum(self.noise(size, grain / 2**i, stretch) / 2**i for i in range(octaves))

    def ripples(self, box: Box, strength: float, grain: float, stretch: float = 1) -> None:
        """`speckle` of a level ground: far away, at the box's upper edge, the spots are small, near they are large.

        A spot of `grain` pixels at the lower edge shrinks with the distance from the horizon, as perspective has it.
        """
        left, top, right, bottom = (round(SCALE * v) for v in box)
        near = 0.06 * (bottom - top) + np.arange(bottom - top)[:, None]  # distance from the horizon
        side, unit = 1024, SCALE * grain / near.max()  # size of a spot over `near`
        spots = self.noise((side * SCALE, side * SCALE), 8)
        rows = 8 * SCALE * np.log(near) / unit
        columns = 8 * SCALE * (np.arange(right - left) - (right - left) / 2) / near / unit / stretch
        spots = spots[rows.astype(int) % len(spots), (columns + len(spots) / 2).astype(int) % len(spots)]
        part = np.asarray(self.image.crop((left, top, right, bottom)), np.float32)
        changed = part * (1 + strength * spots[..., None])
        self.image.paste(Image.fromarray(changed.clip(0, 255).astype(np.uint8)), (left, top))

    def veil(self, box: Box, opacity: np.ndarray, fill: str) -> None:
        """A colour laid over the box, as thick as `opacity` [height, width] in [0, 1] says."""
        mask = Image.fromarray((255 * opacity.clip(0, 1)).astype(np.uint8))
        self.image.paste(fill, (round(SCALE * box[0]), round(SCALE * box[1])), mask)

    def blur(self, radius: float) -> None:
        """All that was painted so far moves out of focus."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(SCALE * radius))

    def put(self, picture: Image.Image, x: float, y: float, width: float) -> None:
        """An RGBA picture, its lower edge's middle at (x, y)."""
        size = round(SCALE * width), round(SCALE * width * picture.height / picture.width)
        large = picture.resize(size, Image.Resampling.LANCZOS)
        self.image.paste(large, (round(SCALE * x - size[0] / 2), round(SCALE * y) - size[1]), large)

    def letters(self, text: str, x: float, y: float, size: float, fill: Fill, bold: float = 0) -> None:
        """Print around (x, y); `bold` is what each stroke gains."""
        mask, font = self.blank(), ImageFont.load_default(SCALE * size)
        pen = ImageDraw.Draw(mask)
        pen.text((SCALE * x, SCALE * y), text, 255, font, anchor="mm", stroke_width=round(SCALE * bold))
        half = size * len(text) / 2
        self.paint(mask, fill, 0.3, 1, (x - half, y - size, x + half, y + size))

    def finished(self) -> Image.Image:
        """The picture in its own size, RGB, with the fine grain that a camera's sensor leaves."""
        small = np.asarray(self.image.resize((self.width, self.height), Image.Resampling.LANCZOS), np.float32)
        grain = self.rng.normal(0, GRAIN, small.shape[:2])[..., None]
        return Image.fromarray((small + grain).clip(0, 255).astype(np.uint8))

    def blank(self) -> Image.Image:
        """An empty mask of the whole sheet."""
        return Image.new("L", self.image.size)

    def outline(self, points: Sequence[Point]) -> Image.Image:
        """The mask of a polygon."""
        mask = self.blank()
        ImageDraw.Draw(mask).polygon([(SCALE * x, SCALE * y) for x, y in points], 255)
        return mask

    def paint(self, mask: Image.Image, fill: Fill, soft: float, opacity: float, box: Box) -> None:
        """Lay `fill` on wherever the mask is white; `soft` is the blur of its edge."""
        margin = 3 * soft + 2
        left, top = (max(0, round(SCALE * (v - margin))) for v in box[:2])
        right = min(self.image.width, round(SCALE * (box[2] + margin)))
        bottom = min(self.image.height, round(SCALE * (box[3] + margin)))
        if right <= left or bottom <= top:
            return
        part = mask.crop((left, top, right, bottom))
        if soft:
            part = part.filter(ImageFilter.GaussianBlur(SCALE * soft))
        if opacity < 1:
            part = part.point(lambda v: round(opacity * v))
        if isinstance(fill, Image.Image):
            colours = fill.crop((left, top, right, bottom))
        else:
            stops = [fill] if isinstance(fill, str) else list(fill)
            colours = run(stops, part.size, SCALE * box[1] - top, SCALE * (box[3] - box[1]))
        self.image.paste(colours, (left, top), part)

    def _shape(self, box: Box, kind: str, fill: Fill, soft: float, opacity: float, **options: float) -> None:
        mask = self.blank()
        getattr(ImageDraw.Draw(mask), kind)([SCALE * v for v in box], fill=255, **options)
        self.paint(mask, fill, soft, opacity, box)


def run(stops: Sequence[str], size: tuple[int, int], start: float, length: float) -> Image.Image:
    """Colours from top to bottom over `length` rows from `start`, as a picture of that size."""
    place = np.clip((np.arange(size[1]) - start) / max(length, 1), 0, 1) * (len(stops) - 1)
    channels = zip(*map(ImageColor.getrgb, stops), strict=True)
    rows = np.stack([np.interp(place, range(len(stops)), channel) for channel in channels], -1)
    return Image.fromarray(rows.astype(np.uint8)[:, None]).resize(size, Image.Resampling.NEAREST)


def mixed(one: str, other: str, share: np.ndarray) -> np.ndarray:
    """`share` [...] of the other colour in the one: uint8 [..., 3]."""
    a, b = (np.array(ImageColor.getrgb(colour), np.float32) for colour in (one, other))
    return (a + share[..., None] * (b - a)).astype(np.uint8)


def bounds(points: Sequence[Point], margin: float = 0) -> Box:
    """The smallest upright box around the points, and a margin."""
    x, y = zip(*points, strict=True)
    return min(x) - margin, min(y) - margin, max(x) + margin, max(y) + margin
