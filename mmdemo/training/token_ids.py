"""Many texts as token ids, read once, so that a step of training only gathers them. Read next: `recipes/lstm.py`."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


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
