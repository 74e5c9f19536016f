"""Which language a text is in, which of them a model reads, and the sentences that a label is put into.

Only scripts are told apart, for a few words are too few to tell English from French. Read next: `match.py`.
"""

import unicodedata
from functools import lru_cache

from mmdemo.checkpoints import find
from mmdemo.encoders.words import CJK_RANGES, split_words

OWN = ("en", "zh")  # what the embedded towers were taught
SCRIPTS = {"zh": "chinese", "ja": "other", "ko": "other", "ru": "other", "ar": "other"}  # the others: Latin letters
# Sentences around a label, after Radford et al. 2021, section 3.1.4, and Yang et al. 2022 (Chinese-CLIP), appendix.
TEMPLATES = {
    "en": (
        "a photo of {}.", "a picture of {}.", "a blurry photo of {}.", "a close-up photo of {}.",
        "a black and white photo of {}.", "a drawing of {}.",
    ),
    "zh": (
        "一张{}的照片。", "一张{}的图片。", "一张模糊的{}的照片。", "一张{}的特写照片。", "一张{}的黑白照片。",
        "一幅{}的画。",
    ),
}  # fmt: skip


def templates_for(text: str) -> tuple[str, ...]:
    """The templates in the language of a text: Chinese, otherwise English."""
    return TEMPLATES["zh" if script(text) == "chinese" else "en"]


def is_foreign(text: str, model: str) -> bool:
    """Whether a row of the table was not trained to read the script of a text; a text without letters never is."""
    source = find(model).hub
    languages = source.languages if source else OWN
    read = {SCRIPTS.get(code, "latin") for code in languages}
    return "*" not in languages and script(text) not in {"", *read}


@lru_cache(maxsize=1024)
def script(text: str) -> str:
    """That of most of its words, a Chinese character being one: "chinese", "latin", "other", or "" without letters."""
    counts = {"chinese": 0, "latin": 0, "other": 0}
    for word in split_words(text):
        if word[0].isalpha():
            counts[_script_of(word[0])] += 1
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else ""


def _script_of(letter: str) -> str:
    if any(low <= ord(letter) <= high for low, high in CJK_RANGES):
        return "chinese"
    return "latin" if unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN")) else "other"
