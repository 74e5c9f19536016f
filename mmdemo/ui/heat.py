"""A map of weights as colour over a photo, and as a sentence.

The palette is our own: five anchors from dark blue over grey to yellow. Its luminance only rises, and blue against
yellow is the one pair that all common kinds of colour blindness keep apart. A signed map is blue where it speaks
against the answer, orange where it speaks for it, and clear where it says nothing. Read next: `tabs/attention.py`.
"""

import base64
import io

import numpy as np
from PIL import Image

from mmdemo.ui.text import Say

ANCHORS = ("#0b1f52", "#35538a", "#74818c", "#b7a866", "#ffe14d")
AGAINST, FOR = "#1f6fe5", "#ff9d00"  # of a signed map
PHOTO_SIDE, MAP_SIDE = 900, 300  # pixels on the long side of what is sent to the browser


def palette(values: np.ndarray) -> np.ndarray:
    """Values in [0, 1], any shape -> RGB uint8 with one more axis, by straight lines between the anchors."""
    stops = np.array([[int(a[i : i + 2], 16) for i in (1, 3, 5)] for a in ANCHORS], float)
    at = np.linspace(0, 1, len(ANCHORS))
    channels = [np.interp(np.clip(values, 0, 1), at, stops[:, c]) for c in range(3)]
    return np.stack(channels, -1).round().astype(np.uint8)


def gradient(signed: bool = False) -> str:
    """The palette as a CSS gradient, left (low, or against) to right (high, or for)."""
    stops = (AGAINST, "#ffffff", FOR) if signed else ANCHORS
    return f"linear-gradient(90deg, {', '.join(stops)})"


def photo_uri(image: Image.Image, side: int = PHOTO_SIDE) -> str:
    """The photo as a data URI (JPEG without metadata), at most `side` pixels long."""
    small = image.convert("RGB")
    small.thumbnail((side, side))
    clean = Image.new("RGB", small.size)
    clean.paste(small)
    return _uri(clean, "JPEG", quality=88)


def picture_uri(pixels: np.ndarray) -> str:
    """[height, width, 3] in [0, 1] as a PNG data URI, pixel for pixel."""
    return _uri(Image.fromarray((255 * np.clip(pixels, 0, 1)).round().astype(np.uint8)), "PNG")


def map_uri(image_map: np.ndarray, signed: bool = False, side: int = MAP_SIDE) -> str:
    """A map [height, width] as a coloured PNG data URI, at most `side` pixels long.

    Unsigned: its largest value stands at the palette's top. Signed: blue below 0, orange above, and the further from 0,
    the less one sees through.
    """
    if signed:
        return _uri(_two_sided(image_map, side), "PNG")
    coloured = _small(scaled(image_map), side)
    coloured.putpalette(palette(np.linspace(0, 1, 256)).tobytes())
    return _uri(coloured, "PNG")


def _two_sided(image_map: np.ndarray, side: int) -> Image.Image:
    """RGBA: the colour says the side, the opacity how much."""
    strength = _small(scaled(np.abs(image_map)), side)
    positive = np.asarray(_small((image_map > 0).astype(np.float32), side)) > 127
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (AGAINST, FOR)], np.uint8)
    pixels = np.dstack([colours[positive.astype(int)], np.asarray(strength)])
    return Image.fromarray(pixels)


def _small(values: np.ndarray, side: int) -> Image.Image:
    """Values in [0, 1] as a grey picture, at most `side` pixels long."""
    grey = Image.fromarray((255 * values).round().astype(np.uint8)).convert("L")
    grey.thumbnail((side, side), Image.Resampling.BILINEAR)
    return grey


def scaled(image_map: np.ndarray) -> np.ndarray:
    """The map divided by its largest value, in [0, 1]; zeros stay zeros."""
    top = float(image_map.max()) if image_map.size else 0.0
    return image_map / top if top > 0 else np.zeros_like(image_map)


def _uri(image: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


# ---- the same in words


def regions(image_map: np.ndarray) -> dict[str, float]:
    """Share of the weight in nine named parts of the picture: four quarters, the middle quarter, four halves."""
    h, w = image_map.shape
    total = float(image_map.sum())
    y, x = (h + 1) // 2, (w + 1) // 2
    parts = {
        "upper_left": image_map[:y, :x], "upper_right": image_map[:y, x:],
        "lower_left": image_map[y:, :x], "lower_right": image_map[y:, x:],
        "middle": image_map[h // 4 : h - h // 4, w // 4 : w - w // 4],
        "left": image_map[:, :x], "right": image_map[:, x:], "upper": image_map[:y], "lower": image_map[y:],
    }  # fmt: skip
    return {name: float(part.sum()) / total if total > 0 else 0.0 for name, part in parts.items()}


def describe(image_map: np.ndarray, say: Say) -> str:
    """Where the weight lies, in one sentence: a quarter with at least 45 %, else a half with 60 %, else "spread"."""
    found = regions(image_map)
    if not any(found.values()):
        return say("attention.nothing")
    quarters = {k: v for k, v in found.items() if "_" in k or k == "middle"}
    halves = {k: v for k, v in found.items() if k not in quarters}
    for parts, enough in ((quarters, 0.45), (halves, 0.6)):
        name = max(parts, key=lambda k: parts[k])
        if parts[name] >= enough:
            return say("attention.where", percent=say.percent(parts[name]), place=say(f"attention.{name}"))
    name = max(quarters, key=lambda k: quarters[k])
    return say("attention.spread", percent=say.percent(quarters[name]), place=say(f"attention.{name}"))
