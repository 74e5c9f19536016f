"""The words of a text in any language, and which token belongs to which word.

Two cuts. `split_words` gives what a word list of our own holds: a run of letters and digits ("don't" too), a single
Chinese character, a single other mark. `word_spans` gives the words of a reader, the same for every tower: Chinese
characters that spell a word are one. Read next: `chinese.py`, `e5.py`, `lstm.py`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from mmdemo.encoders.chinese import cut
from mmdemo.types import TextLayout

PAD, UNKNOWN = "[PAD]", "[UNK]"  # in word lists of our own
APOSTROPHES = "'\u2019"
CJK_RANGES = (  # the ranges of BERT's own tokenizer
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
CHINESE_RUN = re.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in CJK_RANGES)}]{{2,}}")


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


def unit_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of `split_words` begins and ends in the text."""
    spans, at = [], 0
    for word in split_words(text):
        at = text.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    return spans


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of a reader begins and ends: those of `split_words`, Chinese characters joined to words."""
    inside = set()  # where a Chinese word goes on
    for run in CHINESE_RUN.finditer(text):
        at = run.start()
        for word in cut(run[0]):
            inside |= set(range(at + 1, at + len(word)))
            at += len(word)
    spans: list[tuple[int, int]] = []
    for begin, end in unit_spans(text):
        spans.append((spans.pop()[0] if begin in inside else begin, end))
    return spans


def layout_of(
    text: str, tokens: Sequence[str], spans: Sequence[tuple[int, int]], cut_tokens: int = 0,
    unknown: Sequence[tuple[int, int]] = (), shown: str | None = None,
) -> TextLayout:  # fmt: skip
    """The layout of a text whose tokens' places are known.

    A token belongs to the word that holds most of its characters; of two that hold equally many, to the one that it
    fills most, then to the first. Where it reaches over several ("的小" in "的小狗"), `shared` says how much of it is
    whose, in characters.

    Args:
        text: as the network reads it.
        tokens: the N strings.
        spans: (begin, end) of each token in its characters; begin = end for what stands for no character.
        cut_tokens: how many tokens did not fit.
        unknown: (begin, end) of everything in it that has no token.
        shown: the text as it was given, where the network reads it in lower case.
    """
    words, units = word_spans(text), unit_spans(text)
    owners = [_shares(span, words) for span in spans]
    shared = [(token, word, part) for token, own in enumerate(owners) if len(own) > 1 for word, part in own.items()]
    unread = sorted({word for span in unknown for word in _shares(span, words)})
    units_unread = sorted({unit for span in unknown for unit in _shares(span, units)})
    given = text if shown is None else shown
    named = [given[begin:end] for begin, end in word_spans(given)]
    if len(named) != len(words):  # lower-casing may change how many there are
        named = [text[begin:end] for begin, end in words]
    return TextLayout(
        given, tuple(tokens), tuple(_largest(own, words) for own in owners), tuple(named), cut_tokens, tuple(unread),
        tuple(shared), tuple(text[slice(*units[i])] for i in units_unread),
    )  # fmt: skip


def _shares(span: tuple[int, int], words: Sequence[tuple[int, int]]) -> dict[int, float]:
    """Which words the characters [begin, end) lie in, and how much of those that lie in any lies in each."""
    begin, end = span
    found: dict[int, int] = {}
    for i in range(bisect_right(words, begin, key=lambda word: word[1]), len(words)):
        if words[i][0] >= end or begin == end:
            break
        found[i] = min(end, words[i][1]) - max(begin, words[i][0])
    return {i: count / sum(found.values()) for i, count in found.items()}


def _largest(shares: dict[int, float], words: Sequence[tuple[int, int]]) -> int | None:
    return max(shares, key=lambda i: (shares[i], words[i][0] - words[i][1]), default=None)
