"""What a visitor's gallery holds, and how long: as long as the session that it belongs to, and while there is room.

A `Shelf` lives in a `gr.State`: gradio makes one for each session, and nobody else can name it. The store knows the
shelves only by weak references, so that a gallery goes when gradio lets its session go (`gate/sessions.py`: an hour
after it was last used). Read next: `photos.py`.
"""

import threading
import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmdemo.engine.index import Index
from mmdemo.errors import InputError, MMDemoError

MOST_BYTES = 128_000_000  # of all galleries of one page together; one of 500 photos has some 25 MB


@dataclass(frozen=True)
class Gallery:
    """Photos that can be searched.

    Args:
        index: their vectors and names.
        photos: of each a JPEG of at most 512 pixels; the originals are gone.
        skipped: (name, why) of what came and is not here.
        own: False of the examples.
    """

    index: Index
    photos: tuple[bytes, ...]
    skipped: tuple[tuple[str, MMDemoError], ...] = ()
    own: bool = True

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.photos)) + self.index.vectors.nbytes


@dataclass(frozen=True)
class Captions:
    """Captions to search through.

    Args:
        texts: K of them.
        photos: of each the name of its photo, "" where none is said.
        vectors: [K, D], unit vectors.
        dropped: how many more there were, or could not be used.
    """

    texts: tuple[str, ...]
    photos: tuple[str, ...]
    vectors: np.ndarray
    dropped: int = 0


class Shelf:
    """What one visitor has put here.

    Attributes:
        gallery, captions: None before anything was loaded: then the examples stand there.
        away: True when the gallery had to make room for others'.
    """

    def __init__(self) -> None:
        self.gallery: Gallery | None = None
        self.captions: Captions | None = None
        self.away = False

    @property
    def size(self) -> int:
        """Bytes."""
        return (self.gallery.size if self.gallery else 0) + (self.captions.vectors.nbytes if self.captions else 0)


class Store:
    """All shelves with something on them, the one used last at the end.

    Args:
        most_bytes: of all that lies on them together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._shelves: list[weakref.ref[Shelf]] = []
        self._lock = threading.Lock()

    def put(self, shelf: Shelf, gallery: Gallery | None) -> None:
        """A gallery onto a shelf, or None for the examples and their captions."""
        with self._lock:
            shelf.gallery, shelf.away = gallery, False
            shelf.captions = shelf.captions if gallery else None
            self._make_room(shelf)

    def put_captions(self, shelf: Shelf, captions: Captions) -> None:
        """Captions onto a shelf."""
        with self._lock:
            shelf.captions = captions
            self._make_room(shelf)

    def gallery(self, shelf: Shelf) -> Gallery | None:
        """What is on a shelf; None where the visitor has loaded nothing.

        Raises:
            InputError: it had to make room ("gallery_away").
        """
        with self._lock:
            if shelf.away:
                raise InputError("The gallery was put away to make room. Load it again.", "gallery_away")
            self._touched(shelf)
            return shelf.gallery

    def _make_room(self, newest: Shelf) -> None:
        """What was not used for longest goes; the lock is held."""
        held = self._touched(newest)
        while len(held) > 1 and sum(one.size for one in held) > self.most_bytes:
            oldest = held.pop(0)
            oldest.gallery, oldest.captions, oldest.away = None, None, True

    def _touched(self, shelf: Shelf) -> list[Shelf]:
        """The shelves that hold something and are still somebody's, this one last; the lock is held."""
        others = (found for one in self._shelves if (found := one()) is not None and found is not shelf)
        held = [one for one in (*others, shelf) if one.size]
        self._shelves = [weakref.ref(one) for one in held]
        return held
