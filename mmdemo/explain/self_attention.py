"""Raw self-attention: which words attended to which inside the text tower, layer by layer and head by head.

The same for the patches of a transformer image tower; a convolutional tower has none, so its map stays empty. Early
heads mostly look at neighbours, later ones at the marks around the sentence (Clark et al. 2019, arXiv 1906.04341):
what a head looks at and what the answer rests on are two things. Read next: `rollout.py`.
"""

import torch
from torch import Tensor

from mmdemo.explain.base import (
    ExplanationMethod,
    Kept,
    Subject,
    TokenWeights,
    Tower,
    checked,
    of_head,
    readers,
    shares,
)
from mmdemo.types import TokenSet


class SelfAttention(ExplanationMethod):
    """Weight of a token = how much it was attended to by the chosen word or place, or by the tokens that are pooled.

    Args:
        layer: 0 is the first; None = the last.
        head: one head of the H; None = their mean.
    """

    name = "self_attention"
    paper = "Clark et al. 2019, arXiv 1906.04341"
    targeted = False
    options = ("layer", "head")
    cost = "1 F"
    needs_one_of = ("image_attention", "text_attention")

    def __init__(self, layer: int | None = None, head: int | None = None) -> None:
        self.layer, self.head = layer, head

    @torch.no_grad()
    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`; raises `ChoiceError` for a layer or head that no tower has."""
        return TokenWeights(self._attended(subject.image, image, place), self._attended(subject.text, text, word))

    def _attended(self, tower: Tower | None, side: TokenSet, asking: Kept) -> Tensor:
        """One side's weights [N]; zeros where its tower has no attention."""
        if not has_attention(tower):
            return side.tokens.new_zeros(side.tokens.shape[1])
        read = tower.read(tower.start, None)
        layers = read.attentions  # L of [1, H, N, N]
        layer = len(layers) - 1 if self.layer is None else checked("layer", self.layer, len(layers))
        rows = of_head(layers[layer][0], self.head)  # [N, N]
        asked = readers(read) if asking is None else asking.to(rows.dtype)
        return shares(asked @ rows)


def has_attention(tower: Tower | None) -> bool:
    """Whether there is a tower, and it has self-attention."""
    return tower is not None and "attention" in tower.traits
