"""Gated fusion: for every number of the joint vector a gate, opened by both sides, chooses between picture and text.

A weighted sum whose weight depends on the pair and on the place: a photo that says nothing can be passed over for this
tweet and believed for the next (Arevalo et al. 2017, arXiv 1702.01992, "Gated multimodal units", eq. 1 to 4).
Read next: `lowrank_tensor.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.fusion.base import TwoSided
from mmdemo.types import FusionOutput, TokenSet


class GatedFusion(TwoSided):
    """h = z * tanh(W_t t) + (1 - z) * tanh(W_v v), z = sigmoid(W_z [v; t]); z near 1 = text, near 0 = picture."""

    formula = r"z = \sigma(W_z[v;t]),\qquad h = z \odot \tanh(W_t t) + (1-z) \odot \tanh(W_v v)"

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__(image_width, text_width, width, dropout)
        self.from_image = nn.Linear(width, width)
        self.from_text = nn.Linear(width, width)
        self.open = nn.Linear(2 * width, width)

    def gate(self, image: Tensor, text: Tensor) -> Tensor:
        """z [B, D] in (0, 1), the share of the text at each place of the joint vector."""
        return self.open(torch.cat([image, text], dim=-1)).sigmoid()

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """v, t [B, D] -> h [B, D]."""
        z = self.gate(image, text)
        return z * self.from_text(text).tanh() + (1 - z) * self.from_image(image).tanh()

    def insides(self, image: TokenSet, text: TokenSet, fused: FusionOutput) -> dict[str, Tensor]:
        """The gate z, [B, D]."""
        return {"gate": self.gate(image.pooled, text.pooled)}
