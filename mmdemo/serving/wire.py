"""The engine's arguments and answers as bytes and back, bit for bit, for an engine in another process or machine.

A message is a JSON tree, and behind it the bytes of its arrays and pictures:

    "mmdemo1" and a line feed | 4 bytes: length of the tree, big-endian | the tree in UTF-8 | blob | blob | ...

Numbers, strings, True, False and None stand in the tree as they are (Python's JSON gives every float back exactly);
everything else is a list that begins with its kind. Unlike a pickle a message can make only what the two tables below
name, whoever wrote it, and each type checks its own shapes when it is made. Read next: `replica.py`, `client.py`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from PIL import Image

from mmdemo import errors, types

MAGIC = b"mmdemo1\n"
LONGEST = 256_000_000  # bytes of one message: 16 of the largest photos that the page lets in, with room
ARRAYS = "biuf"  # kinds of numpy numbers: truth, whole, whole from 0, real; never objects
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16", "F", "CMYK", "YCbCr")
STRANGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, errors.ShapeError)

CLASSES: dict[str, type] = {
    made.__name__: made
    for made in (
        types.Agreement, types.AlphaCurve, types.AnswerResult, types.Capabilities, types.CaptionResult,
        types.CaptionWord, types.Curves, types.EngineStatus, types.Explanation, types.Faithfulness, types.FetchProgress,
        types.FusionResult, types.FusionTrace, types.GalleryMap, types.Hit, types.HubModel, types.LockedFile,
        types.MatchBackground, types.MatchingResult, types.MatrixResult, types.MethodNote, types.ModelRow, types.Recall,
        types.Recognised, types.Reconstruction, types.ReconstructionBackground, types.Sanity, types.SentimentResult,
        types.ShapleyValues, types.SystemResult, types.TraceStep, types.VerdictBounds,
    )
}  # fmt: skip
ERRORS: dict[str, type[errors.MMDemoError]] = {
    name: made for name, made in vars(errors).items() if isinstance(made, type) and issubclass(made, errors.MMDemoError)
}


class WireError(errors.MMDemoError):
    """A message that cannot be written, or is not one of ours."""


class PhotosMissing(WireError):
    """A message names photos that are not here; `hashes` says which."""

    def __init__(self, hashes: tuple[str, ...]) -> None:
        super().__init__(f"Expected {len(hashes)} photos that were never sent here.", "photos_missing")
        self.hashes = hashes


def dumps(value: Any, photos: dict[str, bytes] | None = None) -> bytes:
    """A value as one message.

    Args:
        value: of the types named above, in tuples, lists and dicts.
        photos: where pictures go instead, each by its content's sha256; None leaves them in the message.

    Raises:
        WireError: something in it has no place in a message, or the message is too long.
    """
    blobs: list[bytes] = []
    tree = json.dumps(_tree(value, blobs, photos), separators=(",", ":")).encode()
    message = b"".join([MAGIC, len(tree).to_bytes(4, "big"), tree, *blobs])
    require_length(len(message))
    return message


def loads(message: bytes, photos: Mapping[str, Image.Image] | None = None) -> Any:
    """The value of a message.

    Args:
        message: from `dumps`.
        photos: those it may name, by their hashes.

    Raises:
        WireError: it is too long, or not what `dumps` writes. PhotosMissing: it names photos that are not there.
    """
    require_length(len(message))
    start = len(MAGIC) + 4
    length = int.from_bytes(message[len(MAGIC) : start], "big")
    if not message.startswith(MAGIC) or len(message) < start + length:
        raise WireError("Expected a message of this version of mmdemo; got other bytes.", "wire_strange")
    reader = _Reader(memoryview(message)[start + length :], photos or {})
    try:
        value = reader.read(json.loads(message[start : start + length]))
    except STRANGE as error:
        raise WireError(f"Expected a message that makes sense; {error}.", "wire_strange") from error
    if reader.missing:
        raise PhotosMissing(tuple(reader.missing))
    return value


def require_length(length: int) -> None:
    """Raise `WireError` when a message is too long."""
    if length > LONGEST:
        message = f"Expected a message of at most {LONGEST} bytes; got {length}. Ask about fewer photos at once."
        raise WireError(message, "wire_too_long", longest=LONGEST, got=length)


def content_hash(photo: bytes) -> str:
    """The name by which a photo's own message is sent."""
    return hashlib.sha256(photo).hexdigest()


