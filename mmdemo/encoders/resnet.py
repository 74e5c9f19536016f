"""ResNet-18 as an image tower: the network of two of the tutorials, here as a grid of 512-number places.

Every block adds what it computes to what it was given, y = ReLU(F(x) + x), so that a deep stack starts near the
identity and gradients pass unhindered (He et al. 2016, arXiv 1512.03385, eq. 1). The network is torchvision's
`resnet18` without its classifier, so any weights of that shape fit. Read next: `training/recipes/resnet.py`.
"""

import torch
from torch import Tensor, nn

import mmdemo.torchvision_ops  # noqa: F401  lets torchvision be imported beside a CPU-only torch
from mmdemo.encoders.picture import PictureEncoder

SIZE = 97  # 32 k + 1: the grid ends where the picture ends; 4 x 4 places


class ResNetEncoder(PictureEncoder):
    """torchvision's `resnet18` up to its last feature map, [B, 512, h, w].

    Args:
        size: side of the square the network sees, in pixels.
    """

    width = 512

    def __init__(self, size: int = SIZE) -> None:
        super().__init__(size)
        from torchvision.models import resnet18  # here, for it takes a second that the page need not wait for

        network = resnet18(weights=None)
        stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)  # stride 4
        stages = (stem, network.layer1, network.layer2, network.layer3, network.layer4)  # strides 4, 4, 8, 16, 32
        self.features = nn.Sequential(*stages).to(memory_format=torch.channels_last)

    def stages(self, pixels: Tensor) -> list[Tensor]:
        """The feature map after each of the four stages: 64, 128, 256 and 512 channels at strides 4, 8, 16 and 32."""
        maps = [self.features[0](pixels)]
        for stage in self.features[1:]:
            maps.append(stage(maps[-1]))
        return maps[1:]
