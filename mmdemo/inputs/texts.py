"""Typed text becomes one clean line, or several; or a clear error says why not. Read next: `engine/match.py`."""

import unicodedata

from mmdemo.errors import TextError

MAX_TEXT_CHARACTERS = 2_000
MAX_TEXTS = 50
MAX_LIST_CHARACTERS = 200_000

_JOINERS = {chr(c) for c in (0x200C, 0x200D, 0x200E, 0x200F, 0x061C, *range(0xE0020, 0xE0080))}  # emoji, Persian, flags


def clean_text(text: str | None, limit: int = MAX_TEXT_CHARACTERS) -> str:
    """Typed text as one line of NFC without control characters; HTML stays what it is, text.

    Tabs and line ends become single spaces; what can reverse or hide its neighbours (bidirectional overrides,
    zero-width spaces, lone surrogates) goes; joiners inside emoji and Persian words stay.

    Raises:
        TextError: no visible character is left ("text_missing"), or more than `limit` ("text_too_long").
    """
    _check_length(text, limit, slack=4)  # before the work below
    clean = _scrubbed(text)
    if not _is_visible(clean):
        raise TextError("Expected a text; nothing readable was typed. Write at least one word.", "text_missing")
    _check_length(clean, limit)
    return clean


def split_lines(text: str | None, limit: int = MAX_TEXTS) -> tuple[list[str], int]:
    """The non-empty lines of a text, each cleaned, at most `limit` of them; and how many more there were.

    Raises:
        TextError: no line holds a text ("text_missing"); one line, or all together, are too long ("text_too_long").
    """
    _check_length(text, MAX_LIST_CHARACTERS)
    lines = [line for line in map(_scrubbed, text.splitlines()) if _is_visible(line)]
    for line in lines[:limit]:
        _check_length(line, MAX_TEXT_CHARACTERS)
    if not lines:
        raise TextError("Expected at least one text, one a line; got none. Write a sentence.", "text_missing")
    return lines[:limit], len(lines[limit:])


def _scrubbed(text: str) -> str:
    if not text.isprintable():  # else none of its characters is a control, nor any space but " "
        kept = (" " if c.isspace() else c for c in text if c.isspace() or c in _JOINERS or not _is_control(c))
        text = "".join(kept)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] in "LNPS" for c in text)


def _check_length(text: object, limit: int, slack: int = 1) -> None:
    if not isinstance(text, str):
        raise TextError(f"Expected a text (str); got {type(text).__name__}. Write a sentence.", "text_missing")
    if len(text) > slack * limit:
        message = f"Expected at most {limit:,} characters; got {len(text):,}. Shorten the text."
        raise TextError(message, "text_too_long", got=len(text), limit=limit)
