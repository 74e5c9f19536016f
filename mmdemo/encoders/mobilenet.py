"""MobileNetV2 as an image tower: a picture becomes a grid of places, each described by 1,280 numbers.

An inverted residual block widens its input six times with a 1 x 1 convolution, lets every channel look around by
itself with a 3 x 3 convolution, and narrows again without a nonlinearity, for what is narrow must not be cut (Sandler
et al. 2018, arXiv 1801.04381, table 2). The network is torchvision's `mobilenet_v2` without its classifier, so any
weights of that shape fit. Read next: `fusion/base.py`, `training/recipes/mobilenet.py` (how ours were made).
"""

from torch import nn

import mmdemo.torchvision_ops  # noqa: F401  lets torchvision be imported beside a CPU-only torch

# isort: split
import torch
from torchvision.models import mobilenet_v2

from mmdemo.encoders.picture import PictureEncoder

# 32 k + 1: every stride then halves an odd side and the grid ends where the picture ends, as at the teacher's
SIZE = 225


class MobileNetEncoder(PictureEncoder):
    """torchvision's `mobilenet_v2` up to its last feature map, [B, 1280, h, w].

    Args:
        size: side of the square the network sees, in pixels.
    """

    width = 1280

    def __init__(self, size: int = SIZE) -> None:
        super().__init__(size)
        self.features: nn.Sequential = mobilenet_v2(weights=None).features.to(memory_format=torch.channels_last)
