"""The last few pictures that were decoded from files: a visitor asks several things about one photo.

Decoding a photo takes a hundred times as long as copying it. Whoever asks has looked at the file before (`stamp`), so
that one that has changed is decoded again and one that is gone is not answered from here. Read next: `pictures.py`.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

from PIL import Image

MOST = 8  # pictures
MOST_BYTES = 64_000_000  # of their pixels; one has at most 12.6 MB at the usual size
PIXEL_BYTES = 3


def stamp(path: Path) -> tuple[int, ...]:
    """What tells one state of a file from another: device, number on it, bytes, time of change.

    Raises:
        OSError: there is no such file.
    """
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Kept:
    """RGB pictures by key, the last used ones; safe to share between threads.

    Args:
        most: pictures.
        most_bytes: of all of them together.
    """

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._pictures: OrderedDict[Hashable, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def picture(self, key: Hashable, decode: Callable[[], Image.Image]) -> Image.Image:
        """A copy of the picture of that key, which is decoded where it is not kept; raises what `decode` raises."""
        with self._lock:
            known = self._pictures.get(key)
            if known is not None:
                self._pictures.move_to_end(key)
        if known is None:
            known = decode()
            with self._lock:
                self._pictures[key] = known
                while len(self._pictures) > self.most or self._bytes() > self.most_bytes:
                    self._pictures.popitem(last=False)
        return known.copy()

    def forget(self) -> None:
        """Keep none."""
        with self._lock:
            self._pictures.clear()

    def _bytes(self) -> int:
        return sum(PIXEL_BYTES * p.width * p.height for p in self._pictures.values())


KEPT = Kept()
