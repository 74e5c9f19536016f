"""Grad-CAM: the places whose features, moved along the gradient, raise the answer.

Each channel's weight is its mean gradient over the picture; the map is the weighted sum of channels, positive part
(Selvaraju et al. 2017, arXiv 1610.02391, eqs. 1 and 2). For the words the same product is taken token by token.
"""

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Subject, TokenWeights, shares
from mmdemo.types import TokenSet


class GradCam(ExplanationMethod):
    """Grad-CAM on the image encoder's last feature map and on the text encoder's last tokens."""

    name = "gradcam"

    def explain(self, subject: Subject, image: TokenSet, text: TokenSet, word: Tensor | None) -> TokenWeights:
        """See `ExplanationMethod.explain`; one word's score is that of its tokens alone, read in the sentence."""
        with torch.enable_grad():
            a = image.tokens.detach().requires_grad_()  # [1, Ni, D]
            t = text.tokens.detach().requires_grad_()  # [1, Nt, D]
            mask = text.mask if word is None else text.mask & word
            score = subject.score(image.with_tokens(a), text.with_tokens(t, mask)).sum()
            a_gradient, t_gradient = torch.autograd.grad(score, (a, t))
        weight = a_gradient[0].mean(0)  # eq. 1: [Ni, D] -> [D]
        patches = (a.detach()[0] @ weight).relu()  # eq. 2: [Ni]
        tokens = (t.detach()[0] * t_gradient[0]).sum(-1).relu()  # [Nt]
        return TokenWeights(shares(patches), shares(tokens))
