"""What all image towers share: the whole picture pressed into a square, and a feature map read place by place.

Nothing at the picture's edges is lost, and every token can be drawn back on it. Read next: `efficientnet_lite.py`.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder
from mmdemo.types import Batch, ImageLayout, TokenSet, mean_pool

REDUCING_GAP = (
    3.0  # pictures over 3 times the size are averaged in whole boxes first: 5 times faster, and nobody sees it
)


class PictureEncoder(Encoder):
    """An image tower whose `features` turn pixels into one feature map.

    Args:
        size: side of the square the network sees, in pixels.

    Attributes:
        features: the network; [B, 3, size, size] -> [B, width, h, w].
    """

    modality = "image"
    traits = frozenset({"reread"})
    features: nn.Sequential

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def prepare(self, items: Sequence[Image.Image], size: int = 0) -> Batch:
        """B RGB pictures of any size -> pixels [B, 3, size, size] float32 in [-1, 1], and their layouts.

        Args:
            items: the pictures.
            size: another side than the network's own, in pixels.
        """
        side = size or self.size
        grid = self.grid(side)
        squares = [p.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=REDUCING_GAP) for p in items]
        pixels = torch.from_numpy(np.stack([np.asarray(s) for s in squares])).permute(0, 3, 1, 2)  # [B, 3, size, size]
        pixels = pixels.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)
        sizes = [(p.height, p.width) for p in items]
        layout = tuple(ImageLayout(grid, (h, w), (0.0, 0.0, float(w), float(h))) for h, w in sizes)
        return Batch({"pixels": pixels}, layout)

    def forward(self, batch: Batch) -> TokenSet:
        """Pixels [B, 3, size, size] -> tokens [B, h * w, D] row by row, all real, and their mean [B, D]."""
        tokens = self.tokens(batch.tensors["pixels"])
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        return TokenSet(tokens, mask, mean_pool(tokens, mask), batch.layout)

    def tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, height, width] in [-1, 1] -> the last feature map, place by place, [B, h * w, D]."""
        return self.features(pixels).flatten(2).transpose(1, 2)

    def start(self, batch: Batch) -> Tensor:
        """Pixels [B, 3, size, size]."""
        return batch.tensors["pixels"]

    def nothing(self, batch: Batch) -> Tensor:
        """The pictures blurred away, [B, 3, size, size]."""
        return blurred(batch.tensors["pixels"])

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """Pixels [S, 3, size, size] -> tokens [S, N, D]; places are hidden in the pixels, so `kept` is not needed."""
        return self(Batch({"pixels": start}, batch.layout * len(start)))

    def grid(self, size: int = 0) -> tuple[int, int]:
        """(h, w) of the last feature map; each layer leaves (side + 2 padding - kernel) // stride + 1 places a side.

        Layers of a shortcut beside the main path (kernel 1) are passed over: they shrink what the path shrinks.
        """
        side = size or self.size
        for module in self.features.modules():
            if isinstance(module, (nn.Conv2d, nn.MaxPool2d)):
                kernel, stride, padding = (_one(v) for v in (module.kernel_size, module.stride, module.padding))
                if kernel > 1:
                    side = (side + 2 * padding - kernel) // stride + 1
        return side, side


def blurred(pixels: Tensor, share: float = 0.1) -> Tensor:
    """Pictures through a Gaussian whose standard deviation is a tenth of the side: colours stay, things do not.

    [B, 3, height, width] -> the same shape; at the edges the picture is mirrored.
    """
    for dim in (2, 3):
        side = pixels.shape[dim]
        sigma = max(share * side, 1e-3)
        reach = min(int(3 * sigma) + 1, side - 1)
        weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=pixels.device) / sigma) ** 2)
        weights = (weights / weights.sum()).to(pixels.dtype)  # [2 reach + 1]
        pad = (0, 0, reach, reach) if dim == 2 else (reach, reach, 0, 0)
        kernel = weights.view(1, 1, -1, 1) if dim == 2 else weights.view(1, 1, 1, -1)
        channels = pixels.shape[1]
        mirrored = F.pad(pixels, pad, mode="reflect")
        pixels = F.conv2d(mirrored, kernel.expand(channels, -1, -1, -1).contiguous(), groups=channels)
    return pixels


def _one(value: int | tuple[int, ...]) -> int:
    return value if isinstance(value, int) else value[0]
