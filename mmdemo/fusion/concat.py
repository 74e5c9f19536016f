"""Concatenation fusion: both projected vectors side by side, then a small network mixes them (feature-level fusion).

The plainest way to let a classifier see two sides at once (Ngiam et al. 2011, "Multimodal deep learning"). A side that
is absent is replaced by a learned "nothing here" vector, which the network meets in training through modality dropout.
Read next: `autoencoder.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.fusion.base import TwoSided
from mmdemo.types import FusionOutput, TokenSet


class ConcatFusion(TwoSided):
    """h = MLP([v; t]).

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's tokens.
        width: D of each projection and of the joint vector.
        dropout: in training only.
    """

    formula = r"h = \mathrm{GELU}(W\,[v;\,t] + b)"

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__(image_width, text_width, width, dropout)
        self.no_image = nn.Parameter(torch.zeros(width))
        self.no_text = nn.Parameter(torch.zeros(width))
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """joint [B, D]; either side may be None, not both."""
        if image is None and text is None:
            raise IncompatibleError("Concatenation needs a picture or a text; both are missing.")
        return FusionOutput(self.join(self.project_image(image), self.project_text(text)))

    def join(self, image: Tensor | None, text: Tensor | None) -> Tensor:
        """Projected sides, [B, D] or None each -> joint [B, D]."""
        image = self.no_image.expand_as(text) if image is None else image
        text = self.no_text.expand_as(image) if text is None else text
        return self.mix(torch.cat([image, text], dim=-1))
