"""What one engine among many does with a batch: photos or sentences to vectors, queries to ranks.

Each class stays on its machine and is called batch after batch with a row of plain values. Read next: `bulk.py`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmdemo.engine import index_files
from mmdemo.engine.gallery_measures import ranks

Run = Callable[[type, tuple, list[dict]], Iterator[dict]]  # worker, what it is made with, rows -> a row for each
BLOCK = 8192  # candidates of one product


class PhotoEncoder:
    """An engine that stays loaded and encodes photos of a folder."""

    def __init__(self, folder: str) -> None:
        from mmdemo.engine import Engine  # heavy: torch

        self.folder, self.engine = Path(folder), Engine()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """{"paths": [B]} -> the vectors' bytes, their number, and the photos' lines as JSON."""
        pictures, lines = index_files.decode([Path(path) for path in row["paths"]], self.folder)
        vectors, _ = index_files.encoded(self.engine.encode_images, pictures, lines)
        return {"vectors": vectors.tobytes(), "count": len(vectors), "lines": json.dumps(lines)}


class TextEncoder:
    """An engine that stays loaded and encodes sentences."""

    def __init__(self) -> None:
        from mmdemo.engine import Engine  # heavy: torch

        self.engine = Engine()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """{"texts": [B]} -> the vectors' bytes and their number."""
        vectors = self.engine.encode_texts(list(row["texts"])).astype(np.float16)
        return {"vectors": vectors.tobytes(), "count": len(vectors)}


class Ranker:
    """Photos, captions and who belongs to whom, mapped from what `bulk.evaluate` wrote into a folder.

    Args:
        place: of an index, with `captions.npy` [K, D] and `owners.npy` [K], each caption's photo.
    """

    def __init__(self, place: str) -> None:
        folder = Path(place)
        model = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        _, self.photos = index_files.opened(folder, model)
        self.texts, self.owners = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("captions", "owners"))

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """{"side": "photo_to_text" or "text_to_photo", "queries": [B] numbers} -> {"ranks": [B]}."""
        queries, owners = np.asarray(row["queries"]), np.asarray(self.owners)
        if row["side"] == "photo_to_text":
            asked, others, own = self.photos, self.texts, owners == queries[:, None]  # [B, K]
        else:
            asked, others = self.texts, self.photos
            own = owners[queries][:, None] == np.arange(len(self.photos))  # [B, N]
        return {"ranks": ranks(_cosines(asked[queries], others), own)}


def read_photos(run: Run, batches: Sequence[Sequence[Path]], folder: Path) -> Iterator[index_files.Vectors]:
    """As `index_files.read_here`, by whatever runs the engines; batches come in their order."""
    rows = [{"paths": [str(path) for path in batch]} for batch in batches]
    for row in run(PhotoEncoder, (str(folder),), rows):
        yield vectors_of(row), json.loads(row["lines"])


def vectors_of(row: dict[str, Any]) -> np.ndarray:
    """The vectors of an encoder's answer, [B, D] float16."""
    return np.frombuffer(row["vectors"], np.float16).reshape(row["count"], -1 if row["count"] else 0)


def _cosines(queries: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[B, D] and [N, D] unit vectors in half precision -> [B, N] float32, a block of candidates at a time."""
    asked = np.asarray(queries, np.float32)
    blocks = (others[start : start + BLOCK] for start in range(0, len(others), BLOCK))
    return np.concatenate([asked @ np.asarray(block, np.float32).T for block in blocks], axis=1)
