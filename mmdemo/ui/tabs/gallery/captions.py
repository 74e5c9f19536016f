"""Captions: typed, one a line, or out of a CSV that may say whose photo each is. Read next: `draw_captions.py`."""

import base64
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmdemo import inputs
from mmdemo.errors import InputError, TextError
from mmdemo.ui.tabs.gallery.kept import Captions

if TYPE_CHECKING:
    from mmdemo.engine import Engine

MOST = 2_500  # five for each of 500 photos
MOST_BYTES = 150_000  # of a CSV; it comes within a call, and those are short
BATCH = 32  # encoded at a time
Row = tuple[str, str]  # caption, name of its photo or ""


def typed(engine: "Engine", text: str) -> Captions:
    """The lines of a text.

    Raises:
        TextError: there is none, or one is too long.
    """
    lines, dropped = inputs.split_lines(text)
    return encoded(engine, [(line, "") for line in lines], dropped)


def from_csv(engine: "Engine", sent: str) -> Captions:
    """The captions of a file, in base64; rows without one are left out and counted.

    Raises:
        InputError: its letters or its columns are unknown ("csv_encoding", "csv_column"), or it has no caption
            ("csv_empty").
    """
    rows, clean = read_csv(sent), []
    for caption, name in rows[:MOST]:
        try:
            clean.append((inputs.clean_text(caption), name))
        except TextError:
            continue
    if not clean:
        raise InputError("Expected captions in the column caption; there are none.", "csv_empty")
    return encoded(engine, clean, len(rows) - len(clean))


def read_csv(sent: str) -> list[Row]:
    """The rows of a CSV in UTF-8, with or without its mark, or in GBK. Raises as `from_csv`."""
    try:
        text = decoded(base64.b64decode(sent, validate=True))
        table = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    except (csv.Error, ValueError):
        raise InputError(
            "Expected a CSV file; this one cannot be read. Save it as CSV UTF-8.", "csv_encoding"
        ) from None
    head = [name.strip().lower() for name in table[0]] if table else []
    if "caption" not in head:
        columns = [name.strip()[:30] for name in table[0][:10]] if table else []
        message = f"Expected a column named caption; the columns are {', '.join(columns)}."
        raise InputError(message, "csv_column", columns=columns or ["–"])
    at, of = head.index("caption"), head.index("photo") if "photo" in head else len(head)
    rows = (row + [""] * (len(head) + 1) for row in table[1:])
    return [(row[at], Path(row[of].replace("\\", "/")).name.strip() if of < len(head) else "") for row in rows]


def decoded(content: bytes) -> str:
    """Text of bytes whose code nobody names."""
    for code in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(code)
        except UnicodeDecodeError:
            continue
    raise InputError("Expected text in UTF-8 or GBK. Save the file as CSV UTF-8.", "csv_encoding")


def encoded(engine: "Engine", rows: Sequence[Row], dropped: int = 0) -> Captions:
    """Captions with their vectors; others' questions go between."""
    texts, photos = zip(*rows, strict=True)
    parts = [engine.encode_texts(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
    return Captions(texts, photos, np.concatenate(parts), dropped)


def own(captions: Captions, names: Sequence[str]) -> np.ndarray:
    """[N, K] bool: which captions are which photo's."""
    said = np.array([name.casefold() for name in captions.photos])
    return np.array([(said == name.casefold()) & (said != "") for name in names])
