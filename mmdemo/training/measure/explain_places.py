"""Does a map lie right? Pictures made of two photos, of which the caption means one, so that its place is known.

Two photos beside each other: how much of the map lies on the caption's own half. And an inset, the caption's photo at a
third of the side, pasted anywhere onto another photo: whether the map's peak is in that box (the pointing game: Zhang
et al. 2018, arXiv 1608.00507), how much of the map lies in it, and whether the middle of the picture would have hit it.
And COCO's boxes: whether the peak for "a photo of a NAME" is in a box of that name. Read next: `explain_bench.py`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.engine.methods import explained, fitting
from mmdemo.training.data.photos import decode, read_index
from mmdemo.training.loop import Log
from mmdemo.types import Explanation

MODELS = ("matching", "cross_attention")  # a feeling belongs to no half
HALF = (320, 240)  # width and height of each of two photos beside each other
GROUND, INSET = (480, 360), (160, 120)
Key = tuple[str, str]  # model, method
Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two are outside


def beside(own: Image.Image, other: Image.Image, on_right: bool) -> tuple[Image.Image, Box]:
    """Two photos in one picture, and where the own one lies."""
    picture = Image.new("RGB", (2 * HALF[0], HALF[1]))
    for photo, x in ((own, HALF[0] * on_right), (other, HALF[0] * (not on_right))):
        picture.paste(photo.resize(HALF, Image.Resampling.BICUBIC), (x, 0))
    return picture, (HALF[0] * on_right, 0, HALF[0] * (1 + on_right), HALF[1])


def inset(own: Image.Image, other: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, Box]:
    """The own photo, small, anywhere on the other one, and its box."""
    picture = other.resize(GROUND, Image.Resampling.BICUBIC)
    x, y = (int(rng.integers(0, whole - part + 1)) for whole, part in zip(GROUND, INSET, strict=True))
    picture.paste(own.resize(INSET, Image.Resampling.BICUBIC), (x, y))
    return picture, (x, y, x + INSET[0], y + INSET[1])


def share_inside(image_map: np.ndarray, box: Box) -> float | None:
    """How much of a map's positive weight [height, width] lies in a box, in [0, 1]; None where it has none."""
    weights = image_map.clip(0).astype(np.float64)  # a sum of 100,000 pixels
    total = float(weights.sum())
    return float(weights[box[1] : box[3], box[0] : box[2]].sum()) / total if total > 0 else None


def hits(image_map: np.ndarray, box: Box) -> bool:
    """Whether the map's highest point is in the box."""
    y, x = np.unravel_index(int(image_map.argmax()), image_map.shape)
    return holds(box, x, y)


def holds(box: Box, x: float, y: float) -> bool:
    """Whether a point is in the box."""
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def placed(
    engine: Engine, own: Image.Image, other: Image.Image, text: str, on_right: bool, rng: np.random.Generator,
    without: Sequence[str],
) -> dict[Key, dict[str, float]]:  # fmt: skip
    """Both tests of every method of every model on one pair, in per cent; methods of `without` are left out."""
    shares: dict[Key, dict[str, float]] = {}
    for key, half_map, half in _maps(engine, *beside(own, other, on_right), text, without):
        share = share_inside(half_map.image_map, half)
        if share is not None:
            shares[key] = {"own_half": 100.0 * (share > 0.5), "own_half_energy": 100 * share}
    for key, small_map, box in _maps(engine, *inset(own, other, rng), text, without):
        share = share_inside(small_map.image_map, box)
        if share is not None:
            hit, middle = 100.0 * hits(small_map.image_map, box), 100.0 * holds(box, GROUND[0] / 2, GROUND[1] / 2)
            figures = {"box_hit": hit, "box_hit_minus_centre": hit - middle, "box_energy": 100 * share}
            shares.setdefault(key, {}).update(figures)
    return shares


def peaks_in_boxes(
    engine: Engine, photo: Image.Image, boxes: dict[str, Any], without: Sequence[str]
) -> list[dict[Key, float]]:
    """For every name with boxes [x, y, w, h] (fractions of the photo): which maps peak in one of them, 100 or 0.

    The key ("", "middle") says whether the middle of the photo lies in one.
    """
    things, (width, height) = [], photo.size
    for name, some in boxes.items():
        edges = [(x * width, y * height, (x + w) * width, (y + h) * height) for x, y, w, h in some]
        pixels = [tuple(round(edge) for edge in box) for box in edges]
        middle = any(holds(box, width / 2, height / 2) for box in pixels)
        here: dict[Key, float] = {("", "middle"): 100.0 * middle}
        for key, one, _ in _maps(engine, photo, pixels[0], f"a photo of a {name}", without):
            here[key] = 100.0 * any(hits(one.image_map, box) for box in pixels)
        things.append(here)
    return things


def named_boxes(
    engine: Engine, data: Path, count: int, without: Sequence[str], log: Log
) -> list[dict[Key, dict[str, float]]]:
    """The pointing game on COCO's validation photos, one dict a named thing."""
    rows = [r for r in read_index(data) if r["file"].startswith("coco/") and r["split"] == "val" and r.get("boxes")]
    rows.sort(key=lambda row: not row["boxes_complete"])  # those with all 80 classes first
    hits_by_thing = []
    for i, row in enumerate(rows[:count]):
        for here in peaks_in_boxes(engine, decode(row), row["boxes"], without):
            middle = here.pop(("", "middle"))
            hits_by_thing.append(
                {key: {"named_box": v, "named_box_minus_middle": v - middle} for key, v in here.items()}
            )
        if (i + 1) % 25 == 0:
            log(explain_boxes=i + 1, of=count)
    return hits_by_thing


def _maps(
    engine: Engine, picture: Image.Image, box: Box, text: str, without: Sequence[str]
) -> Iterator[tuple[Key, Explanation, Box]]:
    for model in MODELS:
        case = engine.case(model, picture, text)
        for name in fitting(case):
            if name not in without:
                yield (model, name), explained(case, name), box
