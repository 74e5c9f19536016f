"""TF-IDF as a text tower: a text is how often each word stands in it, rare words counting more. No order, no network.

x_w = tf(w) * idf(w) with idf(w) = ln((1 + n) / (1 + df(w))) + 1, then divided by its length, where tf is the count in
this text, df the number of the n training texts that have the word (Salton and Buckley 1988; the smoothed form is
scikit-learn's `TfidfVectorizer`, which fitted the word list). Read next: `tasks/pixels_tfidf.py`.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from mmdemo.encoders.base import Encoder
from mmdemo.encoders.words import layout_of, split_words
from mmdemo.types import Batch, TokenSet

WHOLE = "[TEXT]"


class TfidfEncoder(Encoder):
    """One token a text: its unit vector over the word list, all zeros where no word is known.

    Args:
        vocab: the D words in the order of their places.
    """

    modality = "text"

    def __init__(self, vocab: Sequence[str]) -> None:
        super().__init__()
        self.vocab = list(vocab)
        self.width = len(self.vocab)
        self.table = {word: i for i, word in enumerate(self.vocab)}
        self.idf = nn.Parameter(torch.ones(self.width), requires_grad=False)  # fitted by counting

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts of any length -> "counts" [B, D] float32, and layouts of one token each."""
        counts = torch.zeros(len(items), self.width)
        layout = []
        for row, text in zip(counts, items, strict=True):
            for word in lower_words(text):
                if word in self.table:
                    row[self.table[word]] += 1
            layout.append(layout_of(text, (WHOLE,), [(0, 0)]))
        return Batch({"counts": counts}, tuple(layout))

    def forward(self, batch: Batch) -> TokenSet:
        """Tokens [B, 1, D], all real, pooled [B, D] of length 1 (or 0)."""
        pooled = F.normalize(batch.tensors["counts"] * self.idf, dim=-1)  # [B, D]
        mask = torch.ones(len(pooled), 1, dtype=torch.bool, device=pooled.device)
        return TokenSet(pooled.unsqueeze(1), mask, pooled, batch.layout)


def lower_words(text: str) -> list[str]:
    """The words of a text in lower case: English words, single Chinese characters, marks. Also the fit's analyzer."""
    return [word.lower() for word in split_words(text)]
