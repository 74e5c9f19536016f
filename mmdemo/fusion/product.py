"""Product fusion: number by number, the two sides are multiplied; what either side calls zero is zero.

The cheapest operator in which the sides interact at all: a sum can only add what each says alone (Kim et al. 2017,
arXiv 1610.04325, "Hadamard product for low-rank bilinear pooling", eq. 6). Read next: `gated.py`.
"""

from torch import Tensor

from mmdemo.fusion.base import TwoSided


class ProductFusion(TwoSided):
    """h = tanh(v) * tanh(t), element by element; each number in (-1, 1)."""

    formula = r"h = \tanh(v) \odot \tanh(t)"

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """v, t [B, D] -> h [B, D]."""
        return image.tanh() * text.tanh()
