"""The contract of every encoder: items in, one `TokenSet` out.

An encoder owns its preprocessing, so that nobody can feed it pixels or tokens prepared for another. It never downloads
and never chooses a device. Read next: `efficientnet_lite.py` (image), `e5.py` (text).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.types import Batch, LastAttention, TokenSet


class Encoder(nn.Module):
    """Base class.

    Attributes:
        modality: "image" (items are RGB PIL images) or "text" (items are strings).
        width: D, the width of tokens and of the pooled vector.
        traits: what a method of explanation may ask of it. "reread": the network can be entered at its first layer, by
            `start`, `nothing` and `reread`; the others imply it. "attention": `reread` gives attentions of `layers`
            layers with `heads` heads each. "attention_pooling": `encode_with_attention` gives the one that pools.
            "class_token": that one is of a token that is no patch. "finer": `finer` reads places half as wide.
        longest: most tokens that are read of one text, marks at its ends included; 0 for pictures, or without a limit.
    """

    modality: str
    width: int
    traits: frozenset[str] = frozenset()
    layers: int = 0
    heads: int = 0
    longest: int = 0

    def prepare(self, items: Sequence[Any]) -> Batch:
        """B items on the CPU -> the batch `forward` takes. No network, no gradient."""
        raise TypeError(f"{type(self).__name__} does not say how it prepares items.")

    def forward(self, batch: Batch) -> TokenSet:
        """The batch, on this module's device -> tokens [B, N, D], mask [B, N], pooled [B, D], layout."""
        raise TypeError(f"{type(self).__name__} has no forward.")

    # ---- for explanations that begin before the tokens; only with the trait "reread"

    def start(self, batch: Batch) -> Tensor:
        """What the first layer reads, [B, ...]: pixels as they are, or one vector a token."""
        raise IncompatibleError(f"{type(self).__name__} cannot be entered at its first layer.")

    def nothing(self, batch: Batch) -> Tensor:
        """The same with nothing to see in it, [B, ...]: pictures blurred away, zeros where words stood."""
        raise IncompatibleError(f"{type(self).__name__} cannot be entered at its first layer.")

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """S changed versions of one item, differentiable, attentions included where there are any.

        Args:
            start: [S, ...], as `start` gives it for one item.
            batch: that item (B = 1), on this module's device.
            kept: [S, N] bool, False = this token is taken out before anything reads it; None = all stay.
        """
        raise IncompatibleError(f"{type(self).__name__} cannot be entered at its first layer.")

    def encode_with_attention(self, start: Tensor, batch: Batch) -> tuple[TokenSet, LastAttention]:
        """One item and the attention that made its pooled vector; only with the trait "attention_pooling"."""
        raise IncompatibleError(f"{type(self).__name__} pools without an attention.")

    def finer(self, item: Any) -> TokenSet:
        """One item read with places half as wide, [1, 4 N, D], on this module's device; only with the trait "finer"."""
        raise IncompatibleError(f"{type(self).__name__} reads one size only.")


def without_words(start: Tensor, batch: Batch) -> Tensor:
    """The vectors of text tokens [B, N, D] with zeros in the place of every word; marks at the ends stay."""
    worded = [[i is not None for i in layout.word_ids] for layout in batch.layout]
    return start * ~torch.tensor(worded, device=start.device).unsqueeze(-1)
