"""The names of figures and data sets on a card, as people read them: known pieces in the language, names as they are.

Read next: `phrases/terms.py`.
"""

import functools
import re

from mmdemo.ui.phrases import TERMS
from mmdemo.ui.text import LANGUAGES, Say

MARKS = {", ": "，", "; ": "；", ": ": "：", " (": "（", ")": "）", " %": "%"}


@functools.cache
def pieces() -> re.Pattern[str]:
    """Any known piece that is no part of a longer word; the longest wins."""
    known = "|".join(re.escape(term) for term in sorted(TERMS, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z/])(?:{known})(?![A-Za-z])")  # in a path it is no word


def termed(name: str, say: Say) -> str:
    """"image_only_macro_F1" -> "photo alone, macro F1" ("只看照片，宏平均 F1")."""  # fmt: skip
    said = pieces().sub(lambda found: TERMS[found[0]][LANGUAGES[say.language]], name)
    if " " not in name:
        said = said.replace("_", ", ")
    if say.language == "en":
        return said
    for mark, chinese in MARKS.items():
        said = said.replace(mark, chinese)
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", said)
