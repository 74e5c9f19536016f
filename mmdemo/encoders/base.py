"""The contract of every encoder: items in, one `TokenSet` out.

An encoder owns its preprocessing, so that nobody can feed it pixels or tokens prepared for another. It never downloads
and never chooses a device. Read next: `mobilenet.py` (image), `bert.py` (text).
"""

from collections.abc import Sequence
from typing import Any

from torch import nn

from mmdemo.types import Batch, TokenSet


class Encoder(nn.Module):
    """Base class.

    Attributes:
        modality: "image" (items are RGB PIL images) or "text" (items are strings).
        width: D, the width of tokens and of the pooled vector.
    """

    modality: str
    width: int

    def prepare(self, items: Sequence[Any]) -> Batch:
        """B items on the CPU -> the batch `forward` takes. No network, no gradient."""
        raise TypeError(f"{type(self).__name__} does not say how it prepares items.")

    def forward(self, batch: Batch) -> TokenSet:
        """The batch, on this module's device -> tokens [B, N, D], mask [B, N], pooled [B, D], layout."""
        raise TypeError(f"{type(self).__name__} has no forward.")
