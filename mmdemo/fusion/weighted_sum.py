"""Weighted sum: one number says how much of the answer is text and how much is picture.

The tutorial behind it adds BERT's 768 numbers to ResNet-18's 512, which cannot be done: vectors must have one width
and live in one space before they can be added. Here both are projected to D first; that is the mend. The weight is
learned like any other, and anybody can read it afterwards (or turn it by hand). Read next: `product.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.fusion.base import TwoSided


class WeightedSumFusion(TwoSided):
    """h = alpha t + (1 - alpha) v, alpha = sigmoid(a) in (0, 1) with a learned; 1 = text only, 0 = picture only."""

    formula = r"h = \alpha\,t + (1-\alpha)\,v,\qquad \alpha = \sigma(a)"

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__(image_width, text_width, width, dropout)
        self.raw_alpha = nn.Parameter(torch.zeros(()))  # a; alpha starts at 0.5

    @property
    def alpha(self) -> Tensor:
        """The learned weight of the text, a scalar in (0, 1)."""
        return self.raw_alpha.sigmoid()

    def join(self, image: Tensor, text: Tensor, alpha: float | Tensor | None = None) -> Tensor:
        """v, t [B, D] -> h [B, D]; another alpha than the learned one may be tried."""
        alpha = self.alpha if alpha is None else alpha
        return alpha * text + (1 - alpha) * image
