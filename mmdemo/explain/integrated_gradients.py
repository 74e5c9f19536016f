"""Integrated gradients: a share of the answer for every word and place, with nothing left over.

A_i = (x_i - b_i) * integral over s in [0, 1] of df/dx_i at b + s (x - b) (Sundararajan et al. 2017, arXiv 1703.01365,
eq. 1). The shares of a side sum to f(x) - f(b) ("completeness"), where b is that side with nothing in it. For words the
path begins at zero word vectors, before the text tower; for the picture it joins the last feature maps of the blurred
picture and of the picture, so that only the head is differentiated. Where a class token stands for all patches, the
path joins the pixels instead. Read next: `occlusion.py`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, copies, focused, signed_shares
from mmdemo.types import ImageLayout, TokenSet


class IntegratedGradients(ExplanationMethod):
    """Integrated gradients, one side at a time with the other held.

    Args:
        steps: points of the path, the middles of equal pieces.
    """

    name = "integrated_gradients"
    paper = "Sundararajan et al. 2017, arXiv 1703.01365"
    signed = True
    cost = "32 F + 32 B of the text tower and of the head"
    needs = ("image_reread", "text_reread")  # both towers say what nothing looks like to them

    def __init__(self, steps: int = 32) -> None:
        self.steps = steps

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        patches, tokens = self.attributions(subject, image, text, word, place)
        return TokenWeights(signed_shares(patches), signed_shares(tokens))

    def attributions(
        self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept = None, place: Kept = None
    ) -> tuple[Tensor, Tensor]:
        """Unscaled shares of patches [Ni], summing to f(picture) - f(blurred), and of tokens [Nt] likewise."""
        score = focused(subject, word, place)

        def of_picture(path: Tensor) -> Tensor:
            n = len(path)
            return score(copies(image, n).with_tokens(path), copies(text, n))

        def of_words(path: Tensor) -> Tensor:
            return score(copies(image, len(path)), subject.text.read(path, None))

        def of_pixels(path: Tensor) -> Tensor:
            return score(subject.image.read(path, None), copies(text, len(path)))

        if "image_class_token" in subject.traits:
            pixels = integrate(of_pixels, subject.image.blank, subject.image.start, self.steps)
            patches = per_patch(pixels, image.layout[0])
        else:
            with torch.no_grad():
                blank = subject.image.read(subject.image.blank, None).tokens
            patches = integrate(of_picture, blank, image.tokens, self.steps)[0].sum(-1)  # [1, Ni, D] -> [Ni]
        tokens = integrate(of_words, subject.text.blank, subject.text.start, self.steps)[0].sum(-1)
        return patches, tokens


def integrate(answer: Callable[[Tensor], Tensor], start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Eq. 1 by the midpoint rule.

    Args:
        answer: [S, ...] -> [S], differentiable.
        start, end: [1, ...], b and x.
        steps: S.

    Returns:
        (x - b) * mean gradient along the straight path, [1, ...].
    """
    s = (torch.arange(steps, device=end.device, dtype=end.dtype) + 0.5) / steps
    s = s.reshape(-1, *[1] * (end.ndim - 1))
    total = torch.zeros_like(end)
    for piece in s.split(16):
        with torch.enable_grad():
            path = torch.lerp(start, end, piece).detach().requires_grad_()  # [S, ...]
            (gradient,) = torch.autograd.grad(answer(path).sum(), path)
        total = total + gradient.sum(0, keepdim=True)
    return (end - start) * total / steps


def per_patch(pixels: Tensor, layout: ImageLayout) -> Tensor:
    """Shares of pixels [1, 3, height, width] summed over each patch, zeros before the first, [Ni]."""
    h, w = layout.grid
    height, width = pixels.shape[2] // h, pixels.shape[3] // w
    sums = F.avg_pool2d(pixels.sum(1), (height, width)) * (height * width)  # [1, h, w]
    return F.pad(sums.flatten(), (layout.prefix, 0))
