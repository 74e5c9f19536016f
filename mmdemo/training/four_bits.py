"""Matrices in four bits: packed as `loading.unpack_four_bits` reads them, and rounded so while they are trained.

A block of 32 weights shares one scale, w ~ (q - 8) * s with q of 0 to 15 (the layout "q4_0" of ggml): 18 bytes for what
takes 64 in float16. Training through the rounding (straight-through estimator: Bengio et al. 2013, arXiv 1308.3432)
lets the other weights make up for what each one loses. Read next: `recipes/captioning.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mmdemo.loading.tensors import unpack_four_bits

BLOCK = 32


def pack_four_bits(matrix: Tensor) -> Tensor:
    """[R, C] with C a multiple of 32 -> blocks [R, C / 32, 18] uint8."""
    blocks = matrix.detach().float().unflatten(1, (-1, BLOCK))  # [R, C / 32, 32]
    scale, q = _quantised(blocks)
    q = q.to(torch.uint8)
    return torch.cat([scale.half().view(torch.uint8), q[..., :16] | q[..., 16:] << 4], -1)


def _quantised(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """[..., 32] -> scale [..., 1], as float16 keeps it, and q [..., 32] of 0 to 15.

    The weight furthest from 0 becomes q = 0, which reaches one step further than q = 15.
    """
    furthest = blocks.gather(-1, blocks.abs().argmax(-1, keepdim=True))
    scale = (furthest / -8).half().float()
    return scale, (blocks / scale.where(scale != 0, 1.0) + 8).round().clamp(0, 15)


def is_packed(name: str, tensor: Tensor) -> bool:
    """Whether a tensor is one of those in four bits: matrices, but not the few vectors of positions."""
    return tensor.ndim == 2 and tensor.shape[1] % BLOCK == 0 and not name.startswith("position")


def four_bit_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every matrix as NAME.blocks, everything else as it is: what `loading.widened` reads."""
    packed = ((k, t, is_packed(k, t)) for k, t in state.items())
    return {f"{k}.blocks" if four else k: pack_four_bits(t) if four else t for k, t, four in packed}


def four_bit_rounded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state as it comes back from its file."""
    return {k: unpack_four_bits(pack_four_bits(t)) if is_packed(k, t) else t.half().float() for k, t in state.items()}


@contextmanager
@torch.no_grad()
def trained_through(module: nn.Module, rounded: bool = True) -> Iterator[None]:
    """Inside, the matrices are rounded to four bits; after it they are exact again, with the rounded ones' gradient.

    With `rounded` false nothing happens.
    """
    exact = {p: p.data for name, p in module.named_parameters() if rounded and is_packed(name, p)}
    for p, values in exact.items():
        scale, q = _quantised(values.unflatten(1, (-1, BLOCK)))
        p.data = ((q - 8) * scale).flatten(1)
    try:
        with torch.enable_grad():
            yield
    finally:
        for p, values in exact.items():
            p.data = values
