"""The contract of every explanation method: a subject and one pair in, weights over patches and text tokens out.

A method never knows which model it explains. It gets a `Subject`: a function that makes the number to be explained,
and, where the model has attention of its own, a function that hands it over.
Read next: `attention.py`, `gradcam.py`, then `grid.py` (from tokens to pixels and words).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.types import FusionOutput, TokenSet


@dataclass(frozen=True)
class Subject:
    """What is explained.

    Args:
        score: (image, text) -> [B], the number to explain, differentiable in the tokens.
        fuse: (image, text) -> `FusionOutput` with its attention, or None when the model has none.
    """

    score: Callable[[TokenSet, TokenSet], Tensor]
    fuse: Callable[[TokenSet, TokenSet], FusionOutput] | None = None


@dataclass(frozen=True)
class TokenWeights:
    """What a method finds for one pair: weights >= 0 over patches [Ni] and over text tokens [Nt], each summing to 1.

    All zeros on a side where the method found nothing.
    """

    patches: Tensor
    tokens: Tensor


class ExplanationMethod:
    """Base class; a method is one overridden function.

    Attributes:
        name: the method's file name.
        signed: True when weights below 0 mean "against".
    """

    name: str
    signed: bool = False

    def is_compatible(self, subject: Subject) -> bool:
        """Whether this method can explain that subject."""
        return True

    def explain(self, subject: Subject, image: TokenSet, text: TokenSet, word: Tensor | None) -> TokenWeights:
        """Explain one pair (B = 1).

        Args:
            subject: what is explained.
            image: the picture's tokens [1, Ni, D].
            text: the text's tokens [1, Nt, D].
            word: [Nt] bool, True for the tokens of the word to explain; None = the whole text.
        """
        raise TypeError(f"{type(self).__name__} does not say how it explains.")


def shares(weights: Tensor) -> Tensor:
    """Weights >= 0 scaled to sum to 1; all zeros stay zeros. [N] -> [N]."""
    weights = weights.clamp_min(0)
    total = weights.sum()
    return weights / total if total > 0 else torch.zeros_like(weights)
