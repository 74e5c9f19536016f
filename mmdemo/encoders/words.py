"""The words of a text in any language, and which token belongs to which word.

A run of letters and digits is one word ("don't" too), each Chinese character is one, each other mark is one. A tower
whose pieces hold several Chinese characters joins them: its words are its own. Read next: `e5.py`, `lstm.py`.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

PAD, UNKNOWN = "[PAD]", "[UNK]"  # in word lists of our own
APOSTROPHES = "'\u2019"
CJK_RANGES = (  # the ranges of BERT's own tokenizer
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def split_words(text: str) -> list[str]:
    """The words of a text in reading order: runs of letters and digits, Chinese characters, single other marks.

    An apostrophe between letters stays in its word. Accents, joiners and variation selectors stay with the character
    before them. Control characters and lone surrogates, which no tokenizer can read, divide words and are dropped.
    """
    words: list[str] = []
    before = "space"
    for i, character in enumerate(text):
        kind = _kind(character)
        if kind == "apostrophe":
            inside = before == "letter" and i + 1 < len(text) and _kind(text[i + 1]) == "letter"
            kind = "letter" if inside else "mark"
        if kind == "joined" and before == "space":
            continue
        if kind == "joined" or (kind == before == "letter"):
            words[-1] += character
            continue
        if kind != "space":
            words.append(character)
        before = kind
    return words


@lru_cache(maxsize=65536)
def _kind(character: str) -> str:
    """Sort one character: "letter", "chinese", "mark", "joined" (to the one before), "apostrophe" or "space"."""
    if character in APOSTROPHES:
        return "apostrophe"
    if any(low <= ord(character) <= high for low, high in CJK_RANGES):
        return "chinese"
    category = unicodedata.category(character)
    if category[0] in "LN":
        return "letter"
    if category[0] == "M" or category == "Cf":
        return "joined"
    return "space" if category[0] in "ZC" or character == "\ufffd" else "mark"


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of `split_words` begins and ends in the text."""
    spans, at = [], 0
    for word in split_words(text):
        at = text.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    return spans


def words_of_pieces(text: str, pieces: Sequence[tuple[int, int]]) -> tuple[tuple[str, ...], tuple[int | None, ...]]:
    """The words of a text where pieces may be longer than a word of `split_words`, and the word of each piece.

    Words that one piece holds together become one ("地" and "上" of a piece "地上").

    Args:
        text: the text.
        pieces: (begin, end) of each piece in its characters; begin = end for what stands for no character.

    Returns:
        the words in reading order; for each piece the index of the word it is a part of, or None.
    """
    reach = list(range(1, len(text) + 1))  # for each character the furthest end of a piece that holds it
    for begin, end in pieces:
        for place in range(begin, end):
            reach[place] = max(reach[place], end)
    merged: list[tuple[int, int]] = []
    for begin, end in word_spans(text):
        if merged and reach[merged[-1][1] - 1] > begin:
            begin = merged.pop()[0]
        merged.append((begin, end))
    ends = [end for _, end in merged]
    owners: list[int | None] = []
    for begin, end in pieces:
        word = bisect_right(ends, begin)  # the first that ends after the piece has begun
        owners.append(word if word < len(merged) and merged[word][0] < end else None)
    return tuple(text[begin:end] for begin, end in merged), tuple(owners)
