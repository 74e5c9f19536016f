"""The photos that visitors have uploaded, and the only ones that any event may read.

Gradio takes the path of a photo from the visitor and checks it only when the payload says that it should. So the folder
keeps a list of what it has admitted, and a path that is not on the list is refused by comparing words: the disk is not
asked, hence an existing file and a missing one get the same answer, and /proc cannot stall anybody.
Read next: `receive.py`.
"""

import os
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmdemo.errors import ImageError

KEEP_SECONDS = 3600  # at most; a sweep comes every SWEEP_SECONDS, so a photo is due that much earlier
SWEEP_SECONDS = 240
QUOTA_BYTES = 300_000_000  # a clean photo has 0.1 to 3 MB: room for hundreds; what is above it goes, see `_make_room`
STAGING = "incoming"  # inside the folder, for files that nobody has looked at; never served
META = {"_type": "gradio.FileData"}


@dataclass
class Photo:
    """One admitted file; `refused` says why events must not read it (what is on disk then is a blank)."""

    size: int
    since: float
    visitor: str
    refused: ImageError | None = None


class Folder:
    """What was uploaded here, for an hour.

    Args:
        root: the upload folder; it belongs to this server alone and is emptied of older uploads at start.
        quota: most bytes in it.
    """

    def __init__(self, root: str | os.PathLike[str], quota: int = QUOTA_BYTES) -> None:
        self.root = Path(os.path.abspath(root))
        self.quota = quota
        self._photos: dict[str, Photo] = {}
        self._examples: set[str] = set()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Make the folder and try it.

        Raises:
            OSError: it cannot be made, or not be written.
        """
        probe = self.staged()
        probe.write_bytes(bytes(4096))
        probe.unlink()

    def begin(self, examples: Iterable[str] = ()) -> None:
        """Keep the example photos that lie here, and delete everything else that an earlier server left."""
        self._examples = {os.path.abspath(path) for path in examples}
        with self._lock:
            self._photos.clear()
        self._delete_strangers()

    @property
    def staging(self) -> Path:
        """Where a file waits until it was looked at."""
        return self.root / STAGING

    def staged(self) -> Path:
        """A new name for a file that waits."""
        self.staging.mkdir(parents=True, exist_ok=True)
        return self.staging / secrets.token_hex(16)

    def admit(self, clean: Path, name: str, visitor: str = "", refused: ImageError | None = None) -> str:
        """Give a looked-at file its name, in one step, and put it on the list; returns its path.

        Args:
            clean: the file, in `staging`.
            name: the visitor's own, already a plain file name.
            visitor: whose it is.
            refused: why no event may read it.
        """
        target = self.root / secrets.token_hex(32) / name
        target.parent.mkdir(parents=True)
        size = clean.stat().st_size
        os.replace(clean, target)
        with self._lock:
            self._photos[str(target)] = Photo(size, time.monotonic(), visitor, refused)
            gone = self._make_room(str(target))
        for path in gone:
            self._delete(path)
        return str(target)

    def photo(self, payload: Any) -> dict[str, Any] | None:
        """What a visitor sent as a photo -> the payload gradio may have; None stays None.

        Raises:
            ImageError: it is no upload of ours ("image_not_uploaded"), or one that was refused when it came.
        """
        if payload is None:
            return None
        path = payload.get("path") if isinstance(payload, dict) else None
        if refused := self.refusal(path):
            raise refused
        return _payload(path)

    def photos(self, payloads: Any) -> list[dict[str, Any]]:
        """`photo` of each of several; whoever reads one asks for its `refusal`.

        Raises:
            ImageError: one is no upload of ours ("image_not_uploaded").
        """
        paths = [one.get("path") if isinstance(one, dict) else None for one in payloads or ()]
        for path in paths:
            if not isinstance(path, str) or not self.holds(path):
                raise self.refusal(path)
        return [_payload(path) for path in paths]

    def refusal(self, path: Any) -> ImageError | None:
        """Why no event may read a path; None where it may."""
        if not isinstance(path, str) or not self.holds(path):
            message = "Expected a photo that was uploaded here. Upload the photo first."
            return ImageError(message, "image_not_uploaded")
        known = self._photos.get(path)
        return known and known.refused

    def drop(self, paths: Iterable[str]) -> None:
        """Delete what is not needed any more, of what is on the list."""
        with self._lock:
            known = [path for path in paths if self._photos.pop(path, None)]
        for path in known:
            self._delete(path)

    def holds(self, path: str) -> bool:
        """Whether a path is on the list, and what lies there is still the regular file that was put there."""
        if path not in self._photos and path not in self._examples:
            return False
        try:
            return stat.S_ISREG(os.lstat(path).st_mode) and os.path.realpath(path) == self._real(path)
        except OSError:
            return False

    def sweep(self) -> int:
        """Delete what has been here for long enough; returns how many photos that were."""
        due = time.monotonic() - (KEEP_SECONDS - SWEEP_SECONDS)
        with self._lock:
            old = [path for path, photo in self._photos.items() if photo.since < due]
            for path in old:
                del self._photos[path]
        for path in old:
            self._delete(path)
        return len(old)

    def empty(self) -> None:
        """Delete every upload, looked at or not."""
        with self._lock:
            self._photos.clear()
        self._delete_strangers()

    @property
    def used(self) -> int:
        """Bytes on the list."""
        return sum(photo.size for photo in self._photos.values())

    def _real(self, path: str) -> str:
        """A path of the list with the links above the folder followed, and none below it."""
        return os.path.join(os.path.realpath(self.root), os.path.relpath(path, self.root))

    def _make_room(self, newest: str) -> list[str]:
        """While too much lies here, the oldest photo of whoever has most goes; the lock is held."""
        gone, used = [], self.used
        while used > self.quota and len(self._photos) > 1:
            held: dict[str, int] = {}
            for photo in self._photos.values():
                held[photo.visitor] = held.get(photo.visitor, 0) + photo.size
            most = max(held, key=held.__getitem__)
            mine = (path for path, photo in self._photos.items() if photo.visitor == most and path != newest)
            path = next(mine, None) or next(path for path in self._photos if path != newest)
            used -= self._photos.pop(path).size
            gone.append(path)
        return gone

    def _delete_strangers(self) -> None:
        """All folders that uploads make (64 hex digits) and what waits, but for the examples'."""
        kept = {Path(path).parent for path in self._examples}
        for entry in [*self.root.iterdir()] if self.root.is_dir() else []:
            upload = len(entry.name) == 64 and set(entry.name) <= set("0123456789abcdef")
            if entry.name in (STAGING, "deep_links") or (upload and entry not in kept):
                shutil.rmtree(entry, ignore_errors=True)

    def _delete(self, path: str) -> None:
        shutil.rmtree(Path(path).parent, ignore_errors=True)


def _payload(path: str) -> dict[str, Any]:
    """A photo as gradio may have it."""
    return {"path": path, "meta": META, "orig_name": Path(path).name}
