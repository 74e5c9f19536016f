"""Photos at 64 x 64 pixels, decoded once and kept as bytes: what networks that start from pixels are trained on.

Read next: `recipes/cnn_lstm.py`.
"""

import hashlib
import json
from collections.abc import Sequence

import torch
from torch import Tensor

from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import Row, View, view_batches
from mmdemo.training.loop import kept

SIZE = 64


def small_pictures(rows: Sequence[Row], view: View, features: Features, seed: int = 0) -> Tensor:
    """One view of each photo, uint8 [P, 3, 64, 64]; kept beside the features, by photos, view and seed."""
    question = json.dumps([[r["file"] for r in rows], view.__name__, seed, SIZE])

    def read() -> Tensor:
        batches = view_batches(rows, SIZE, batch=256, view=view, seed=seed)
        pictures = torch.cat([pixels.add(1).mul(127.5).round().byte().contiguous() for pixels in batches])
        features.log(pictures=view.__name__, seed=seed, photos=len(pictures))
        return pictures

    return kept(features.folder / f"pictures-{hashlib.sha256(question.encode()).hexdigest()[:16]}.pt", read)


def as_pixels(pictures: Tensor) -> Tensor:
    """Bytes [B, 3, 64, 64] -> float32 in [-1, 1], channels last, as `PictureEncoder.prepare` gives them."""
    return pictures.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)
