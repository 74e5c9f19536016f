"""The largest picture of a Windows icon, taken out before Pillow sees the file.

Pillow decodes an icon as soon as it opens it, whatever size the picture inside claims. So its list of pictures is read
here: a PNG in it is handed on as the PNG that it is, a bitmap only at a size that an icon can have.
Read next: `pictures.py`.
"""

from typing import NoReturn

from mmdemo.errors import ImageError

ICON = b"\0\0\1\0"
MAX_PICTURES = 64  # in one icon; a rich one has ten
MAX_SIDE = 256  # of a bitmap in an icon: its list has one byte for each side
_PNG = b"\x89PNG"
_BITMAP_HEADER = (40).to_bytes(4, "little")  # bytes of the one kind of header that icons have


def largest(content: bytes) -> bytes:
    """A PNG, or an icon with one bitmap of at most MAX_SIDE x MAX_SIDE pixels in it.

    An entry of the list has 16 bytes: width, height (0 is 256), two bytes that do not matter, planes, bits per pixel
    (two bytes each), then how long the picture is and where it lies (four each).

    Raises:
        ImageError: the list is empty or too long, or its largest picture is something else ("image_damaged").
    """
    count = int.from_bytes(content[4:6], "little")
    entries = [content[at : at + 16] for at in range(6, 6 + 16 * count, 16)] if count <= MAX_PICTURES else []
    if not entries or len(entries[-1]) < 16:
        _refuse(f"lists {count:,} pictures")
    best = max(entries, key=lambda entry: ((entry[0] or 256) * (entry[1] or 256), _number(entry[6:8])))
    size, start = _number(best[8:12]), _number(best[12:16])
    picture = content[start : start + size]
    if picture.startswith(_PNG):
        return picture
    width, height = _number(picture[4:8]), _number(picture[8:12])  # height counts the mask below the picture too
    if picture[:4] != _BITMAP_HEADER or not (0 < width <= MAX_SIDE and 0 < height <= 2 * MAX_SIDE):
        _refuse(f"holds a bitmap of {width:,} x {height // 2:,} pixels")
    return ICON + b"\1\0" + best[:12] + (22).to_bytes(4, "little") + picture


def _number(field: bytes) -> int:
    return int.from_bytes(field, "little")


def _refuse(why: str) -> NoReturn:
    message = f"Expected an icon of at most {MAX_PICTURES} pictures, the largest whole; this one {why}. Save it as PNG."
    raise ImageError(message, "image_damaged")
