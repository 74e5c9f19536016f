"""A map of weights as colour over a photo.

The palette is our own: five anchors from dark blue over grey to yellow. Its luminance only rises, and blue against
yellow is the one pair that all common kinds of colour blindness keep apart. A signed map is blue where it speaks
against the answer, orange where it speaks for it, and clear where it says nothing.
Read next: `tabs/attention/draw_map.py`.
"""

import base64
import io

import numpy as np
from PIL import Image, ImageColor

ANCHORS = ("#0b1f52", "#35538a", "#74818c", "#b7a866", "#ffe14d")
AGAINST, FOR = "#1f6fe5", "#ff9d00"  # of a signed map
ROBUST = 0.98  # quantile that a stretched map ends at
PHOTO_SIDE, MAP_SIDE = 900, 300  # pixels on the long side of what is sent to the browser


def palette(values: np.ndarray) -> np.ndarray:
    """Values in [0, 1], any shape -> RGB uint8 with one more axis, by straight lines between the anchors."""
    at = np.linspace(0, 1, len(ANCHORS))
    channels = [np.interp(values, at, stops) for stops in zip(*map(ImageColor.getrgb, ANCHORS), strict=True)]
    return np.stack(channels, -1).round().astype(np.uint8)


def gradient(signed: bool = False) -> str:
    """The palette as a CSS gradient, left (low, or against) to right (high, or for)."""
    stops = (AGAINST, "#ffffff", FOR) if signed else ANCHORS
    return f"linear-gradient(90deg, {', '.join(stops)})"


def photo_uri(image: Image.Image, side: int = PHOTO_SIDE, quality: int = 88) -> str:
    """The photo as a data URI (JPEG without metadata), at most `side` pixels long."""
    small = image.convert("RGB")
    small.thumbnail((side, side))
    clean = Image.new("RGB", small.size)
    clean.paste(small)
    return _uri(clean, "JPEG", quality=quality)


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
    colours = np.array([ImageColor.getrgb(colour) for colour in (AGAINST, FOR)], np.uint8)
    return Image.fromarray(np.dstack([colours[positive.astype(int)], np.asarray(strength)]))


def _small(values: np.ndarray, side: int) -> Image.Image:
    """Values in [0, 1] as a grey picture, at most `side` pixels long."""
    grey = Image.fromarray((255 * values).round().astype(np.uint8)).convert("L")
    grey.thumbnail((side, side), Image.Resampling.BILINEAR)
    return grey


def stretched(image_map: np.ndarray) -> np.ndarray | None:
    """A map whose few highest places leave the rest unseen, cut off at its `ROBUST` quantile; None where none do."""
    strength = np.abs(image_map)
    top = float(np.quantile(strength, ROBUST)) if strength.size else 0.0
    return np.clip(image_map, -top, top) if 0 < top < strength.max() / 2 else None


def scaled(image_map: np.ndarray) -> np.ndarray:
    """The map divided by its largest value, in [0, 1]; zeros stay zeros."""
    top = float(image_map.max()) if image_map.size else 0.0
    return image_map / top if top > 0 else np.zeros_like(image_map)


def _uri(image: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
