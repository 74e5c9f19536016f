"""A small convolutional network as an image tower: two layers of 32 and 64 filters on 64 x 64 pixels.

What a classroom trains in minutes on a laptop (LeCun et al. 1998 for the idea). Each layer halves the sides by its
stride, so that a picture becomes 16 x 16 places of 64 numbers. It sees colours and edges, hardly things.
Read next: `lstm.py`, `tasks/cnn_lstm.py`.
"""

import torch
from torch import nn

from mmdemo.encoders.picture import PictureEncoder

SIZE = 64


class CnnEncoder(PictureEncoder):
    """Twice convolution, batch normalisation and ReLU, up to a feature map [B, 64, 16, 16].

    Args:
        size: side of the square the network sees, in pixels.
        planes: 3 for red, green and blue; more where other planes are laid beside them before the first layer.
    """

    width = 64

    def __init__(self, size: int = SIZE, planes: int = 3) -> None:
        super().__init__(size)
        layers = (*_layer(planes, 32), *_layer(32, self.width))
        self.features = nn.Sequential(*layers).to(memory_format=torch.channels_last)


def _layer(before: int, after: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()
