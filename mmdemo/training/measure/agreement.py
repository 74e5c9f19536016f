"""How often the ResNet tower and its teacher name the same class. Read next: `recipes/resnet.py`."""

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.encoders.base import Encoder
from mmdemo.training.data.photos import HELD_OUT, Row, centre_view, read_index, split_photos, view_batches
from mmdemo.training.distil.efficientnet import Published, published
from mmdemo.training.distil.hints import linear_map

TEACHER_SIZE = 160  # of 260: a third of the time
FITTED = 4000  # training photos from which the map to the teacher is fitted


def teacher(device: torch.device) -> Published:
    """EfficientNet-Lite2 as published, on the device."""
    tower = published("lite2")
    tower.encoder.to(device)
    return tower


@torch.no_grad()
def agreement(encoder: Encoder, data: Path, *, n: int = HELD_OUT, fit: int = FITTED) -> float:
    """Per cent of the photos set aside on which the teacher's classifier says the same of tower and teacher.

    The tower's 512 pooled numbers are taken into the teacher's 1,280 by a ridge regression over `fit` training photos
    (seed 0), so that the figure needs the shipped weights alone. The teacher sees the centred square at 160 px, the
    tower the same at its own size.
    """
    taught_by = teacher(next(encoder.parameters()).device)
    rows, held = split_photos(read_index(data))
    into = linear_map(*_pooled(encoder, taught_by, random.Random(0).sample(rows, fit)))
    point, goal = _pooled(encoder, taught_by, held[:n])
    same = taught_by.named(into(point)).argmax(1) == taught_by.named(goal).argmax(1)
    return 100 * same.float().mean().item()


def _pooled(encoder: Encoder, taught_by: Published, rows: list[Row]) -> tuple[Tensor, Tensor]:
    """Pooled vectors of tower [n, D] and teacher [n, 1280]."""
    device, parts = next(encoder.parameters()).device, []
    for pixels in view_batches(rows, TEACHER_SIZE, batch=64, view=centre_view):
        pixels = pixels.to(device)
        small = F.interpolate(pixels, size=(encoder.size, encoder.size), mode="bilinear", antialias=True)
        parts.append((encoder.tokens(small).mean(1), taught_by.encoder.tokens(pixels).mean(1)))
    return torch.cat([a for a, _ in parts]), torch.cat([b for _, b in parts])
