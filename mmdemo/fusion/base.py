"""The contract of every fusion: two token sets in, one joint vector (and perhaps attention) out.

A fusion sees vectors only: no pixels, no strings, no model names. Either side may be absent where the idea allows it;
a fusion that needs both says so with an `IncompatibleError`.
Read next, from simple to rich: `cosine.py`, `weighted_sum.py`, `product.py`, `gated.py`, `lowrank_tensor.py`,
`concat.py`, `autoencoder.py`, `late.py`, `early.py`, `cross_attention.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.types import FusionOutput, TokenSet, mean_pool


class Fusion(nn.Module):
    """Base class.

    Attributes:
        width: D of the joint vector.
        heads: H of the attention between the sides; 0 for a fusion without.
        formula: the idea as one line of LaTeX; v is the picture's vector, t the text's, h the joint one.
        traits: {"cross_attention"} where its output holds attention between the sides; see `explain/base.py`.
    """

    width: int
    heads: int = 0
    formula: str
    traits: frozenset[str] = frozenset()

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """B pairs -> joint [B, D] and the attention between the sides."""
        self.require_both(image, text)
        return self.fuse(self.read_image(image), self.read_text(text))

    def read_image(self, image: TokenSet) -> TokenSet:
        """The picture's tokens in the fusion's own space, [B, N, D]; nothing of the text has been seen yet."""
        raise TypeError(f"{type(self).__name__} does not say how it reads a picture.")

    def read_text(self, text: TokenSet) -> TokenSet:
        """The text's tokens in the fusion's own space, [B, N, D]."""
        raise TypeError(f"{type(self).__name__} does not say how it reads a text.")

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Both sides as `read_image` and `read_text` gave them -> joint [B, D] and attention: the idea itself."""
        raise TypeError(f"{type(self).__name__} does not say how it fuses.")

    def insides(self, image: TokenSet, text: TokenSet, fused: FusionOutput) -> dict[str, Tensor]:
        """What is worth seeing on the way to `fused`, by name, for a drawing of the data flow."""
        return {}

    def require_both(self, image: TokenSet | None, text: TokenSet | None) -> None:
        """Raise `IncompatibleError` when a side is absent."""
        if image is None or text is None:
            side = "picture" if image is None else "text"
            raise IncompatibleError(f"{type(self).__name__} compares a picture with a text; the {side} is missing.")


class Projection(nn.Module):
    """Takes one encoder's vectors into the width of the fusion: x -> LayerNorm(W x + MLP(W x)).

    The straight path W x learns fast, the residual branch beside it learns the rest (He et al. 2016).

    Args:
        in_width: width of the encoder's vectors.
        width: width of the fusion.
        dropout: share of inputs and hidden units silenced in training.
    """

    def __init__(self, in_width: int, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.scale = nn.LayerNorm(in_width)
        self.straight = nn.Linear(in_width, width)
        self.residual_mlp = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.Dropout(dropout))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_width] -> [..., width]."""
        x = self.straight(self.dropout(self.scale(x)))  # [..., width]
        return self.norm(x + self.residual_mlp(x))


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


class TwoSided(Fusion):
    """Base of the fusions that see one vector a side: the picture's mean, and the text read token by token.

    All of them read their sides in the same way, so that what differs between two of them is the operator alone.

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's tokens.
        width: D of each projection and of the joint vector.
        dropout: in training only.
    """

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.width = width
        self.image_projection = Projection(image_width, width, dropout)
        self.text_reader = TokenReader(text_width, 2 * width, dropout)
        self.text_projection = Projection(self.text_reader.out_width, width, dropout)

    def read_image(self, image: TokenSet) -> TokenSet:
        """v as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.project_image(image), image.layout)

    def read_text(self, text: TokenSet) -> TokenSet:
        """t as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.project_text(text), text.layout)

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """joint [B, D] = join(v, t)."""
        return FusionOutput(self.join(image.pooled, text.pooled))

    def project_image(self, image: TokenSet | None) -> Tensor | None:
        """The picture's side before fusion, v [B, D]; None without one."""
        return None if image is None else self.image_projection(image.pooled)

    def project_text(self, text: TokenSet | None) -> Tensor | None:
        """The text's side before fusion, t [B, D]; None without one."""
        return None if text is None else self.text_projection(self.text_reader(text.tokens, text.mask))

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """The operator itself: v, t [B, D] each -> h [B, D]."""
        raise TypeError(f"{type(self).__name__} does not say how it joins two vectors.")
