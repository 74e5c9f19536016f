"""ResNet-18 as an image tower: the network of two of the tutorials, here as a grid of 512-number places.

Every block adds what it computes to what it was given, y = ReLU(F(x) + x), so that a deep stack starts near the
identity and gradients pass unhindered (He et al. 2016, arXiv 1512.03385, eq. 1). The network is torchvision's
`resnet18` without its classifier, so any weights of that shape fit: our own for small pictures, and those of the Hub.
Read next: `training/recipes/resnet.py`.
"""

from collections.abc import Mapping, Sequence

import torch
from PIL import Image
from torch import Tensor, nn

import mmdemo.torchvision_ops  # noqa: F401  lets torchvision be imported beside a CPU-only torch
from mmdemo.encoders.picture import PictureEncoder, cut_out
from mmdemo.types import Batch, ImageLayout

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


class ImageNetResNet(ResNetEncoder):
    """The same with the weights that torchvision's authors trained on ImageNet, fed as those were.

    The centred square of 224 pixels is cut out of the picture with its shorter side at 256 (torchvision's own
    evaluation); what lies outside is not seen.
    """

    settings = {
        "size": {"shortest_edge": 256},
        "crop_size": {"height": 224, "width": 224},
        "do_center_crop": True,
        "resample": Image.Resampling.BILINEAR,
        "image_mean": (0.485, 0.456, 0.406),
        "image_std": (0.229, 0.224, 0.225),
    }
    parts = ("conv1", "bn1", "relu", "maxpool")  # of the stem, then layer1 to layer4

    def __init__(self, size: int = 224) -> None:
        super().__init__(size)

    def prepare(self, items: Sequence[Image.Image], size: int = 0) -> Batch:
        """B RGB pictures -> pixels [B, 3, 224, 224] with ImageNet's mean and spread taken out, and their layouts."""
        pixels, boxes = cut_out(items, self.settings)
        layouts = (ImageLayout(self.grid(), p.size[::-1], box) for p, box in zip(items, boxes, strict=True))
        return Batch({"pixels": pixels.contiguous(memory_format=torch.channels_last)}, tuple(layouts))

    @classmethod
    def named_here(cls, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """torchvision's (and timm's) tensors under this class's names, without those of the classifier."""
        stem = {part: f"features.0.{i}" for i, part in enumerate(cls.parts)}
        first = stem | {f"layer{i}": f"features.{i}" for i in range(1, 5)}
        split = ((*key.partition("."), tensor) for key, tensor in state.items())
        return {f"{first[part]}.{rest}": tensor for part, _, rest, tensor in split if part in first}
