"""EfficientNet-Lite as an image tower: a picture becomes a grid of places, each described by 1,280 numbers.

An inverted residual block (MBConv) widens its input six times with a 1 x 1 convolution, lets every channel look around
by itself, and narrows again without a nonlinearity. "Lite" leaves out squeeze-and-excite and uses ReLU6, so that the
network runs anywhere (Tan and Le 2019, arXiv 1905.11946, table 1; the Lite variants: Google 2020). Batch normalisation
is folded into the convolutions before it, w' = w g / sqrt(var + eps): same answers, a fifth less time.
Read next: `training/recipes/efficientnet.py` (where the weights come from), `fusion/base.py`.
"""

import math

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from mmdemo.encoders.picture import PictureEncoder
from mmdemo.types import TokenSet

# kernel, stride of the first block, widening, channels, blocks: table 1 of the paper
STAGES = (
    (3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)  # fmt: skip
# variant: (width factor, depth factor, side of the square it was trained on)
VARIANTS = {"lite0": (1.0, 1.0, 224), "lite1": (1.0, 1.1, 240), "lite2": (1.1, 1.2, 260)}
STRIDE = 32  # pixels a place of the last map is apart


def same(x: Tensor, kernel: int, stride: int, dilation: int = 1) -> Tensor:
    """Zeros around [B, C, h, w] so that a convolution gives ceil(h / stride) rows, the odd one below and right.

    TensorFlow's rule, under which the weights were trained; torch pads both sides alike.
    """
    reach = dilation * (kernel - 1) + 1
    rows, columns = (max(0, (math.ceil(n / stride) - 1) * stride + reach - n) for n in x.shape[2:])
    if rows == columns == 0:
        return x
    return F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


class Conv(nn.Conv2d):
    """Convolution with TensorFlow's padding, and ReLU6 where it is asked for."""

    def __init__(self, d_in: int, d_out: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: bool = True):  # noqa: ANN204
        super().__init__(d_in, d_out, kernel, stride, groups=groups)
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        """[B, d_in, h, w] -> [B, d_out, ceil(h / stride), ceil(w / stride)]."""
        kernel, stride, dilation = self.kernel_size[0], self.stride[0], self.dilation[0]
        if kernel == stride == 1:  # a matrix for every place; as a convolution it takes up to twice the time
            x = F.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)
        elif stride == 1:  # as many zeros on both sides: no copy is made for them
            x = F.conv2d(x, self.weight, self.bias, 1, dilation * (kernel - 1) // 2, dilation, self.groups)
        else:
            x = super().forward(same(x, kernel, stride, dilation))
        return F.relu6(x, inplace=True) if self.act else x


class MBConv(nn.Module):
    """Widen, look around channel by channel, narrow; added to its input where the shapes allow."""

    def __init__(self, d_in: int, d_out: int, kernel: int, stride: int, widen: int) -> None:
        super().__init__()
        inner = d_in * widen
        self.expand = Conv(d_in, inner) if widen > 1 else nn.Identity()
        self.depthwise = Conv(inner, inner, kernel, stride, groups=inner)
        self.project = Conv(inner, d_out, act=False)
        self.residual = stride == 1 and d_in == d_out

    def forward(self, x: Tensor) -> Tensor:
        """[B, d_in, h, w] -> [B, d_out, h / stride, w / stride]."""
        out = self.project(self.depthwise(self.expand(x)))
        return x + out if self.residual else out


def build_features(width: float, depth: float) -> nn.Sequential:
    """Stem, the blocks of seven stages, head: [B, 3, height, width] -> [B, 1280, height / 32, width / 32].

    The stem, the head, and the depth of the first and the last stage are not scaled in the Lite variants.
    """
    layers: list[nn.Module] = [Conv(3, 32, 3, stride=2)]
    channels = 32
    for place, (kernel, stride, widen, base, blocks) in enumerate(STAGES):
        wide = _rounded(base * width)
        deep = blocks if place in (0, len(STAGES) - 1) else math.ceil(blocks * depth)
        for block in range(deep):
            layers.append(MBConv(channels, wide, kernel, stride if block == 0 else 1, widen))
            channels = wide
    return nn.Sequential(*layers, Conv(channels, 1280))


def _rounded(channels: float) -> int:
    """The nearest multiple of eight, but not more than a tenth below."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


class EfficientNetLiteEncoder(PictureEncoder):
    """EfficientNet-Lite up to its last feature map, [B, 1280, h, w].

    Args:
        variant: "lite0", "lite1" or "lite2".
        size: side of the square the network sees, in pixels; 0 takes the variant's own.
    """

    width = 1280
    traits = frozenset({"reread", "finer"})

    def __init__(self, variant: str = "lite2", size: int = 0) -> None:
        width, depth, own = VARIANTS[variant]
        super().__init__(size or own)
        self.features = build_features(width, depth).to(memory_format=torch.channels_last)

    def grid(self, size: int = 0) -> tuple[int, int]:
        """(h, w) of the last feature map, for the network's own side or another one, in pixels."""
        side = math.ceil((size or self.size) / STRIDE)
        return side, side

    @torch.no_grad()
    def finer(self, item: Image.Image) -> TokenSet:
        """One picture read so large that two places lie side by side where one lay, [1, 4 N, D]."""
        batch = self.prepare([item], 2 * STRIDE * self.grid()[0])
        return self(batch.to(next(self.parameters()).device))
