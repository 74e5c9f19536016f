"""In which numbers a tower of the Hub multiplies: bfloat16 or float16 where that gives the same answers, else float32.

Weights stay float32; on a GPU matrices are multiplied in half precision by autocast, which halves the time and keeps
sums, norms and softmaxes wide. Whether the answers stay the same is tried once, when a model is loaded, on a few
pictures and sentences that are made here. Read next: `modules.py`.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder

TOLERANCE = 0.01  # largest change of a cosine that still counts as the same answer
SENTENCES = ("a dog runs on the beach", "two cats sleep on a red sofa", "一辆汽车停在雪地里")


def byte_count(module: nn.Module) -> int:
    """Bytes of all parameters and buffers."""
    return sum(t.numel() * t.element_size() for t in (*module.parameters(), *module.buffers()))


def choose_precision(
    module: nn.Module, device: torch.device, candidates: Sequence[torch.dtype] | None = None
) -> torch.dtype:
    """The first of some half precisions in which every cosine stays within `TOLERANCE`, otherwise float32.

    Args:
        module: an encoder, or a model with `image_encoder` and `text_encoder`; of anything else nothing is known.
        device: where it lies.
        candidates: None takes bfloat16, where the GPU has it, and float16 on CUDA, and none elsewhere.
    """
    if candidates is None:
        bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
        candidates = [torch.bfloat16][: int(bfloat16)] + [torch.float16][: int(device.type == "cuda")]
    parts = (module, getattr(module, "image_encoder", None), getattr(module, "text_encoder", None))
    towers = [part for part in parts if isinstance(part, Encoder)]
    if not candidates or not towers:
        return torch.float32
    known = _cosines(towers, device, torch.float32)
    for dtype in candidates:
        if (_cosines(towers, device, dtype) - known).abs().max() <= TOLERANCE:  # False for NaN, too
            return dtype
    return torch.float32


@torch.no_grad()
def _cosines(towers: Sequence[Encoder], device: torch.device, dtype: torch.dtype) -> Tensor:
    """Every cosine of the fixed pictures and sentences that can be had, [n]."""
    vectors = []
    for tower in towers:
        batch = tower.prepare(_pictures() if tower.modality == "image" else SENTENCES).to(device)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            vectors.append(F.normalize(tower(batch).pooled.float(), dim=-1))  # [3, D]
    pairs = [(a, b) for i, a in enumerate(vectors) for b in vectors[i:] if a.shape == b.shape]
    return torch.cat([(a @ b.T).flatten() for a, b in pairs])


def _pictures() -> list[Image.Image]:
    """Three pictures with broad shapes and fine ones in colour, the same every time."""
    y, x = np.mgrid[0:240, 0:320] / 240
    waves = [np.stack([np.sin((3 + i) * x + c) * np.cos((7 * i + 2) * y - c) for c in range(3)], -1) for i in range(3)]
    return [Image.fromarray((127 * (wave + 1)).astype(np.uint8)) for wave in waves]
