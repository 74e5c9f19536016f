"""The photos that everything here is trained on: index, decoding, crops, the held-out split, batches made ahead.

The photos lie outside the repository (many may be used for research only): WebP files end to end in a few shards, and
one line of JSON a photo. Nothing of them is ever copied into the repository. Read next: `recipes/resnet.py`.
"""

import gzip
import io
import json
import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

DEFAULT_DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
SMALLEST_SIDE = 96  # Tiny ImageNet's 64 px photos are too coarse for a tower that sees 224
HELD_OUT = 1000

Row = dict[str, Any]
View = Callable[[Image.Image, int, random.Random], np.ndarray]


def data_folder(given: Path | None = None) -> Path:
    """The folder of photos: the one given, else the variable MMDEMO_DATA, else `shared/data` beside the repository."""
    return Path(given or os.environ.get("MMDEMO_DATA") or DEFAULT_DATA)


def read_index(data: Path) -> list[Row]:
    """One dict a photo, in the index's order; `shard` is the full path of the file that holds it.

    Keys always there: file, shard, offset, length, width, height, split, source_id. Some photos also have labels,
    captions, captions_zh, text, sentiment and others: see the data folder's README.
    """
    with gzip.open(data / "photos.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        shard = row["shard"]
        row["shard"] = str(data / (f"photos-{shard:02d}.bin" if isinstance(shard, int) else shard))
    return rows


def source(row: Row) -> str:
    """The data set that a photo comes from: the first folder of its file's name."""
    return row["file"].split("/")[0]


@lru_cache(maxsize=32)
def _shard(path: str) -> np.memmap:
    return np.memmap(path, mode="r", dtype=np.uint8)


def decode(row: Row) -> Image.Image:
    """The photo of one index row, RGB. Safe from several threads."""
    start = row["offset"]
    encoded = _shard(row["shard"])[start : start + row["length"]].tobytes()
    return Image.open(io.BytesIO(encoded)).convert("RGB")


def split_photos(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """(photos to train on, 1,000 labelled photos set aside for every agreement figure).

    Both have a shorter side of at least 96 px. Flickr8k's validation photos are in neither. The draw is the one behind
    the figures of the first start, so that all figures speak of the same photos.
    """
    large = [row for row in rows if min(row["width"], row["height"]) >= SMALLEST_SIDE]
    held = [row for row in large if row.get("labels")]
    random.Random(1).shuffle(held)
    held = held[:HELD_OUT]
    taken = {row["file"] for row in held}
    taken |= {row["file"] for row in large if row["file"].startswith("flickr8k") and row["split"] == "val"}
    return [row for row in large if row["file"] not in taken], held


def centre_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """The largest centred square, resized. -> [size, size, 3] uint8."""
    w, h = picture.size
    s = min(w, h)
    box = ((w - s) / 2, (h - s) / 2, (w + s) / 2, (h + s) / 2)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box))


def plain_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """The whole picture pressed into a square, as the encoder itself prepares it. -> [size, size, 3] uint8."""
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC))


def mirrored_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """What `plain_view` gives, left and right exchanged. -> [size, size, 3] uint8."""
    return np.ascontiguousarray(plain_view(picture, size, rng)[:, ::-1])


def squashed_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """The whole picture pressed into a square, flipped half the time. -> [size, size, 3] uint8."""
    return _flip(picture.resize((size, size), Image.Resampling.BICUBIC), rng)


def random_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """35 to 100 % of the area, sides in 3:4 to 4:3 of square, flipped half the time. -> [size, size, 3] uint8."""
    w, h = picture.size
    area, ratio = w * h * rng.uniform(0.35, 1), math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
    crop_w, crop_h = min(w, math.sqrt(area * ratio)), min(h, math.sqrt(area / ratio))
    x, y = rng.uniform(0, w - crop_w), rng.uniform(0, h - crop_h)
    box = (x, y, x + crop_w, y + crop_h)
    return _flip(picture.resize((size, size), Image.Resampling.BICUBIC, box=box), rng)


def mixed_view(picture: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """A random crop or the whole picture squashed, evenly: what training and use will see. -> [size, size, 3] uint8."""
    return (random_view if rng.random() < 0.5 else squashed_view)(picture, size, rng)


def _flip(picture: Image.Image, rng: random.Random) -> np.ndarray:
    return np.asarray(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture)


def to_tensor(pictures: Sequence[np.ndarray]) -> Tensor:
    """B arrays [height, width, 3] uint8 -> [B, 3, height, width] float32 in [-1, 1], channels last."""
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)  # [B, 3, height, width]
    return stacked.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def view_batches(
    rows: Sequence[Row],
    size: int,
    *,
    batch: int,
    view: View = random_view,
    seed: int = 0,
    ahead: int = 3,
    threads: int = 1,
) -> Iterator[Tensor]:
    """Every photo once, in the order given, as batches [B, 3, size, size]; decoded by threads ahead of the reader.

    The crop of a photo depends on the seed and its place alone, not on the threads, so a run can be repeated.
    """

    def one(place: int) -> np.ndarray:
        return view(decode(rows[place]), size, random.Random(f"{seed}/{place}"))

    starts = range(0, len(rows), batch)
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[list[Any]] = []
        for start in starts:
            waiting.append([pool.submit(one, i) for i in range(start, min(start + batch, len(rows)))])
            if len(waiting) > ahead:
                yield to_tensor([future.result() for future in waiting.pop(0)])
        for futures in waiting:
            yield to_tensor([future.result() for future in futures])
