"""Chinese writes no spaces: a run of characters is cut where it is likeliest that words meet.

Of all ways to cut a run the one whose words are likeliest together is taken, max sum log p(word), found by dynamic
programming from the left. The words and how often each occurs stand in `chinese_words.txt`, from the dictionary of
jieba; it is read when the first Chinese text comes. Read next: `words.py`.
"""

from functools import lru_cache
from importlib.resources import files
from math import log

NAME = "chinese_words.txt"  # lines "COUNT<tab>WORD WORD ...", after comments
NEVER = 0.5  # the count of a character that is no word of the list


def cut(run: str) -> list[str]:
    """A run of Chinese characters -> its words; together they are the run. A character of no word stands alone."""
    chances, longest = dictionary()
    unlisted = chances[""]
    best, starts = (
        [0.0],
        [0],
    )  # of the first n characters: the log probability of the best cut, where its last word begins
    for end in range(1, len(run) + 1):
        last = ((begin, chances.get(run[begin:end])) for begin in range(max(0, end - longest), end - 1))
        found = [(best[begin] + chance, begin) for begin, chance in last if chance is not None]
        chance, start = max([*found, (best[-1] + chances.get(run[end - 1], unlisted), end - 1)])
        best.append(chance)
        starts.append(start)
    words, end = [], len(run)
    while end:
        words.append(run[starts[end] : end])
        end = starts[end]
    return words[::-1]


@lru_cache(maxsize=1)
def dictionary() -> tuple[dict[str, float], int]:
    """Log probability of each word, that of an unlisted character under "", and the length of the longest word."""
    text = files(__package__).joinpath(NAME).read_text(encoding="utf-8")
    rows = [line.partition("\t")[::2] for line in text.splitlines() if not line.startswith("#")]
    listed = [(float(count), words.split(" ")) for count, words in rows]
    total = sum(count * len(words) for count, words in listed)
    chances = {"": log(NEVER / total)}
    for count, words in listed:
        chances.update(dict.fromkeys(words, log(count / total)))
    return chances, max(map(len, chances))
