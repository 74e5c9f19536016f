"""The contract of every fusion: two token sets in, one joint vector (and perhaps attention) out.

A fusion sees vectors only: no pixels, no strings, no model names. Either side may be absent where the idea allows it;
a fusion that needs both says so with an `IncompatibleError`.
Read next, from simple to rich: `cosine.py`, `concat.py`, `cross_attention.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.types import FusionOutput, TokenSet, mean_pool


class Fusion(nn.Module):
    """Base class.

    Attributes:
        width: D of the joint vector.
    """

    width: int

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """B pairs -> joint [B, D] and the attention between the sides."""
        raise TypeError(f"{type(self).__name__} has no forward.")

    def require_both(self, image: TokenSet | None, text: TokenSet | None) -> None:
        """Raise `IncompatibleError` when a side is absent."""
        if image is None or text is None:
            side = "picture" if image is None else "text"
            raise IncompatibleError(f"{type(self).__name__} compares a picture with a text; the {side} is missing.")


class Projection(nn.Module):
    """Takes one encoder's vectors into the width of the fusion: x -> LayerNorm(W x + MLP(W x)).

    The straight path W x learns fast, the bend beside it learns the rest (a residual branch, He et al. 2016).

    Args:
        in_width: width of the encoder's vectors.
        width: width of the fusion.
        dropout: share of inputs and hidden units silenced in training.
    """

    def __init__(self, in_width: int, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.scale = nn.LayerNorm(in_width)
        self.straight = nn.Linear(in_width, width)
        self.bend = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.Dropout(dropout))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_width] -> [..., width]."""
        x = self.straight(self.dropout(self.scale(x)))  # [..., width]
        return self.norm(x + self.bend(x))


class TokenReader(nn.Module):
    """Reads every token by itself before pooling: [mean of tokens; mean of h; max of h], h = GELU(W t).

    A mean over a sentence drowns its one telling word; a maximum over h finds it (Kim 2014, arXiv 1408.5882).

    Args:
        in_width: width of the encoder's tokens.
        hidden: width of h.
        dropout: in training only.
    """

    def __init__(self, in_width: int, hidden: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.out_width = in_width + 2 * hidden
        self.each = nn.Sequential(nn.LayerNorm(in_width), nn.Dropout(dropout), nn.Linear(in_width, hidden), nn.GELU())

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """tokens [B, N, in_width], mask [B, N] -> [B, out_width]."""
        h = self.each(tokens)  # [B, N, hidden]
        top = h.masked_fill(~mask.unsqueeze(-1), float("-inf")).amax(1)  # [B, hidden]
        return torch.cat([mean_pool(tokens, mask), mean_pool(h, mask), top], dim=-1)
