"""MobileNetV2 as an image tower: a picture becomes a grid of places, each described by 1,280 numbers.

An inverted residual block widens its input six times with a 1 x 1 convolution, lets every channel look around by
itself with a 3 x 3 convolution, and narrows again without a nonlinearity, for what is narrow must not be cut (Sandler
et al. 2018, arXiv 1801.04381, table 2). The network is torchvision's `mobilenet_v2` without its classifier, so any
weights of that shape fit. Read next: `fusion/base.py`, `training/recipes/mobilenet.py` (how ours were made).
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import mmdemo.torchvision_ops  # noqa: F401  lets torchvision be imported beside a CPU-only torch

# isort: split
from torchvision.models import mobilenet_v2

from mmdemo.encoders.base import Encoder
from mmdemo.types import Batch, ImageLayout, TokenSet, mean_pool

# 32 k + 1: every stride then halves an odd side and the grid ends where the picture ends, as at the teacher's
SIZE = 225
REDUCING_GAP = 3.0  # pictures over 3 times the size are averaged in whole boxes first: 5 times faster, same look


class MobileNetEncoder(Encoder):
    """torchvision's `mobilenet_v2` up to its last feature map.

    The whole picture is pressed into a square: nothing at its edges is lost, and every token can be drawn back on it.

    Args:
        size: side of the square the network sees, in pixels.
    """

    modality = "image"
    width = 1280

    def __init__(self, size: int = SIZE) -> None:
        super().__init__()
        self.size = size
        self.features: nn.Sequential = mobilenet_v2(weights=None).features.to(memory_format=torch.channels_last)

    def prepare(self, items: Sequence[Image.Image]) -> Batch:
        """B RGB pictures of any size -> pixels [B, 3, size, size] float32 in [-1, 1], and their layouts."""
        side, grid = self.size, self.grid()
        squares = [p.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=REDUCING_GAP) for p in items]
        pixels = torch.from_numpy(np.stack([np.asarray(s) for s in squares])).permute(0, 3, 1, 2)  # [B, 3, size, size]
        pixels = pixels.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)
        sizes = [(p.height, p.width) for p in items]
        layout = tuple(ImageLayout(grid, (h, w), (0.0, 0.0, float(w), float(h))) for h, w in sizes)
        return Batch({"pixels": pixels}, layout)

    def forward(self, batch: Batch) -> TokenSet:
        """Pixels [B, 3, size, size] -> tokens [B, h * w, 1280] row by row, all real, and their mean [B, 1280]."""
        tokens = self.tokens(batch.tensors["pixels"])
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        return TokenSet(tokens, mask, mean_pool(tokens, mask), batch.layout)

    def tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, height, width] in [-1, 1] -> the last feature map, place by place, [B, h * w, 1280]."""
        return self.features(pixels).flatten(2).transpose(1, 2)

    def grid(self) -> tuple[int, int]:
        """(h, w) of the last feature map: each convolution with a stride and padding 1 halves the side, rounding up."""
        side = self.size
        for module in self.features.modules():
            if isinstance(module, nn.Conv2d):
                (kernel, _), (stride, _), (padding, _) = module.kernel_size, module.stride, module.padding
                side = (side + 2 * padding - kernel) // stride + 1
        return side, side
