"""Raw cross-attention: how much each word attended to each place of the picture.

No computation of its own: the attention that the model used, of one head or averaged over them. It says where the model
*read*, not why it decided (Jain and Wallace 2019, arXiv 1902.10186). Read next: `self_attention.py`, `gradcam.py`.
"""

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, of_head, shares
from mmdemo.types import FusionOutput, TokenSet


class CrossAttention(ExplanationMethod):
    """Map of a word = mean over heads of its row; map of the text = rows weighted by each word's vote.

    Words of a place = how much each word attended to it, times its vote.

    Args:
        head: one head of the H; None = their mean.
    """

    name = "cross_attention"
    paper = "Lee et al. 2018, arXiv 1803.08024"
    targeted = False
    options = ("head",)
    cost = "1 F"
    needs = ("cross_attention",)

    def __init__(self, head: int | None = None) -> None:
        self.head = head

    @torch.no_grad()
    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`; raises `ChoiceError` for a head that the model has not."""
        heads, vote = text_to_image(subject.fuse(image, text), image.tokens.shape[1])
        attention = of_head(heads, self.head)  # [H, Nt, Ni] -> [Nt, Ni]
        rows = vote if word is None else vote * word  # [Nt]
        if rows.sum() <= 0:  # a word that got no vote has attended all the same
            rows = word.to(vote.dtype)
        patches = (rows / rows.sum()) @ attention  # [Ni]
        if place is None:
            return TokenWeights(shares(patches), shares(vote))
        return TokenWeights(shares(patches * place), shares(vote * attention[:, place].sum(-1)))


def text_to_image(fused: FusionOutput, patches: int) -> tuple[Tensor, Tensor]:
    """The attention of each text token, [H, Nt, Ni], and each token's vote [Nt], summing to 1 (B = 1).

    Where one attention runs over both sides (early fusion), the rows of the text are cut out of it, and all words vote
    alike, for that fusion pools its tokens by their mean.
    """
    if "all_to_all" in fused.attention:
        heads = fused.attention["all_to_all"][0][:, patches:, :patches]  # [H, Ni + Nt, Ni + Nt] -> [H, Nt, Ni]
        return heads, torch.full((heads.shape[1],), 1 / heads.shape[1], device=heads.device)
    return fused.attention["text_to_image"][0], fused.attention["joint_to_text"][0].mean((0, 1))
