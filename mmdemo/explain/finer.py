"""Finer maps: the picture is read again at twice the side, so that four places lie where one lay.

A convolutional tower reads any size. Its answer is not changed; only the question "where" is asked of the larger
reading, whose places are half as wide (Touvron et al. 2019, arXiv 1906.06423, "FixRes", on why a network still knows
things that come larger). Read next: `token_similarity.py`, `attention.py`.
"""

from dataclasses import replace

import torch.nn.functional as F
from torch import Tensor

from mmdemo.explain.attention import CrossAttention
from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, shares
from mmdemo.explain.grid import to_patch_map
from mmdemo.explain.token_similarity import TokenSimilarity
from mmdemo.types import ImageLayout, TokenSet


class Finer(ExplanationMethod):
    """Another method on the finer reading.

    Attributes:
        plain: that method; it must need no more of the picture than its tokens.
    """

    finer = 2
    plain: type[ExplanationMethod]

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`; `place` is of the plain grid, the weights are of the finer one."""
        fine = subject.image.finer()
        if place is not None:
            grid = place.view(image.layout[0].grid)
            place = grid.repeat_interleave(self.finer, 0).repeat_interleave(self.finer, 1).flatten()  # [4 Ni]
        weights = self.plain().weigh(subject, fine, text, word, place)
        return replace(weights, layout=fine.layout[0])


class FineSimilarity(Finer):
    """`TokenSimilarity` of both readings: the larger one says where exactly, the plain one knows large things whole.

    m = m_plain / deviation(m_plain) + m_fine / deviation(m_fine), the plain map stretched over the finer grid; what is
    left of it is how far each place stands above the lowest one, for in most photos every place has a cosine above 0.
    """

    plain = TokenSimilarity
    name = "fine_similarity"
    paper = "Zhou et al. 2022, arXiv 2112.01071; Touvron et al. 2019, arXiv 1906.06423"
    cost = "1 F of four times the pixels, and the head once a word"
    needs = (*TokenSimilarity.needs, "image_finer")

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `Finer.weigh`."""
        fine = super().weigh(subject, image, text, word, place)
        plain = self.plain().weigh(subject, image, text, word, place)
        patches = stretched(plain.patches, image.layout[0], fine.layout)  # [4 Ni]
        m = sum(p / p.std().clamp_min(1e-9) for p in (patches, fine.patches))
        return replace(fine, patches=shares(m - m.min()), tokens=shares(fine.tokens))


class FineAttention(Finer):
    """`CrossAttention`, twice as fine."""

    plain = CrossAttention
    name = "fine_attention"
    paper = "Lee et al. 2018, arXiv 1803.08024; Touvron et al. 2019, arXiv 1906.06423"
    targeted = False
    cost = "1 F of four times the pixels"
    needs = (*CrossAttention.needs, "image_finer")


def stretched(patches: Tensor, layout: ImageLayout, onto: ImageLayout) -> Tensor:
    """One weight a place of a grid -> one a place of another grid of the same picture, [N]."""
    grid = to_patch_map(patches, layout)[None, None]  # [1, 1, h, w]
    return F.interpolate(grid, size=onto.grid, mode="bicubic", align_corners=False).flatten()
