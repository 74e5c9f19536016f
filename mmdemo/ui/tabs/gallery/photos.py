"""From uploads to a gallery: read one by one, made small, encoded a few at a time. Read next: `search.py`."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.engine.index import Index
from mmdemo.errors import ImageError, InputError, MMDemoError
from mmdemo.inputs.archives import MAX_PHOTOS, gallery_size
from mmdemo.ui.gate.receive import GALLERY_SIDE
from mmdemo.ui.tabs.gallery.kept import Gallery

if TYPE_CHECKING:
    from mmdemo.engine import Engine

BATCH = 8  # encoded at a time; others' questions go between
FEWEST = 2
Upload = tuple[str, ImageError | None]  # its path, and why it must not be read


def load(engine: "Engine", uploads: Sequence[Upload], own: bool = True) -> Iterator[int | Gallery]:
    """How many photos are read so far, again and again; at last the gallery.

    What cannot be read is skipped; of equal photos the first is kept.

    Raises:
        InputError: there are fewer than 2 photos, or more than 500 ("gallery_size"); fewer than 2 could be read
            ("gallery_few").
    """
    if not FEWEST <= len(uploads) <= MAX_PHOTOS:
        raise gallery_size(len(uploads))
    first: dict[bytes, str] = {}
    photos: list[bytes] = []
    skipped: list[tuple[str, MMDemoError]] = []
    parts: list[Index] = []
    for start in range(0, len(uploads), BATCH):
        images: dict[bytes, Image.Image] = {}
        for path, refused in uploads[start : start + BATCH]:
            name = Path(path).name
            try:
                image = small(path, refused)
                key = hashlib.sha256(image.tobytes() + bytes(str(image.size), "ascii")).digest()
                if key in first:
                    raise InputError(f"The same photo as {first[key]}.", "photo_twice", name=first[key])
            except InputError as error:
                skipped.append((name, plainly(error)))
                continue
            first[key], images[key] = name, image
        if images:
            photos += map(jpeg, images.values())
            parts.append(engine.index([*images.values()], [first[key] for key in images]))
        yield min(start + BATCH, len(uploads))
    if len(photos) < FEWEST:
        raise too_few(len(uploads), len(photos), skipped)
    names = tuple(name for part in parts for name in part.names)
    index = replace(parts[0], names=names, vectors=np.concatenate([part.vectors for part in parts]))
    yield Gallery(index, tuple(photos), tuple(skipped), own)


def loaded(engine: "Engine", uploads: Sequence[Upload], own: bool = True) -> Gallery:
    """The same, all at once."""
    *_, gallery = load(engine, uploads, own)
    return gallery


def small(path: str, refused: ImageError | None) -> Image.Image:
    """An upload as it is kept.

    Raises:
        ImageError: it cannot be read.
    """
    if refused:
        raise refused
    image = inputs.read_image(path)
    image.thumbnail((GALLERY_SIDE, GALLERY_SIDE))
    return image


def jpeg(image: Image.Image) -> bytes:
    """A photo as bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def photo(gallery: Gallery, place: int) -> Image.Image:
    """A photo of the gallery."""
    return inputs.read_image(gallery.photos[place])


def too_few(came: int, read: int, skipped: Sequence[tuple[str, MMDemoError]]) -> InputError:
    """Most photos were skipped; the sentence names the first of them."""
    name, error = skipped[0]
    message = f"Expected at least {FEWEST} photos that can be read; of {came} there are {read}. {name}: {error}"
    return InputError(message, "gallery_few", came=came, read=read, name=name, why=error)


def plainly(error: InputError) -> InputError:
    """The same error without where it was raised, for that holds the pictures."""
    return type(error)(str(error), error.code, **error.values)
