"""An index of a folder of photos on disk: it grows by appending, goes on where it was stopped, and is read by mapping.

Three files in one folder: `index.json` (which model), `photos.jsonl` (a line a photo: name, bytes, time of change, or
why it could not be read) and `vectors.f16` (a row of float16 for each that could). Read next: `gallery.py`.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import ImageError, InputError

NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
BATCH, SIDE = 32, 1024  # photos; pixels of the longer side, of which an encoder takes a quarter
FOLDER = "mmdemo-index"  # beside the photos, where nobody names another place

Lines = list[dict[str, Any]]
Vectors = tuple[np.ndarray, Lines]
Encode = Callable[[Sequence[Image.Image]], np.ndarray]
Read = Callable[[Sequence[Sequence[Path]], Path], Iterator[Vectors]]


@dataclass(frozen=True)
class Growth:
    """How far an index has come: photos read, photos that could not be, files in all, and the last one's name."""

    read: int
    unread: int
    total: int
    name: str


def photos_in(folder: Path) -> list[Path]:
    """The photos below a folder, by name; what begins with a dot and the index itself are left out.

    Raises:
        InputError: there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise InputError(f"Expected a folder of photos; {folder} is none.", "no_folder")
    hidden = (".", FOLDER)
    photos = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in NAMES and not any(part.startswith(hidden) for part in path.relative_to(folder).parts)
    ]
    if not photos:
        raise InputError(f"Expected photos ({', '.join(NAMES)}) in {folder}; found none.", "no_photos")
    return photos


def grow(folder: Path, place: Path, model: dict[str, Any], read: Read) -> Iterator[Growth]:
    """Read every photo of a folder that is not in the index yet, or has changed since; yields after each batch.

    Args:
        folder: of photos.
        place: of the index; made where it is not there.
        model: what makes the vectors: name and sha256 of its files, width. Another model's index is begun anew.
        read: batches of photos -> the vectors of each: `read_here`, or many machines (`serving/bulk.py`).

    Raises:
        InputError: as `photos_in`.
    """
    photos = photos_in(folder)
    place.mkdir(parents=True, exist_ok=True)
    if _model(place) != model:
        for name in ("photos.jsonl", "vectors.f16"):
            (place / name).unlink(missing_ok=True)
        (place / "index.json").write_text(json.dumps(model), encoding="utf-8")
    lines = _mended(place, model["width"])
    known = {(line["name"], line["bytes"], line["changed"]) for line in lines}
    waiting = [path for path in photos if _stamp(path, folder) not in known]
    done, unread = (sum(("problem" in line) is bad for line in lines) for bad in (False, True))
    for vectors, said in read([waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH)], folder):
        if len(vectors):
            with (place / "vectors.f16").open("ab") as file:
                file.write(vectors.tobytes())
                file.flush()
                os.fsync(file.fileno())  # before its lines: a line never stands without its vector
        with (place / "photos.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in said)
        done, unread = done + len(vectors), unread + len(said) - len(vectors)
        yield Growth(done, unread, len(photos), said[-1]["name"])


def read_here(encode: Encode, batches: Sequence[Sequence[Path]], folder: Path) -> Iterator[Vectors]:
    """The vectors of each batch; a thread decodes the next one while `encode` has this one."""
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for batch in [*batches, None]:
            done, ahead = ahead, batch and pool.submit(decode, batch, folder)
            if done:
                yield encoded(encode, *done.result())


def encoded(encode: Encode, pictures: list[Image.Image], said: Lines) -> Vectors:
    """B pictures' vectors as they are kept, [B, D] float16, beside the lines of all photos."""
    return (encode(pictures).astype(np.float16) if pictures else np.empty((0, 0), np.float16)), said


def decode(paths: Sequence[Path], folder: Path) -> tuple[list[Image.Image], Lines]:
    """The photos that can be read, and a line for each that was asked for."""
    pictures, said = [], []
    for path in paths:
        name, size, changed = _stamp(path, folder)
        line = {"name": name, "bytes": size, "changed": changed}
        try:
            pictures.append(inputs.read_image(path, max_side=SIDE))
        except ImageError as error:
            line["problem"] = str(error)
        said.append(line)
    return pictures, said


def opened(place: Path, model: dict[str, Any]) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and vectors [N, D] of an index, the vectors mapped from disk; of a photo that changed, the last reading.

    Raises:
        InputError: there is no index, or another model made it.
    """
    if _model(place) != model:
        message = f"Expected an index that this model made; {place} holds none. Run `python -m mmdemo index FOLDER`."
        raise InputError(message, "no_index")
    read = [line["name"] for line in _lines(place) if "problem" not in line]
    if not read:
        return (), np.empty((0, model["width"]), np.float16)
    vectors = np.memmap(place / "vectors.f16", np.float16, "c", shape=(len(read), model["width"]))  # no copy to search
    last = {name: row for row, name in enumerate(read)}
    if len(last) == len(read):
        return tuple(read), vectors
    return tuple(last), vectors[list(last.values())]


def problems(place: Path) -> dict[str, str]:
    """The photos that could not be read: {name: why}."""
    return {line["name"]: line["problem"] for line in _lines(place) if "problem" in line}


def _stamp(path: Path, folder: Path) -> tuple[str, int, int]:
    found = path.stat()
    return path.relative_to(folder).as_posix(), found.st_size, found.st_mtime_ns


def _model(place: Path) -> dict[str, Any] | None:
    try:
        return json.loads((place / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _lines(place: Path) -> list[dict[str, Any]]:
    try:
        content = (place / "photos.jsonl").read_bytes()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in content.split(b"\n")[:-1]]  # one that was cut off has no line feed


def _mended(place: Path, width: int) -> list[dict[str, Any]]:
    """The lines, after what a kill left half written has been cut off: a part of a line, vectors without lines."""
    lines = _lines(place)
    rows = sum("problem" not in line for line in lines)
    for name, whole in (("photos.jsonl", _whole_bytes(place / "photos.jsonl")), ("vectors.f16", rows * width * 2)):
        if (place / name).exists():
            os.truncate(place / name, whole)
    return lines


def _whole_bytes(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1 if path.exists() else 0
