"""Captions as lessons for a decoder: the word list, and batches of photos with several captions each.

Read next: `recipes/captioning.py`, `tasks/caption_words.py`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.caption_words import SPECIAL, CaptionWords, caption_words
from mmdemo.tasks.word_list import is_chinese
from mmdemo.training.data.pairs import Captioned

RARE = 5  # a word seen less often is [UNK]
SHORTEST, LONGEST = 4, 24  # words of a caption worth learning from


def build_vocabulary(captions: Captioned, least: int = RARE) -> list[str]:
    """The words that people use at least `least` times: signs, English words, Chinese characters, commonest first."""
    lists: list[str] = []
    for kind in ("en", "zh"):
        counts = Counter(word for i in captions.of_kind(kind) for word in caption_words(captions.texts[i]))
        known = [w for w, n in counts.items() if n >= least and is_chinese(w) == (kind == "zh")]
        lists += sorted(known, key=lambda w: (-counts[w], w))
    return [*SPECIAL, *lists]


@dataclass(frozen=True)
class CaptionBatch:
    """Captions of P photos, C each, those of one photo in a row.

    Args:
        photos: [P] indices.
        words: [P * C, T] numbers from the sign of the language to [END], [PAD] after it.
        language: a key of `SIGNS`.
    """

    photos: Tensor
    words: Tensor
    language: str


class CaptionLessons:
    """Captions of one kind of P photos, as numbers.

    Args:
        captions: photos and texts.
        vocabulary: its words; a text with too few or too many of them is left out.
        kind: "en", "zh" or "translated".
        least: captions that a photo must have to be drawn.
        most: photos with more than that are left to other lessons; 0 for no limit.
    """

    def __init__(self, captions: Captioned, vocabulary: CaptionWords, kind: str, least: int = 1, most: int = 0) -> None:
        self.kind, self.vocabulary = kind, vocabulary
        self.texts: dict[int, list[list[int]]] = {}
        for i in captions.of_kind(kind):
            words = vocabulary.read(captions.texts[i])
            if SHORTEST <= len(words) <= LONGEST:
                self.texts.setdefault(int(captions.photo_of_text[i]), []).append(words)
        self.photos = np.array([p for p, said in self.texts.items() if least <= len(said) <= (most or len(said))])

    def draw(self, rng: np.random.Generator, photos: int, each: int) -> CaptionBatch:
        """Different photos, and of each `each` different captions where it has so many."""
        chosen = rng.choice(self.photos, size=min(photos, len(self.photos)), replace=False)
        texts: list[list[int]] = []
        for photo in chosen:
            said = self.texts[int(photo)]
            texts += [said[i] for i in rng.choice(len(said), size=each, replace=len(said) < each)]
        return CaptionBatch(torch.from_numpy(chosen), padded(texts, self.vocabulary, self.kind), self.kind)


def padded(texts: Sequence[Sequence[int]], vocabulary: CaptionWords, language: str) -> Tensor:
    """Numbers of B texts -> [B, T] with the sign of the language before and [END] after them."""
    rows = torch.full((len(texts), max(map(len, texts)) + 2), vocabulary.pad)
    rows[:, 0] = vocabulary.sign(language)
    for row, text in zip(rows, texts, strict=True):
        row[1 : len(text) + 2] = torch.tensor([*text, vocabulary.end])
    return rows
