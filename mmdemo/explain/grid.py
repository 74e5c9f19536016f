"""From tokens back to what a person sees: patches to pixels, text tokens to words.

All geometry comes from the layouts that the encoders made; no grid size is written here.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.types import ImageLayout, TextLayout


def to_patch_map(weights: Tensor, layout: ImageLayout) -> Tensor:
    """One weight per image token [Ni], prefix tokens included -> the patch grid [h, w]."""
    return weights[layout.prefix :].reshape(layout.grid)


def to_image_map(patch_map: Tensor, layout: ImageLayout) -> np.ndarray:
    """The patch grid [h, w] stretched over the part the network saw, in the original picture: [height, width] float32.

    Bilinear, each patch's value standing at the patch's centre; 0 outside what the network saw.
    """
    height, width = layout.size
    left, top, right, bottom = (round(v) for v in layout.box)
    size = (max(1, bottom - top), max(1, right - left))
    seen = F.interpolate(patch_map[None, None].float(), size=size, mode="bilinear", align_corners=False)[0, 0]
    out = np.zeros((height, width), np.float32)
    out[top:bottom, left:right] = seen.numpy()[: height - top, : width - left]
    return out


def on_one_grid(maps: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Patch maps [h, w] of one picture, finer ones averaged down to the coarsest grid among them."""
    coarsest = min((m.shape for m in maps), default=(0, 0))
    tensors = (torch.from_numpy(np.asarray(m, np.float32))[None] for m in maps)
    return [F.adaptive_avg_pool2d(t, coarsest)[0].numpy() for t in tensors]


def to_word_weights(weights: Tensor, layout: TextLayout) -> tuple[tuple[str, float], ...]:
    """Token weights [Nt] summed over each word's tokens: (word, weight) in reading order; words cut off get 0.

    A token that reaches over several words gives each its part, by characters: w(word) = sum part * w(token).
    """
    sums, given = [0.0] * len(layout.words), weights.tolist()
    for token, word, part in layout.parts():
        if token < len(given):
            sums[word] += part * given[token]
    return tuple(zip(layout.words, sums, strict=True))


def tokens_of_words(layout: TextLayout, words: range) -> Tensor:
    """[Nt] bool, True for the tokens of the words with these indices, those that they share with others included."""
    mask = torch.zeros(len(layout.tokens), dtype=torch.bool)
    mask[[token for token, word, _ in layout.parts() if word in words]] = True
    return mask
