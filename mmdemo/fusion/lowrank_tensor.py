"""Low-rank tensor fusion: every product of a number of the picture with a number of the text, at the price of a few.

The full outer product [v; 1] x [t; 1] holds all single numbers (thanks to the appended 1) and all pairs, but a weight
for each of D * (D + 1)^2 of them. Written as a sum of R products of factors, the tensor is never built (Liu et al.
2018, arXiv 1806.00064, eq. 7). Read next: `concat.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.base import TwoSided


class LowRankTensorFusion(TwoSided):
    """h = sum over r of (U_r [v; 1]) * (W_r [t; 1]).

    Args:
        rank: R, the number of factors.
        image_width, text_width, width, dropout: as in every fusion.
    """

    formula = r"h = \sum_{r=1}^{R} \left(U_r \begin{bmatrix} v \\ 1 \end{bmatrix}\right) \odot \left(W_r \begin{bmatrix} t \\ 1 \end{bmatrix}\right)"  # noqa: E501

    def __init__(
        self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3, rank: int = 4
    ) -> None:
        super().__init__(image_width, text_width, width, dropout)
        spread = (width + 1) ** -0.5
        self.image_factors = nn.Parameter(torch.randn(rank, width + 1, width) * spread)  # U
        self.text_factors = nn.Parameter(torch.randn(rank, width + 1, width) * spread)  # W

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """v, t [B, D] -> h [B, D]."""
        v, t = (F.pad(x, (0, 1), value=1.0) for x in (image, text))  # [B, D + 1], a 1 appended
        by_image = torch.einsum("bi,rio->rbo", v, self.image_factors)  # [R, B, D]
        by_text = torch.einsum("bi,rio->rbo", t, self.text_factors)  # [R, B, D]
        return (by_image * by_text).sum(0)
