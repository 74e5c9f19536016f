"""What all image towers share: the whole picture pressed into a square, and a feature map read place by place.

Nothing at the picture's edges is lost, and every token can be drawn back on it. Read next: `efficientnet_lite.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder
from mmdemo.types import Batch, ImageLayout, TokenSet, mean_pool

# pictures over 3 times the size are averaged in whole boxes first: 5 times faster, and nobody sees it
REDUCING_GAP = 3.0
LONGEST_STRIP = 16  # times its width, of a picture whose middle is cut out


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
        pixels = np.stack([np.asarray(s) for s in squares]).astype(np.float32)  # [B, size, size, 3]
        pixels = torch.from_numpy(pixels / np.float32(127.5) - 1).permute(0, 3, 1, 2)  # as it lies: channels_last
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


def cut_out(items: Sequence[Image.Image], settings: Mapping[str, Any]) -> tuple[Tensor, list[tuple[float, ...]]]:
    """B RGB pictures as transformers' image processors of one size make them.

    Args:
        items: the pictures.
        settings: resample, image_mean, image_std; size, of "shortest_edge" with the crop_size of what is cut out of the
            middle then, or of "height" and "width" that the whole is pressed into.

    Returns:
        pixels [B, 3, height, width] float32, and the box (left, top, right, bottom) of each picture that they show.
    """
    cut = [_cut(item, settings) for item in items]
    pixels = np.stack([np.asarray(picture) for picture, _ in cut]).astype(np.float32)  # [B, height, width, 3]
    mean, std = (255 * np.asarray(settings[f"image_{name}"], np.float32) for name in ("mean", "std"))
    return torch.from_numpy((pixels - mean) / std).permute(0, 3, 1, 2), [box for _, box in cut]


def _cut(picture: Image.Image, settings: Mapping[str, Any]) -> tuple[Image.Image, tuple[float, ...]]:
    size = settings["size"]
    if "shortest_edge" not in size:
        pressed = _resized(picture, (size["width"], size["height"]), settings)
        return pressed, (0.0, 0.0, float(picture.width), float(picture.height))
    edge, crop = size["shortest_edge"], settings["crop_size"]
    strip, before = _middle(picture)
    w, h = strip.size
    wide, high = edge * w // min(w, h), edge * h // min(w, h)
    left, top = (wide - crop["width"]) // 2, (high - crop["height"]) // 2
    right, bottom = left + crop["width"], top + crop["height"]
    box = (left * w / wide, top * h / high, right * w / wide, bottom * h / high)
    cut = _resized(strip, (wide, high), settings).crop((left, top, right, bottom))
    return cut, tuple(side + off for side, off in zip(box, 2 * before, strict=True))


def _resized(picture: Image.Image, size: tuple[int, int], settings: Mapping[str, Any]) -> Image.Image:
    return picture.resize(size, Image.Resampling(settings["resample"]))


def _middle(picture: Image.Image) -> tuple[Image.Image, tuple[int, int]]:
    """The middle of a strip, and where it begins; of the rest nothing is seen, and made larger it would fill memory."""
    (w, h), longest = picture.size, LONGEST_STRIP * min(picture.size)
    left, top = max(0, w - longest) // 2, max(0, h - longest) // 2
    if not left and not top:
        return picture, (0, 0)
    return picture.crop((left, top, min(w, left + longest), min(h, top + longest))), (left, top)


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
