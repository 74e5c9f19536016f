"""Short texts with the feeling that a reader finds in them: a last measure that nothing is trained on or chosen by.

Corpora of tweets and reviews hardly hold what a visitor types first: one word, one emoji, a negation, a plain
statement. "measured" was written and committed before the first training run; it is measured once a head is final.
"development" holds other texts of the same kinds, to choose settings by. No training text is equal to one of either
(`is_kept_apart`). A statement without a judgement is neutral, and so is a judgement that takes no side.
Read next: `phrases.py`.
"""

import functools
import json
from pathlib import Path

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
Texts = dict[str, dict[str, list[str]]]


@functools.cache
def read(name: str) -> Texts:
    """"measured" or "development": language -> feeling -> texts."""  # fmt: skip
    return json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))[name]


def listed(texts: Texts, language: str) -> list[tuple[str, str]]:
    """(text, label) of one language."""
    return [(text, label) for label, some in texts[language].items() for text in some]


def squeezed(text: str) -> str:
    """The text without spaces and punctuation, lower case: equal for "So good!" and "so good!!"; emoji stay."""
    return "".join(c for c in text.lower() if c.isalnum() or ord(c) > 0x2600 and c not in "，。！？、…️")


@functools.cache
def _apart() -> frozenset[str]:
    texts = [read(name) for name in ("measured", "development")]
    return frozenset(squeezed(text) for some in texts for language in some for text, _ in listed(some, language))


def is_kept_apart(text: str) -> bool:
    """Whether a training text is equal to a short text, but for spaces, case and punctuation."""
    return squeezed(text) in _apart()
