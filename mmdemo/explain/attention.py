"""Raw cross-attention: where each word looked in the picture.

No computation of its own: the attention that the model used, averaged over its heads. It says where the model *read*,
not why it decided (Jain and Wallace 2019, arXiv 1902.10186). Read next: `gradcam.py`.
"""

import torch
from torch import Tensor

from mmdemo.errors import IncompatibleError
from mmdemo.explain.base import ExplanationMethod, Subject, TokenWeights, shares
from mmdemo.types import TokenSet


class CrossAttention(ExplanationMethod):
    """Map of a word = mean over heads of its row; map of the text = rows weighted by each word's vote."""

    name = "cross_attention"

    def is_compatible(self, subject: Subject) -> bool:
        """Only models whose text looks at the picture."""
        return subject.fuse is not None

    @torch.no_grad()
    def explain(self, subject: Subject, image: TokenSet, text: TokenSet, word: Tensor | None) -> TokenWeights:
        """See `ExplanationMethod.explain`; raises `IncompatibleError` for a model without text-to-image attention."""
        if subject.fuse is None:
            raise IncompatibleError("This model has no cross-attention to show; choose another method.")
        attention = subject.fuse(image, text).attention
        looked = attention["text_to_image"][0].mean(0)  # [H, Nt, Ni] -> [Nt, Ni]
        vote = attention["joint_to_text"][0].mean((0, 1))  # [1, 1, Nt] -> [Nt]
        rows = vote if word is None else vote * word  # [Nt]
        if rows.sum() <= 0:  # a word that got no vote still looked somewhere
            rows = word.to(vote.dtype)
        patches = (rows / rows.sum()) @ looked  # [Ni]
        return TokenWeights(shares(patches), shares(vote))
