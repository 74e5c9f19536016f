"""The image tower's teacher, Google's MobileNetV2 of ImageNet, and how often a tower agrees with it.

The teacher lies with the photos, outside the repository, and is never shipped: only its answers are learned. It pads
as TensorFlow does. At sides of 32 k + 1 pixels (97, 161, 225) that is one pixel on every side of every convolution, as
torchvision pads, so that the maps of teacher and student can be compared place by place; at even sides it is not.
Read next: `distillation.py`, `recipes/mobilenet.py`.
"""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder
from mmdemo.training.loop import autocast
from mmdemo.training.photos import centre_view, read_index, split_photos, view_batches

WEIGHTS_FILE = "mobilenet_v2_imagenet.f16.safetensors"


class Teacher(nn.Module):
    """The teacher as 19 blocks, one for one with torchvision's `mobilenet_v2().features`, and its classifier.

    Args:
        data: the folder of photos; the teacher is in `teacher/` below it.
        symmetric: convolutions padded as torchvision pads: the same answers at sides of 32 k + 1 and half the time
            there, wrong ones at other sides.
    """

    def __init__(self, data: Path, *, symmetric: bool = False) -> None:
        super().__init__()
        network = _load(data / "teacher")
        if symmetric:
            _pad_symmetrically(network)
        self.blocks = nn.ModuleList([network.stem, *network.blocks, network.head])
        self.classifier: nn.Linear = network.classifier
        self.to(memory_format=torch.channels_last).requires_grad_(False).eval()

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 3, height, width] in [-1, 1] -> the last feature map [B, 1280, h, w]."""
        for block in self.blocks:
            pixels = block(pixels)
        return pixels

    def adds(self, i: int) -> bool:
        """Whether block i adds its input to what it computes."""
        return bool(getattr(self.blocks[i], "res", False))


def _load(folder: Path) -> nn.Module:
    spec = importlib.util.spec_from_file_location("mobilenet_v2_tf", folder / "mobilenet_v2_tf.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"Expected the teacher's module in {folder}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(str(folder / WEIGHTS_FILE))


def _pad_symmetrically(network: nn.Module) -> None:
    """Replace every TensorFlow convolution by torch's own, fitting at sides of 32 k + 1 only."""
    for module in list(network.modules()):
        for name, conv in list(module.named_children()):
            if not hasattr(conv, "act") or not hasattr(conv, "k"):
                continue
            out, per_group = conv.weight.shape[:2]
            plain = nn.Conv2d(per_group * conv.groups, out, conv.k, conv.s, padding=conv.k // 2, groups=conv.groups)
            plain.load_state_dict({"weight": conv.weight, "bias": conv.bias})
            setattr(module, name, nn.Sequential(plain, nn.ReLU6(inplace=True)) if conv.act else plain)


@torch.no_grad()
def agreement(encoder: Encoder, data: Path, *, size: int = 225, n: int = 1000, batch: int = 50) -> float:
    """Per cent of the photos set aside on which tower and teacher put the same one of 1,001 classes first.

    The teacher's classifier reads the mean of either last feature map. Both see the photo's centred square.

    Args:
        encoder: an image tower with `tokens`, in eval mode, on any device.
        data: the folder of photos.
        size: side in pixels for both. The teacher's geometry is the tower's at 32 k + 1 only (see above).
        n: how many of the 1,000 photos.
    """
    device = next(encoder.parameters()).device
    teacher = Teacher(data).to(device)
    held = split_photos(read_index(data))[1][:n]
    same = 0
    for pixels in view_batches(held, size, batch=batch, view=centre_view):
        pixels = pixels.to(device)
        with autocast(device):
            pooled = encoder.tokens(pixels).float().mean(1)  # [B, 1280]
            wanted = teacher(pixels).float().mean((2, 3))  # [B, 1280]
        same += int((teacher.classifier(pooled).argmax(1) == teacher.classifier(wanted).argmax(1)).sum())
    return 100 * same / len(held)
