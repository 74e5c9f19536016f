"""The photos in a zip, one after the other, read in memory: no name inside it ever becomes a path.

A zip may say anything of itself, so its entries are counted before Python lists them, and its bytes as they are
unpacked. Read next: `pictures.py`, `ui/gate/receive.py`.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from mmdemo.errors import ImageError, InputError
from mmdemo.inputs.pictures import MAX_IMAGE_BYTES

MAX_ZIP_BYTES = 100_000_000
MAX_UNPACKED_BYTES = 500_000_000  # of all entries together, as they come out
MAX_PHOTOS = 500
MAX_ENTRIES = 2_000  # folders and hidden files among them
_LIST_BYTES = 1_000_000  # of the list of entries at the end of the file
_END, _END_OF_64, _TAIL = b"PK\x05\x06", b"PK\x06\x07", 22 + 65_535
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what others need to unpack has no bound


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", _END)


def photos_in(path: Path) -> Iterator[tuple[str, bytes | ImageError]]:
    """(name, content) of every file in a zip; of one that cannot be unpacked why not. Folders and hidden files are not
    told of.

    Raises:
        InputError: it is no whole zip ("zip_damaged"), holds more than MAX_PHOTOS files ("gallery_size"), or more bytes
            than MAX_UNPACKED_BYTES ("zip_too_large").
    """
    _check_list(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, struct.error):
        raise _damaged() from None
    with archive:
        entries = [(name, entry) for entry in archive.infolist() if (name := _name(entry))]
        if len(entries) > MAX_PHOTOS:
            raise gallery_size(len(entries))
        left = MAX_UNPACKED_BYTES
        for name, entry in entries:
            content = _content(archive, entry)
            left -= 0 if isinstance(content, ImageError) else len(content)
            if left < 0:
                message = f"Expected a zip of at most {MAX_UNPACKED_BYTES:,} bytes when unpacked; this one has more."
                raise InputError(message, "zip_too_large", limit=MAX_UNPACKED_BYTES)
            yield name, content


def gallery_size(got: int) -> InputError:
    """Too few photos, or too many."""
    message = f"Expected 2 to {MAX_PHOTOS} photos; got {got:,}."
    return InputError(message, "gallery_size", most=MAX_PHOTOS, got=got)


def _check_list(path: Path) -> None:
    """Refuse a zip by what its end says of the list, before that is read; every place that could be the end counts.

    An end has 22 bytes: mark, two numbers of disks, entries on this disk, entries (two bytes each), bytes of the list,
    where it begins (four each), and how long a comment follows (two).
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    at, ends = tail.find(_END), []
    while at >= 0:
        ends.append(tail[at : at + 22])
        at = tail.find(_END, at + 1)
    if not ends or _END_OF_64 in tail:
        raise _damaged()
    for end in ends:
        _, entries, size = struct.unpack("<HHL", end.ljust(22, b"\0")[8:16])
        if entries > MAX_ENTRIES or size > _LIST_BYTES:
            raise gallery_size(entries)


def _name(entry: zipfile.ZipInfo) -> str:
    """The last part of an entry's name; "" of a folder and of what is hidden.

    Windows writes Chinese names in its own code page and does not say so; zipfile then takes them for cp437.
    """
    name = entry.filename
    if not entry.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        name = next((text for code in ("utf-8", "gbk") if (text := _decoded(raw, code)) is not None), name)
    *folders, last = name.replace("\\", "/").split("/")
    return "" if last.startswith(".") or "__MACOSX" in folders else last


def _decoded(raw: bytes, code: str) -> str | None:
    try:
        return raw.decode(code)
    except UnicodeDecodeError:
        return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | ImageError:
    """What an entry holds, at most one byte more than a photo may have."""
    if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & 1 or entry.compress_type not in _PLAIN:
        return ImageError("Expected a plain file in the zip; this one is locked, a link, or packed.", "zip_entry")
    try:
        with archive.open(entry) as file:
            content = file.read(MAX_IMAGE_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return ImageError("Expected a whole picture; this one is damaged in the zip. Pack it again.", "image_damaged")
    if len(content) > MAX_IMAGE_BYTES:
        message = f"Expected a file of at most {MAX_IMAGE_BYTES:,} bytes; this one unpacks to more."
        return ImageError(message, "image_too_many_bytes", got=len(content), limit=MAX_IMAGE_BYTES)
    return content


def _damaged() -> InputError:
    return InputError("Expected a whole zip; this one is damaged. Pack the photos again.", "zip_damaged")
