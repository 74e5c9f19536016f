"""A file, its bytes or a PIL picture becomes an upright RGB picture without metadata, or a clear error says why not.

Nothing is decoded before its header was read: a 20 KB file can claim 400 million pixels, a 170 kB file can send the
same ones four thousand times. What comes out carries no metadata, so that the place where a photo was taken is never
served back. Read next: `headers.py`, `icons.py`, `uploads.py`.
"""

import io
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
from PIL import ExifTags, Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.IcoImagePlugin import IcoImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from mmdemo.errors import ImageError
from mmdemo.inputs import headers, icons
from mmdemo.inputs.kept import KEPT, stamp
from mmdemo.inputs.strangers import refuse_stranger

MAX_IMAGE_BYTES = 20_000_000
MAX_SIDE = 2048  # pixels that a picture keeps where nobody says
MAX_IMAGE_PIXELS = 64_000_000  # of a baseline JPEG, which can be decoded at a half, a quarter or an eighth of its size
MAX_WHOLE_PIXELS = 24_000_000  # of every other picture: it is decoded whole, at 4 bytes a pixel

_SIGNATURES: tuple[tuple[Callable[[bytes], bool], type[ImageFile]], ...] = (
    (lambda head: head.startswith(b"\xff\xd8\xff"), JpegImageFile),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), PngImageFile),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", WebPImageFile),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), GifImageFile),
    (lambda head: head[:2] == b"BM" and head[6:10] == bytes(4), BmpImageFile),
    (lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), TiffImageFile),
    (lambda head: head[:2] in (b"P4", b"P5", b"P6") and head[2:3].isspace(), PpmImageFile),
    (lambda head: head.startswith(icons.ICON), IcoImageFile),
)
_UPRIGHT = {  # EXIF orientation -> what turns the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()  # many visitors' decoded pictures are never in memory together

Source = str | os.PathLike[str] | bytes | BinaryIO | Image.Image


def read_image(source: Source | None, max_side: int | None = MAX_SIDE) -> Image.Image:
    """An upload as an upright RGB picture without metadata.

    Transparent pixels become white, of several frames the first is taken, 16-bit greys are scaled to 8 bits.

    Args:
        source: a path, the bytes of a file, an open binary file, or a PIL picture.
        max_side: the longer side is shrunk to at most this many pixels; None keeps the size.

    Raises:
        ImageError: the picture is missing, empty, damaged, too large, or not a picture; `code` says which.
    """
    if isinstance(source, Image.Image):
        return _bounded(clean_image(source), max_side)
    if isinstance(source, (str, os.PathLike)) and str(source):
        path = Path(source)
        return KEPT.picture((path, max_side, _stamp(path)), lambda: _decoded(_read_bytes(_read_path(path)), max_side))
    return _decoded(_read_bytes(source), max_side)


def _decoded(content: bytes, max_side: int | None) -> Image.Image:
    """The bytes of a file as `read_image` gives them."""
    content = icons.largest(content) if content.startswith(icons.ICON) else content
    opener = next((opener for fits, opener in _SIGNATURES if fits(content[:16])), None)
    if opener is None:
        refuse_stranger(content)
    scans = _count(content, opener)
    with _foreign_decoder():
        picture = opener(io.BytesIO(content))
        _check_pixels(picture, scans)
        if max_side is not None and isinstance(picture, JpegImageFile):
            picture.draft("RGB", _bounded_size(picture.size, max_side))  # libjpeg halves while it decodes
        return _to_clean(picture, max_side)


def clean_image(image: Image.Image) -> Image.Image:
    """A PIL picture of any mode as an upright RGB picture of its size without metadata; itself when it is one already.

    Raises:
        ImageError: it is no PIL picture, has too many pixels, or its file is damaged.
    """
    if not isinstance(image, Image.Image):
        message = f"Expected a PIL image; got {type(image).__name__}. Open files with mmdemo.inputs.read_image."
        raise ImageError(message, "image_missing" if image is None else "image_not_picture")
    if type(image) is Image.Image and image.mode == "RGB" and not image.info and min(image.size) > 0:
        return image
    with _foreign_decoder():
        _check_pixels(image, opened_by_caller=True)
        return _to_clean(image, None)


def _read_bytes(source: object) -> bytes:
    """At most MAX_IMAGE_BYTES + 1 bytes of bytes or a binary file, checked for being there, empty or too many."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        content = bytes(source)
    elif hasattr(source, "read"):
        if hasattr(source, "seek"):
            source.seek(0)
        content = source.read(MAX_IMAGE_BYTES + 1)
    else:
        message = f"Expected a picture: a path, bytes, an open file or a PIL image; got {type(source).__name__}."
        raise ImageError(message, "image_missing")
    if not content:
        raise ImageError("Expected a picture; the file is empty (0 bytes). Choose another one.", "image_empty")
    if len(content) > MAX_IMAGE_BYTES:
        _refuse_bytes(len(content))
    return content


def _read_path(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        _refuse_path(path)


def _stamp(path: Path) -> tuple[int, ...]:
    """What tells one state of a file from another; no file, or one of too many bytes, is refused."""
    try:
        if not path.is_file():
            raise FileNotFoundError
        found = stamp(path)
    except (OSError, ValueError):  # ValueError: a path with a zero byte in it
        _refuse_path(path)
    if found[2] > MAX_IMAGE_BYTES:
        _refuse_bytes(found[2])
    return found


def _refuse_path(path: Path) -> NoReturn:
    message = f"Expected the path of a picture; there is no readable file {path.name[:80]!r}."
    raise ImageError(message, "image_missing") from None


def _refuse_bytes(got: int) -> NoReturn:
    message = f"Expected a file of at most {MAX_IMAGE_BYTES:,} bytes; this one has {got:,}. Save it smaller first."
    raise ImageError(message, "image_too_many_bytes", got=got, limit=MAX_IMAGE_BYTES)


def _count(content: bytes, opener: type[ImageFile]) -> int:
    """How often the pixels would be gone over; what cannot be opened safely is refused here."""
    if opener is JpegImageFile:
        return headers.jpeg_scans(content)
    if opener is PngImageFile:
        headers.check_png(content)
    if opener is PpmImageFile:
        headers.check_ppm(content)
    if opener is WebPImageFile:
        _check_size(*headers.webp_size(content), MAX_WHOLE_PIXELS)
    return 1


@contextmanager
def _foreign_decoder() -> Iterator[None]:
    """One decoder at a time, its warnings unheard; whatever it raises on a broken file becomes `image_damaged`."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ImageError:
            raise
        except Exception as error:  # a dozen kinds, SyntaxError and struct.error among them
            message = f"Expected a whole picture; this one is damaged ({type(error).__name__}). Save it again."
            raise ImageError(message, "image_damaged") from error


def _check_pixels(picture: Image.Image, scans: int = 1, opened_by_caller: bool = False) -> None:
    """Refuse by the size in the header; a JPEG of several scans keeps all its coefficients: it counts as whole."""
    width, height = picture.size
    scalable = isinstance(picture, JpegImageFile) and not picture.info.get("progressive") and scans <= 1
    if width < 1 or height < 1:
        raise ImageError(f"Expected at least one pixel; this picture is {width} x {height}.", "image_damaged")
    _check_size(width, height, MAX_IMAGE_PIXELS if scalable or opened_by_caller else MAX_WHOLE_PIXELS)
    headers.check_work(scans, width, height)


def _check_size(width: int, height: int, limit: int) -> None:
    if width * height > limit:
        message = f"Expected at most {limit:,} pixels; this picture has {width:,} x {height:,}. Make it smaller first."
        raise ImageError(message, "image_too_many_pixels", width=width, height=height, limit=limit)


def _to_clean(picture: Image.Image, max_side: int | None) -> Image.Image:
    """Decode, then depth, size, background, direction, in this order, so that the large picture is copied least."""
    picture.load()
    turn = _UPRIGHT.get(_orientation(picture))
    plain = _flattened(_bounded(_to_eight_bits(picture), max_side))
    plain = plain if turn is None else plain.transpose(turn)
    fresh = Image.new("RGB", plain.size)
    fresh.paste(plain)  # pixels only: EXIF, GPS, ICC profile and comments stay behind
    return fresh


def _orientation(picture: Image.Image) -> int | None:
    try:
        return picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a broken EXIF block does not make the pixels unreadable
        return None


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Any mode -> L, LA, RGB, RGBA or CMYK, which PIL can shrink."""
    mode = picture.mode
    if mode.startswith(("I", "F")):
        return Image.fromarray(_to_uint8(np.asarray(picture)))
    if mode in ("RGBa", "La"):
        return picture.convert(mode.upper())
    if mode in ("P", "PA") or "transparency" in picture.info:
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture if mode in ("L", "LA", "RGB", "RGBA", "CMYK") else picture.convert("RGB" if mode != "1" else "L")


def _to_uint8(values: np.ndarray) -> np.ndarray:
    """Grey values of more than 8 bits -> [0, 255]. 16-bit ones are divided by 256, others stretched."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    whole = values.dtype.kind in "iu"
    values = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if not whole and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 65_535:
        low, high = 0.0, 255.0 if high <= 255 else 65_535.0
    return ((values - low) * (255.0 / max(high - low, 1e-12)) + 0.5).clip(0, 255).astype(np.uint8)


def _flattened(picture: Image.Image) -> Image.Image:
    """RGB, with white behind what is transparent."""
    if picture.mode in ("LA", "RGBA"):
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
        return white
    return picture.convert("RGB")


def _bounded(picture: Image.Image, max_side: int | None) -> Image.Image:
    size = _bounded_size(picture.size, max_side)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _bounded_size(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    """(width, height) with the longer side at most `max_side`, the shape kept, never below 1 pixel."""
    if max_side is None or max(size) <= max_side:
        return size
    scale = max_side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
