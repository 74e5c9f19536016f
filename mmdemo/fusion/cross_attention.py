"""Cross-attention fusion: every word looks over the picture's patches, then the words vote.

For each text token, multi-head attention gathers what it wants to see from the patches (Lu et al. 2019, "ViLBERT";
the word-to-region idea is Lee et al. 2018, "SCAN"). Word and gathered picture are compared place by place of their
vectors, and a second, small attention decides how much each word's comparison counts. Both attentions are returned.
"""

import torch
from torch import Tensor, nn

from mmdemo.fusion.attention_layers import MultiHeadAttention
from mmdemo.fusion.base import Fusion
from mmdemo.types import FusionOutput, TokenSet


class CrossAttentionFusion(Fusion):
    """joint = sum_i a_i MLP([t_i; g_i; t_i * g_i]), with g_i = attention(t_i over patches) and a = softmax over words.

    Args:
        image_width: width of the image tokens.
        text_width: width of the text tokens.
        width: D.
        heads: H of the text-to-image attention.
        dropout: in training only.
    """

    traits = frozenset({"cross_attention"})
    formula = (
        r"g_i = \mathrm{Att}(t_i, V, V),\quad h = \sum_i a_i\,\mathrm{MLP}([t_i;\, g_i;\, t_i \odot g_i]),"
        r"\quad a = \mathrm{softmax}_i(w^\top \mathrm{MLP}_i)"
    )

    def __init__(
        self, image_width: int, text_width: int, width: int = 256, heads: int = 4, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.image_in = nn.Sequential(nn.LayerNorm(image_width), nn.Linear(image_width, width), nn.LayerNorm(width))
        self.text_in = nn.Sequential(nn.LayerNorm(text_width), nn.Linear(text_width, width), nn.LayerNorm(width))
        self.attend = MultiHeadAttention(width, heads, dropout)
        self.gathered_norm = nn.LayerNorm(width)
        self.compare = nn.Sequential(nn.Linear(3 * width, width), nn.GELU(), nn.Dropout(dropout))
        self.vote = nn.Linear(width, 1)

    def read_image(self, image: TokenSet) -> TokenSet:
        """Patches in the fusion's width, [B, Ni, D]."""
        return image.with_tokens(self.image_in(image.tokens))

    def read_text(self, text: TokenSet) -> TokenSet:
        """Words in the fusion's width, [B, Nt, D]."""
        return text.with_tokens(self.text_in(text.tokens))

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """joint [B, D]; attention "text_to_image" [B, H, Nt, Ni] and "joint_to_text" [B, 1, 1, Nt]."""
        words = text.tokens
        g, attention = self.attend(words, image.tokens, image.mask)  # [B, Nt, D], [B, H, Nt, Ni]
        g = self.gathered_norm(g)
        each = self.compare(torch.cat([words, g, words * g], dim=-1))  # [B, Nt, D]
        votes = self.vote(each).squeeze(-1)  # [B, Nt]
        a = votes.masked_fill(~text.mask, float("-inf")).softmax(-1)[:, None, None, :]  # [B, 1, 1, Nt]
        joint = (a @ each[:, None])[:, 0, 0]  # [B, D]; of the very votes that are handed back
        return FusionOutput(joint, {"text_to_image": attention, "joint_to_text": a})

    def insides(self, image: TokenSet, text: TokenSet, fused: FusionOutput) -> dict[str, Tensor]:
        """What every word looked at, mean over the heads, [B, Nt, Ni]."""
        return {"text_to_image": fused.attention["text_to_image"].mean(1)}
