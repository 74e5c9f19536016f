"""Grad-CAM: the places whose features, moved along the gradient, raise the answer.

Each channel's weight is its mean gradient over the picture; the map is the weighted sum of channels, positive part
(Selvaraju et al. 2017, arXiv 1610.02391, eqs. 1 and 2). For the words the same product is taken token by token.
Read next: `layercam.py`, `integrated_gradients.py`.
"""

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, focused, shares
from mmdemo.types import TokenSet


class GradCam(ExplanationMethod):
    """Grad-CAM on the image encoder's last feature map and on the text encoder's last tokens."""

    name = "gradcam"
    paper = "Selvaraju et al. 2017, arXiv 1610.02391"
    cost = "1 F + 1 B of the head"
    never_with = ("image_class_token",)  # no gradient reaches the last patches then

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`; one word's score is that of its tokens alone, read in the sentence."""
        (a, a_gradient), (t, t_gradient) = gradients(subject, image, text, word, place)
        weight = a_gradient.mean(0)  # eq. 1: [Ni, D] -> [D]
        patches = (a @ weight).relu()  # eq. 2: [Ni]
        tokens = (t * t_gradient).sum(-1).relu()  # [Nt]
        return TokenWeights(shares(patches if place is None else patches * place), shares(tokens))


def gradients(
    subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """(tokens, gradient of the number in them) of the picture, [Ni, D] each, and of the text, [Nt, D] each."""
    with torch.enable_grad():
        a = image.tokens.detach().requires_grad_()  # [1, Ni, D]
        t = text.tokens.detach().requires_grad_()  # [1, Nt, D]
        score = focused(subject, word, place)(image.with_tokens(a), text.with_tokens(t)).sum()
        a_gradient, t_gradient = torch.autograd.grad(score, (a, t), materialize_grads=True, allow_unused=True)
    return (a.detach()[0], a_gradient[0]), (t.detach()[0], t_gradient[0])
