"""LSTM as a text tower: words are read one after the other, and a memory is carried along.

A long short-term memory keeps a cell c that three gates write, keep and read, c_t = f_t c_{t-1} + i_t g_t and
h_t = o_t tanh(c_t), so that what was read early can still matter late (Hochreiter and Schmidhuber 1997; gates as in
Gers et al. 2000). The network is `torch.nn.LSTM`: words of 100 numbers, two layers of 256, as in the tutorials. It has
a word list of its own: English words and single Chinese characters. Read next: `training/recipes/lstm.py`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder
from mmdemo.encoders.words import PAD, UNKNOWN, layout_of, split_words, unit_spans
from mmdemo.types import Batch, TokenSet, mean_pool

END = "[END]"
SPECIAL_WORDS = (PAD, UNKNOWN, END)


class LstmEncoder(Encoder):
    """Embedding, LSTM, and one linear layer on every state; the pooled vector is the mean over the real tokens.

    It reads from left to right only, so padding at the end of a text cannot change what was said before it.

    Args:
        vocab: words in the order of their ids, beginning with `SPECIAL_WORDS`.
        width: D, of the states and of the tokens.
        embedding: numbers a word.
        layers: LSTMs on top of each other.
        longest: most words read of one text, the end mark included.
        dropout: on words and between layers, in training only.
    """

    modality = "text"

    def __init__(
        self, vocab: Sequence[str], width: int = 256, embedding: int = 100, layers: int = 2, longest: int = 64,
        dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.vocab = list(vocab)
        self.width, self.longest = width, longest
        self.table = {word: i for i, word in enumerate(self.vocab)}
        self.embedding = nn.Embedding(len(self.vocab), embedding, padding_idx=self.table[PAD])
        self.lstm = nn.LSTM(embedding, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def ids(self, words: Sequence[str]) -> list[int]:
        """The ids of a text's words, the unknown ones included, cut to what fits before the end mark."""
        unknown = self.table[UNKNOWN]
        return [*(self.table.get(w.lower(), unknown) for w in words[: self.longest - 1]), self.table[END]]

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts -> "ids" [B, N] int64 and "mask" [B, N] bool, padded to the longest of them, with layouts."""
        split = [split_words(text) for text in items]
        read = [self.ids(words) for words in split]
        longest = max(map(len, read), default=1)
        ids = torch.full((len(items), longest), self.table[PAD])  # [B, N]
        layout = []
        for row, text, words, some in zip(ids, items, split, read, strict=True):
            row[: len(some)] = torch.tensor(some)
            n, padding = len(some) - 1, longest - len(some)
            tokens = (*(self.vocab[i] for i in some), *[PAD] * padding)
            spans = (*unit_spans(text)[:n], *[(0, 0)] * (padding + 1))
            layout.append(layout_of(text, tokens, spans, len(words) - n))
        return Batch({"ids": ids, "mask": ids != self.table[PAD]}, tuple(layout))

    def forward(self, batch: Batch) -> TokenSet:
        """Tokens [B, N, D], mask [B, N], pooled [B, D]."""
        mask = batch.tensors["mask"]
        tokens = self.tokens(batch.tensors["ids"])  # [B, N, D]
        return TokenSet(tokens, mask, mean_pool(tokens, mask), batch.layout)

    def tokens(self, ids: Tensor) -> Tensor:
        """ids [B, N] -> tokens [B, N, D]; those of padding mean nothing. For training loops."""
        states, _ = self.lstm(self.dropout(self.embedding(ids)))  # [B, N, D]
        return self.out(self.dropout(states))
