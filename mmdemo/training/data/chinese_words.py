"""The word list that Chinese is cut by, made from the dictionary of jieba 0.42.1 (MIT; `dict.txt` of its wheel).

    python -m mmdemo.training.data.chinese_words PATH/TO/jieba/dict.txt

Left out: what holds other signs, names and phrases, words that were hardly met, unless they are short nouns (a thing
in a photo may be rare in newspapers), and a verb with its particle ("趴在", "戴着"), which a reader sees as two words.
Read next: `encoders/chinese.py`.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmdemo.encoders import chinese

LEAST, LEAST_OF_NOUNS = 20, 3  # times that a word was met
LONGEST, LONGEST_NOUN = 5, 3  # characters
HAN = re.compile("[\u4e00-\u9fff]+")
PARTICLES = {"着": ("v",), "在": ("v", "l")}  # the end of a word -> the kinds that are two words then
ONE_WORD = {"存在", "意味着"}
NOTICE = """\
# How often each word was met in a corpus of newspapers and novels; cut from the dictionary of jieba 0.42.1 by
# training/data/chinese_words.py. The MIT License (MIT). Copyright (c) 2013 Sun Junyi
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
# rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
# persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice
# and this permission notice shall be included in all copies or substantial portions of the Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
# COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
# OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def word_list(lines: Iterable[str]) -> Iterator[str]:
    """Lines "WORD COUNT KIND" -> lines "COUNT<tab>WORD WORD ...", the commonest first."""
    words = defaultdict(list)
    for word, count, kind in map(str.split, lines):
        if HAN.fullmatch(word) and is_word(word, int(count), kind):
            words[int(count)].append(word)
    for count in sorted(words, reverse=True):
        yield f"{count}\t{' '.join(sorted(words[count]))}"


def is_word(word: str, count: int, kind: str) -> bool:
    """Whether a reader would call it one word, and one worth keeping. Single characters always are."""
    if len(word) == 1:
        return count > 0
    is_noun = kind in ("n", "nz") and len(word) <= LONGEST_NOUN
    if len(word) > LONGEST or count < (LEAST_OF_NOUNS if is_noun else LEAST):
        return False
    phrase = kind in PARTICLES.get(word[-1], ()) or (word.startswith("一个") and len(word) > 2)
    return word in ONE_WORD or not phrase


if __name__ == "__main__":
    made = word_list(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    Path(chinese.__file__).with_name(chinese.NAME).write_text(NOTICE + "\n".join(made) + "\n", encoding="utf-8")
