"""The text tower's vocabulary, and texts turned into token ids once, so that a step of training only gathers them.

Read next: `recipes/bert.py`.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import trainers
from torch import Tensor

from mmdemo.encoders.bert import CLS, SEP, SPECIAL, BertEncoder, build_tokenizer, split_words

CHARACTERS = 5000


def train_vocab(texts: Iterable[str], size: int) -> list[str]:
    """WordPiece tokens in the order of their ids: the special ones, the most frequent characters, pieces of words."""
    tokenizer = build_tokenizer(SPECIAL)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        limit_alphabet=CHARACTERS,
        special_tokens=list(SPECIAL),
        continuing_subword_prefix="##",
        show_progress=False,
    )
    tokenizer.train_from_iterator((split_words(text) for text in texts), trainer)
    return [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])]


@dataclass(frozen=True)
class Encoded:
    """Many texts as ids, one after the other without padding.

    Args:
        ids: [sum of lengths] int64.
        starts: [T + 1]; text i owns ids[starts[i] : starts[i + 1]].
    """

    ids: Tensor
    starts: Tensor

    @property
    def lengths(self) -> Tensor:
        """Tokens of each text, [T]."""
        return self.starts.diff()

    def padded(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The texts of `index` [B] -> ids [B, N], 0 where padded, and mask [B, N]."""
        begin, end = self.starts[index], self.starts[index + 1]
        place = torch.arange(int((end - begin).max()))[None, :] + begin[:, None]  # [B, N]
        mask = place < end[:, None]
        return self.ids[place.clamp_max(len(self.ids) - 1)] * mask, mask

    def bags(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The texts of `index` [B] -> ids [M] one after the other, offsets [B] where each begins."""
        ids, mask = self.padded(index)
        lengths = mask.sum(1)
        return ids[mask], lengths.cumsum(0) - lengths


def encode(texts: Sequence[str], encoder: BertEncoder) -> Encoded:
    """As the encoder's `prepare` reads them, [CLS] and [SEP] included, cut at its longest."""
    cls, sep, room = encoder.ids[CLS], encoder.ids[SEP], encoder.longest - 2
    rows: list[list[int]] = []
    for start in range(0, len(texts), 10_000):
        words = [split_words(text) for text in texts[start : start + 10_000]]
        encodings = encoder.tokenizer.encode_batch(words, is_pretokenized=True)
        rows += [[cls, *e.ids[:room], sep] for e in encodings]
    lengths = torch.tensor([0] + [len(row) for row in rows])
    return Encoded(torch.tensor([i for row in rows for i in row]), lengths.cumsum(0))


def bucketed(lengths: Tensor, weights: Tensor, batch: int, seed: int, together: int = 16) -> Iterator[Tensor]:
    """Endless batches of indices [batch], drawn by weight, texts of like length together.

    Args:
        lengths: [T] tokens of each text.
        weights: [T] how often each is drawn, in proportion.
        together: batches that are drawn at once, sorted by length, cut, and handed out in random order.
    """
    shares = weights.double().cumsum(0)
    shares /= shares[-1].item()
    chunk = 0
    while True:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + chunk)
        drawn = torch.rand(batch * together, generator=generator, dtype=torch.float64)
        index = torch.searchsorted(shares, drawn).clamp_max(len(weights) - 1)
        cuts = index[lengths[index].argsort()].split(batch)
        yield from random.Random(f"{seed}/{chunk}").sample(cuts, together)
        chunk += 1
