"""Autoencoder fusion: both sides are pressed into one code from which each side must be rebuilt.

What the code keeps of a side is what it takes to draw that side again, also when only the other one was given: trained
with modality dropout, the code of a lone text must carry what its picture would have looked like (Ngiam et al. 2011,
"Multimodal deep learning", section 3.2, the bimodal deep autoencoder). The pictures that such a code can draw are in
the Autoencoder tab; here it rebuilds the frozen encoders' vectors and serves as a joint vector. Read next: `late.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.base import TwoSided
from mmdemo.types import TokenSet


class AutoencoderFusion(TwoSided):
    """h = tanh(W_2 GELU(W_1 [v; t])); pooled image ~ D_v h, pooled text ~ D_t h."""

    formula = r"h = \tanh(W_2\,\mathrm{GELU}(W_1[v;t])),\quad \min \|x_v - D_v h\|^2 + \|x_t - D_t h\|^2"

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__(image_width, text_width, width, dropout)
        self.encode = nn.Sequential(nn.Linear(2 * width, 2 * width), nn.GELU(), nn.Linear(2 * width, width), nn.Tanh())
        self.decode_image = nn.Linear(width, image_width)
        self.decode_text = nn.Linear(width, text_width)

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """v, t [B, D] -> the code h [B, D] in (-1, 1)."""
        return self.encode(torch.cat([image, text], dim=-1))

    def rebuilding_loss(self, joint: Tensor, image: TokenSet, text: TokenSet) -> Tensor:
        """Both sides' errors added, each in units of its vectors' own spread: 1 = no better than a constant.

        The tutorial subtracted the text's error from the picture's, which rewards being wrong about the text.
        """
        error = torch.zeros((), device=joint.device)
        for decode, side in ((self.decode_image, image), (self.decode_text, text)):
            goal = F.layer_norm(side.pooled, side.pooled.shape[1:])
            error = error + F.mse_loss(decode(joint), goal) / goal.var(0).mean().clamp_min(1e-3)
        return error