def _tree(value: Any, blobs: list[bytes], photos: dict[str, bytes] | None) -> Any:
    def inner(part: Any) -> Any:
        return _tree(part, blobs, photos)

    def blob(content: bytes) -> int:
        blobs.append(content)
        return len(content)

    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (tuple, list):
        return [kind.__name__, [inner(part) for part in value]]
    if kind is dict:
        return ["dict", [[inner(key), inner(part)] for key, part in value.items()]]
    if kind is bytes:
        return ["bytes", blob(value)]
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in ARRAYS:
        alone = not isinstance(value, np.ndarray)
        return ["number" if alone else "array", value.dtype.str, list(value.shape), blob(value.tobytes())]
    if isinstance(value, Image.Image) and value.mode in MODES:
        return _picture(value, blob, photos)
    if CLASSES.get(kind.__name__) is kind:
        return ["type", kind.__name__, {field.name: inner(getattr(value, field.name)) for field in fields(value)}]
    if isinstance(value, errors.MMDemoError):
        known = next(base.__name__ for base in kind.__mro__ if ERRORS.get(base.__name__) is base)
        return ["error", known, str(value), value.code, inner(value.values)]
    raise WireError(f"Expected what an engine takes or gives; got {kind.__name__}.", "wire_strange")


def _picture(picture: Image.Image, blob: Callable[[bytes], int], photos: dict[str, bytes] | None) -> list:
    if photos is not None:
        alone = dumps(picture)
        name = content_hash(alone)
        photos[name] = alone
        return ["photo", name]
    palette = picture.getpalette("RGB") if picture.mode == "P" else None
    return ["picture", picture.mode, list(picture.size), palette, blob(picture.tobytes())]


class _Reader:
    """Makes values of a tree and the bytes behind it, which it reads from front to back."""

    def __init__(self, rest: memoryview, photos: Mapping[str, Image.Image]) -> None:
        self.rest, self.photos = rest, photos
        self.missing: dict[str, None] = {}

    def read(self, tree: Any) -> Any:
        """The value of one node; a photo that is not here is None, and named in `missing`."""
        if not isinstance(tree, list):
            return tree
        kind, *parts = tree
        return _READ[kind](self, *parts)

    def blob(self, length: int) -> memoryview:
        """The next bytes."""
        if not 0 <= length <= len(self.rest):
            raise ValueError("bytes are missing at its end")
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def array(self, dtype: str, shape: list[int], length: int) -> np.ndarray:
        """Its own copy of the bytes, so that it may be written to like any other."""
        if np.dtype(dtype).kind not in ARRAYS:
            raise ValueError(f"no array may hold {dtype!r}")
        return np.frombuffer(self.blob(length), dtype).reshape(shape).copy()

    def picture(self, mode: str, size: list[int], palette: list[int] | None, length: int) -> Image.Image:
        """One of the modes above."""
        if mode not in MODES:
            raise ValueError(f"no picture has the mode {mode!r}")
        content = self.blob(length)
        whole, high = size
        if whole * high > 8 * max(1, length):  # before Pillow makes room for it: mode "1" has 8 pixels a byte
            raise ValueError("a picture is larger than its bytes")
        picture = Image.frombytes(mode, (whole, high), bytes(content))
        if palette:
            picture.putpalette(palette)
        return picture

    def photo(self, name: str) -> Image.Image | None:
        """One that was sent before."""
        if name not in self.photos:
            self.missing[name] = None
            return None
        return self.photos[name]

    def type(self, name: str, given: dict[str, Any]) -> Any:
        """One of the classes above, which checks itself."""
        return CLASSES[name](**{key: self.read(part) for key, part in given.items()})

    def error(self, name: str, message: str, code: str, values: Any) -> errors.MMDemoError:
        """One of the family, with all that its sentence in another language needs; whatever its own class asks for."""
        made = ERRORS[name].__new__(ERRORS[name])
        errors.MMDemoError.__init__(made, message, code, **self.read(values))
        return made


_READ: dict[str, Callable[..., Any]] = {
    "tuple": lambda reader, parts: tuple(map(reader.read, parts)),
    "list": lambda reader, parts: [reader.read(part) for part in parts],
    "dict": lambda reader, pairs: {reader.read(key): reader.read(part) for key, part in pairs},
    "bytes": lambda reader, length: bytes(reader.blob(length)),
    "array": _Reader.array,
    "number": lambda reader, *given: _Reader.array(reader, *given)[()],
    "picture": _Reader.picture,
    "photo": _Reader.photo,
    "type": _Reader.type,
    "error": _Reader.error,
}
