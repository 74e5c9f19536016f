"""The words of captions in two languages, as numbers and back.

English goes word by word in lower case, Chinese character by character; marks are left out, so that none is counted as
a word said right. A caption begins with the sign of its language and ends with [END]. Read next: `captioning.py`.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from mmdemo.encoders.words import PAD, UNKNOWN, split_words
from mmdemo.tasks.word_list import is_chinese

END = "[END]"
SIGNS = {"en": "[EN]", "zh": "[ZH]", "translated": "[ZH*]"}  # the last: Chinese by machine, which only training reads
SPECIAL = (PAD, END, UNKNOWN, *SIGNS.values())


def caption_words(text: str) -> list[str]:
    """The words of one caption: English words in lower case, single Chinese characters, no marks."""
    return [word for word in split_words(text.lower()) if any(map(str.isalnum, word))]


class CaptionWords:
    """The vocabulary of captions.

    Args:
        words: `SPECIAL`, then the English words, then the Chinese characters, each once.
    """

    pad, end, unknown = range(3)

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.index = {word: i for i, word in enumerate(self.words)}
        chinese = next((i for i, word in enumerate(self.words) if is_chinese(word)), len(self.words))
        self.ranges = {"en": (len(SPECIAL), chinese), "zh": (chinese, len(self.words))}
        self.ranges["translated"] = self.ranges["zh"]

    def __len__(self) -> int:
        return len(self.words)

    def sign(self, language: str) -> int:
        """The first token of every caption of a language."""
        return self.index[SIGNS[language]]

    def sayable(self, language: str) -> Tensor:
        """What may follow in a language, [V_l] rising: [END] and its own words."""
        return torch.tensor([self.end, *range(*self.ranges[language])])

    def read(self, text: str) -> list[int]:
        """The numbers of a text's words, without sign and end; [UNK] for a word that the list does not hold."""
        return [self.index.get(word, self.unknown) for word in caption_words(text)]

    def text_of(self, word: int) -> str:
        """One word as it is shown; "" for the end."""
        return "" if word == self.end else self.words[word]

    def write(self, words: Iterable[int], after: str = "") -> str:
        """Numbers back to a text, up to [END]: words with spaces between, characters without.

        Args:
            after: what stands before it as it is.
        """
        said: list[str] = []
        for number in words:
            if number == self.end:
                break
            said.append(self.words[number])
        kept = [word for word in said if word not in SPECIAL]
        between = "" if any(map(is_chinese, kept)) else " "
        return between.join([*([after.rstrip()] if after.strip() else []), *kept])
