"""Where in the picture a written word was read, from the attention of the model that wrote it.

The mean over all heads of the upper half of the layers, for lower layers read letters and places rather than things; it
is made to sum to 1 over the picture. A chat model sees a large picture twice: cut into tiles, and as a whole. What it
read of the whole is spread over the tiles' finer grid and added. Read next: `vision_language.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

TILE = re.compile(r"<row_(\d+)_col_(\d+)>")  # stands before each tile of a picture that is cut


def upper_mean(attentions: Sequence[Tensor]) -> Tensor:
    """Attention of L layers, [1, H, T, S] each -> [T, S], the mean over the heads of the upper half."""
    return torch.stack([layer[0].float().mean(0) for layer in attentions[len(attentions) // 2 :]]).mean(0)


def patch_map(attentions: Sequence[Tensor]) -> Tensor:
    """Attention of T words to a class token and the patches of a square, [1, H, T, 1 + n * n] a layer -> [T, n, n]."""
    weights = upper_mean(attentions)[:, 1:]
    side = int(weights.shape[1] ** 0.5)
    return summing_to_one(weights.unflatten(1, (side, side)))


def summing_to_one(maps: Tensor) -> Tensor:
    """[T, h, w] -> the same, each map's sum 1."""
    return maps / maps.sum((1, 2), keepdim=True)


@dataclass(frozen=True)
class Tiles:
    """The tokens of a picture in a chat: R x C tiles row by row, then the whole; or the whole alone (R = C = 0).

    Args:
        places: [M], where they stand among the prompt's tokens.
        rows, columns: R, C.
        exact: whether tiles and whole show the picture and nothing else.
    """

    places: Tensor
    rows: int
    columns: int
    exact: bool

    @classmethod
    def of(cls, prompt: str, pictured: Tensor, inputs: Mapping[str, Tensor]) -> "Tiles":
        """The tiles of a prompt's text, of whose tokens `pictured` [N] says which are the picture's."""
        last = (TILE.findall(prompt) or [(0, 0)])[-1]
        padded = "pixel_attention_mask" in inputs and not bool(inputs["pixel_attention_mask"].all())
        return cls(pictured.nonzero()[:, 0], int(last[0]), int(last[1]), not padded)

    def map(self, output: Any) -> Tensor | None:
        """The output for T tokens -> [T, h, w]; None where the picture is padded, for places would be off."""
        if not self.exact:
            return None
        tiles = self.rows * self.columns + 1
        side = int((len(self.places) / tiles) ** 0.5)
        weights = upper_mean(output.attentions)[:, self.places].unflatten(
            1, (tiles, side, side)
        )  # [T, R * C + 1, s, s]
        if tiles == 1:
            return summing_to_one(weights[:, 0])
        fine = weights[:, :-1].unflatten(1, (self.rows, self.columns)).transpose(2, 3)  # [T, R, s, C, s]
        fine = fine.flatten(3, 4).flatten(1, 2)  # [T, R * s, C * s]
        whole = weights[:, -1].repeat_interleave(self.rows, 1).repeat_interleave(self.columns, 2)
        return summing_to_one(fine + whole / (self.rows * self.columns))
