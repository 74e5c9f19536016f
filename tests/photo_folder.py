"""A data folder as `mmdemo/training/data/photos.py` reads it, of pictures made by a test."""

import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image


def write_photos(folder: Path, photos: Iterable[tuple[Image.Image, dict[str, Any]]]) -> Path:
    """(picture, what its line says besides: "file", "split", ...) -> the folder with one shard and the index."""
    shard, rows = io.BytesIO(), []
    for picture, said in photos:
        encoded = io.BytesIO()
        picture.save(encoded, "WEBP", lossless=True)
        place = {"shard": 0, "offset": shard.tell(), "length": shard.write(encoded.getvalue())}
        rows.append({**place, "width": picture.width, "height": picture.height, **said})
    (folder / "photos-00.bin").write_bytes(shard.getvalue())
    with gzip.open(folder / "photos.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return folder
