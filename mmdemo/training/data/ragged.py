"""Many texts of different lengths as one row of values, read once, so that a step of training only gathers them.

Read next: `features.py`, `recipes/lstm.py`.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ragged:
    """Texts one after the other without padding.

    Args:
        values: [sum of lengths, ...], ids or vectors of tokens.
        starts: [T + 1]; text i owns values[starts[i] : starts[i + 1]].
    """

    values: Tensor
    starts: Tensor

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Tensor:
        """Tokens of each text, [T]."""
        return self.starts.diff()

    @classmethod
    def of(cls, parts: Sequence[Tensor]) -> "Ragged":
        """Texts [N_i, ...] one after the other."""
        lengths = torch.tensor([0] + [len(part) for part in parts])
        return cls(torch.cat(list(parts)), lengths.cumsum(0))

    @classmethod
    def join(cls, parts: "Sequence[Ragged]") -> "Ragged":
        """Several sets as one, in their order."""
        starts = torch.cat([torch.zeros(1, dtype=torch.long), *(part.lengths for part in parts)]).cumsum(0)
        return cls(torch.cat([part.values for part in parts]), starts)

    def padded(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The texts of `index` [B] -> values [B, N, ...], anything where padded, and mask [B, N]."""
        begin, end = self.starts[index], self.starts[index + 1]
        place = torch.arange(int((end - begin).max()))[None, :] + begin[:, None]  # [B, N]
        return self.values[place.clamp_max(len(self.values) - 1)], place < end[:, None]


class TextIds(Ragged):
    """Texts as ids of words."""

    def padded(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The texts of `index` [B] -> ids [B, N], 0 where padded, and mask [B, N]."""
        ids, mask = super().padded(index)
        return ids * mask, mask


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
