"""Tensors as the files keep them, float16 or a few bits, and as modules take them, float32. Read next: `cards.py`."""

import re
from pathlib import Path

import torch
from safetensors.torch import load as tensors_from_bytes

from mmdemo.loading.cards import read_card, read_checked

# (parts of tensors' names in the files, what they are called now)
RENAMED = (
    (r"^(levels\.\w+)\.look\.", r"\1.image_projection."),
    (r"(^|\.)look\.", r"\1attend."),
    (r"(^|\.)bend\.", r"\1residual_mlp."),
)


def load_state(name: str, weights: Path | None = None, only: str = "") -> dict[str, torch.Tensor]:
    """All tensors of one folder, its shards together, or those of one of its files; floating ones as float32."""
    state: dict[str, torch.Tensor] = {}
    for file in sorted(read_card(name, weights)["files"]):
        if file.endswith(".safetensors") and only in ("", file):
            state.update(tensors_from_bytes(read_checked(name, file, weights)))
    return renamed(widened(state))


def renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same tensors under the names that modules have today; files keep those of the day they were made."""
    for before, after in RENAMED:
        state = {re.sub(before, after, key): tensor for key, tensor in state.items()}
    return state


def widened(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Float16 as float32; int8 tensors times the scale of each output channel, NAME.scale [O] beside NAME.

    Matrices in four bits come as NAME.blocks, a large one in parts NAME.blocks.0, NAME.blocks.1, and are unpacked.
    """
    wide = {key: t.float() if t.is_floating_point() else t for key, t in state.items()}
    for name in [key for key, t in state.items() if t.dtype == torch.int8 and f"{key}.scale" in state]:
        scale = wide.pop(f"{name}.scale")
        wide[name] = wide[name].float() * scale.view(-1, *[1] * (wide[name].ndim - 1))
    for name in dict.fromkeys(key.partition(".blocks")[0] for key in state if ".blocks" in key):
        parts = sorted(key for key in state if key.partition(".blocks")[0] == name and ".blocks" in key)
        wide[name] = unpack_four_bits(torch.cat([wide.pop(key) for key in parts]))
    return wide


def unpack_four_bits(blocks: torch.Tensor) -> torch.Tensor:
    """[R, C / 32, 18] uint8 -> [R, C] float32.

    A block holds 32 weights: its scale as a float16 in two bytes, then 16 bytes, byte j with weight j in its low half
    and weight j + 16 in its high half; w = (half byte - 8) * scale (the layout "q4_0" of ggml).
    """
    scale = blocks[..., :2].contiguous().view(torch.float16).float()  # [R, C / 32, 1]
    halves = torch.cat([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], -1)  # [R, C / 32, 32]
    return ((halves.float() - 8) * scale).flatten(1)
