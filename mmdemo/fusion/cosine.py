"""Cosine fusion: each side is projected into one shared space, and the pair's joint vector is the product there.

This is the dual encoder: picture and text never see each other before the end, so either can be embedded once and
compared with a million others by a dot product (Frome et al. 2013, "DeViSE"; Radford et al. 2021, "CLIP").
Read next: `weighted_sum.py`.
"""

import torch.nn.functional as F
from torch import Tensor

from mmdemo.fusion.base import Fusion, Projection
from mmdemo.types import FusionOutput, TokenSet


class CosineFusion(Fusion):
    """Two projections into a shared space of width D.

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's pooled vector.
        width: D of the shared space.
        dropout: in training only.
    """

    formula = r"h = \frac{v}{\|v\|} \odot \frac{t}{\|t\|},\qquad \cos(v,t) = \sum_i h_i"

    def __init__(self, image_width: int, text_width: int, width: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.image_projection = Projection(image_width, width, dropout)
        self.text_projection = Projection(text_width, width, dropout)

    def embed_image(self, pooled: Tensor) -> Tensor:
        """[B, image_width] -> unit vectors [B, D]."""
        return F.normalize(self.image_projection(pooled), dim=-1)

    def embed_text(self, pooled: Tensor) -> Tensor:
        """[B, text_width] -> unit vectors [B, D]."""
        return F.normalize(self.text_projection(pooled), dim=-1)

    def read_image(self, image: TokenSet) -> TokenSet:
        """The picture's unit vector as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.embed_image(image.pooled), image.layout)

    def read_text(self, text: TokenSet) -> TokenSet:
        """The text's unit vector as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.embed_text(text.pooled), text.layout)

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """joint [B, D] = image embedding * text embedding; its sum over D is the cosine in [-1, 1]."""
        return FusionOutput(image.pooled * text.pooled)
