"""Early fusion (data level): tokens of both sides become one sequence before anything has been concluded from either.

Patches and word pieces are projected to one width, marked with the side they come from, and read together by one
transformer layer: every token may look at every other, of its own side or the other (Su et al. 2020, arXiv 1908.08530,
"VL-BERT"; the layer is that of Vaswani et al. 2017, with the normalisation first). Read next: `cross_attention.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.fusion.attention_layers import MultiHeadAttention
from mmdemo.fusion.base import Fusion
from mmdemo.types import FusionOutput, TokenSet, mean_pool


class EarlyFusion(Fusion):
    """x = [P_v patches + e_v; P_t words + e_t]; x = x + Attention(x); x = x + MLP(x); h = [max of x; mean of x] W.

    Args:
        image_width: width of the image tokens.
        text_width: width of the text tokens.
        width: D.
        dropout: in training only.
        heads: H.
    """

    traits = frozenset({"cross_attention"})
    formula = r"x = [P_v V + e_v;\ P_t T + e_t],\quad x \leftarrow x + \mathrm{Att}(x,x,x),\quad x \leftarrow x + \mathrm{MLP}(x),\quad h = W[\mathrm{mean}\,x;\ \max x]"  # noqa: E501

    def __init__(
        self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3, heads: int = 4
    ) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.image_in = nn.Sequential(nn.LayerNorm(image_width), nn.Dropout(dropout), nn.Linear(image_width, width))
        self.text_in = nn.Sequential(nn.LayerNorm(text_width), nn.Dropout(dropout), nn.Linear(text_width, width))
        self.sides = nn.Parameter(0.02 * torch.randn(2, width))  # e_v, e_t
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.attend = MultiHeadAttention(width, heads, dropout)
        inner = nn.Linear(width, 2 * width)
        self.think = nn.Sequential(inner, nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width))
        self.out = nn.Linear(2 * width, width)

    def read_image(self, image: TokenSet) -> TokenSet:
        """Patches in the fusion's width, marked as picture, [B, Ni, D]."""
        return image.with_tokens(self.image_in(image.tokens) + self.sides[0])

    def read_text(self, text: TokenSet) -> TokenSet:
        """Word pieces in the fusion's width, marked as text, [B, Nt, D]."""
        return text.with_tokens(self.text_in(text.tokens) + self.sides[1])

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """joint [B, D]; attention "all_to_all" [B, H, Ni + Nt, Ni + Nt], the picture's tokens first."""
        x = torch.cat([image.tokens, text.tokens], 1)  # [B, Ni + Nt, D]
        mask = torch.cat([image.mask, text.mask], 1)
        seen, weights = self.attend(self.norms[0](x), self.norms[0](x), mask)
        x = x + seen
        x = self.norms[2](x + self.think(self.norms[1](x)))  # [B, Ni + Nt, D]
        top = x.masked_fill(~mask.unsqueeze(-1), float("-inf")).amax(1)  # [B, D]
        joint = self.out(torch.cat([mean_pool(x, mask), top], dim=-1))
        return FusionOutput(joint, {"all_to_all": weights})

    def insides(self, image: TokenSet, text: TokenSet, fused: FusionOutput) -> dict[str, Tensor]:
        """The attention of every token to every other, mean over the heads, [B, Ni + Nt, Ni + Nt]."""
        return {"all_to_all": fused.attention["all_to_all"].mean(1)}
