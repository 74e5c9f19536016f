"""Photos in, an index out, in memory or on disk. Read next: `index.py`, `index_files.py`."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine import index_files
from mmdemo.engine.index import Index
from mmdemo.engine.match import MODEL, MatchService


class GalleryService:
    """Photos in, an index out."""

    def __init__(self, match: MatchService) -> None:
        self.models, self.match = match.models, match

    def index(self, images: Sequence[Image.Image], names: Sequence[str] | None = None, model: str = MODEL) -> Index:
        """A gallery of N photos, to be searched by texts and photos.

        Args:
            images: the photos.
            names: what they are called; "1", "2", ... where nobody says.
            model: one of `match_models()`.

        Raises:
            ChoiceError, WeightsError: as `MatchService.match`. ImageError: a photo cannot be used.
        """
        called = tuple(names) if names is not None else tuple(str(i + 1) for i in range(len(images)))
        return self.made(called, self.match.encode_images(images, model), model)

    def opened(self, place: Path) -> Index:
        """The index that `index_files.grow` made on disk with our own towers; its vectors stay there.

        Raises:
            InputError: there is none, or other weights made it.
        """
        return self.made(*index_files.opened(place, self.maker()))

    def grow(self, folder: Path, place: Path) -> Iterator[index_files.Growth]:
        """Read a folder's photos into an index on disk: see `index_files.grow`."""
        return index_files.grow(folder, place, self.maker(), partial(index_files.read_here, self.match.encode_images))

    def made(self, names: tuple[str, ...], vectors: np.ndarray, model: str = MODEL) -> Index:
        """An index of vectors that are at hand."""
        by = {"encode_images": self.match.encode_images, "encode_texts": self.match.encode_texts}
        return Index(names, vectors, model, **{name: partial(encode, model=model) for name, encode in by.items()})

    def maker(self) -> dict[str, Any]:
        """What an index on disk says of the model that made it: its name, its files, how wide its vectors are."""
        row = find(MODEL)
        files = {name: loading.read_card(name)["files"] for name in (row.image_encoder, row.text_encoder, row.card)}
        digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        return {"name": MODEL, "sha256": digest, "width": self.models.load(MODEL).fusion.width}
