"""Word lists for the encoders that read whole words, counted over training texts only.

Read next: `recipes/lstm.py`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch

from mmdemo.encoders.lstm import SPECIAL_WORDS, LstmEncoder
from mmdemo.encoders.tfidf import lower_words
from mmdemo.encoders.words import split_words
from mmdemo.training.data.ragged import TextIds


def word_list(texts: Iterable[str], size: int) -> list[str]:
    """The special words, then the `size` - 3 most frequent words and Chinese characters, the most frequent first."""
    counts = Counter(word for text in texts for word in lower_words(text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))  # equal counts by letters: the same on any machine
    return [*SPECIAL_WORDS, *ranked[: size - len(SPECIAL_WORDS)]]


def encode_words(texts: Sequence[str], encoder: LstmEncoder) -> TextIds:
    """As the encoder's `prepare` reads them, end marks included."""
    return TextIds.of([torch.tensor(encoder.ids(split_words(text))) for text in texts])
