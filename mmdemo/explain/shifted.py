"""Relevance averaged over shifted views: the picture and its mirror image, each also moved by half a patch.

Where the edges of the network's patches fall is chance, and so is part of every map. Here the pixels move by half a
patch to each side, are mirrored, and are explained anew; each map is moved back, and their mean is the answer, as
SmoothGrad averages over noise (Smilkov et al. 2017, arXiv 1706.03825). Read next: `relevance.py`.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.explain.base import Kept, Subject, TokenWeights, shares
from mmdemo.explain.relevance import Relevance
from mmdemo.types import TokenSet

SHIFTS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))  # right and down, in half patches


class ShiftedRelevance(Relevance):
    """The mean of ten maps of `Relevance`, one a view; the words' weights are averaged too."""

    name = "shifted_relevance"
    paper = "Chefer et al. 2021, arXiv 2103.15679; Smilkov et al. 2017, arXiv 1706.03825"
    cost = "10 F + 10 B"
    needs = ("image_reread",)

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`. A place is one of the unmoved picture: then there is one view only."""
        if place is not None:
            return super().weigh(subject, image, text, word, place)
        tower, layout = subject.image, image.layout[0]
        half = max(1, round(tower.start.shape[-1] / layout.grid[1] / 2))  # pixels
        ways = [(half * x, half * y, mirrored) for x, y in SHIFTS for mirrored in (False, True)]
        views = [viewed(tower.start, *way) for way in ways]  # of [1, 3, height, width]
        with torch.no_grad():
            seen = tower.read(torch.cat(views), None)
        maps, words = [], []
        for i, (way, start) in enumerate(zip(ways, views, strict=True)):
            moved = replace(subject, image=replace(tower, start=start))
            one = super().weigh(moved, seen.item(i), text, word, None)
            grid = one.patches[layout.prefix :].reshape(1, 1, *layout.grid)
            maps.append(brought_back(grid, start.shape[2:], *way).flatten())
            words.append(one.tokens)
        patches = torch.zeros_like(one.patches)
        patches[layout.prefix :] = torch.stack(maps).mean(0)
        return TokenWeights(shares(patches), shares(torch.stack(words).mean(0)))


def moved_by(picture: Tensor, right: int, down: int) -> Tensor:
    """[1, C, height, width] moved by whole pixels; what comes in at an edge repeats the edge."""
    height, width = picture.shape[2:]
    x, y = abs(right), abs(down)
    padded = F.pad(picture, (x, x, y, y), mode="replicate")
    return padded[:, :, y - down : y - down + height, x - right : x - right + width]


def viewed(picture: Tensor, right: int, down: int, mirrored: bool) -> Tensor:
    """One view: moved, then left and right exchanged."""
    moved = moved_by(picture, right, down)
    return moved.flip(-1) if mirrored else moved


def brought_back(grid: Tensor, size: torch.Size, right: int, down: int, mirrored: bool) -> Tensor:
    """A view's patch map [1, 1, h, w] as a map of the unmoved picture, over whose patches its pixels are averaged."""
    grid = grid.flip(-1) if mirrored else grid
    pixels = F.interpolate(grid, size=tuple(size), mode="bilinear", align_corners=False)
    return F.adaptive_avg_pool2d(moved_by(pixels, -right, -down), grid.shape[2:])
