"""Attention rollout: the attention of all layers multiplied into one, from the last tokens back to the first.

Each layer passes half of itself on unchanged (the residual path) and half along its attention: A = (mean_h A_h + I)
/ 2, rollout = A_L ... A_2 A_1 (Abnar and Zuidema 2020, arXiv 2005.00928, section 3). Row i says from which words the
last token i was mixed. Values, MLPs and the answer are not looked at. Read next: `relevance.py`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmdemo.explain.attention import text_to_image
from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, Tower, readers, shares
from mmdemo.explain.self_attention import has_attention
from mmdemo.types import TokenSet


class Rollout(ExplanationMethod):
    """Rollout of each tower's self-attention, read out where the model reads the tower's last tokens.

    A model with cross-attention reads them by its votes and its attention, so that the picture gets a map as well.
    """

    name = "rollout"
    paper = "Abnar and Zuidema 2020, arXiv 2005.00928"
    targeted = False
    cost = "1 F"
    needs_one_of = ("image_attention", "text_attention")

    @torch.no_grad()
    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`; a word (place) is one of the last tokens, traced back to the first."""
        seen, by_image = rolled(subject.image, image)  # [Ni, Ni]
        read, by_text = rolled(subject.text, text)  # [Nt, Nt]
        if "cross_attention" not in subject.traits:
            patches = readers(seen) if place is None else place.to(by_image.dtype)
            tokens = readers(read) if word is None else word.to(by_text.dtype)
            weights = shares(patches @ by_image), shares(tokens @ by_text)
            towers = (subject.image, subject.text)
            return TokenWeights(*(w if has_attention(t) else 0 * w for w, t in zip(weights, towers, strict=True)))
        heads, vote = text_to_image(subject.fuse(seen, read), seen.tokens.shape[1])
        attention = heads.mean(0)  # [H, Nt, Ni] -> [Nt, Ni]
        if place is not None:
            vote = vote * attention[:, place].sum(-1)
        if word is not None:
            vote = vote * word
        return TokenWeights(shares(vote @ attention @ by_image), shares(vote @ by_text))


def rolled(tower: Tower | None, side: TokenSet) -> tuple[TokenSet, Tensor]:
    """A side with its tower's rollout [N, N]; the identity where the tower has no attention."""
    if not has_attention(tower):
        return side, torch.eye(side.tokens.shape[1], device=side.tokens.device)
    read = tower.read(tower.start, None)
    return read, rollout([layer[0] for layer in read.attentions])


def rollout(layers: Sequence[Tensor]) -> Tensor:
    """L of [H, N, N], the first layer first -> [N, N], rows summing to 1: last tokens by first tokens."""
    n = layers[0].shape[-1]
    product = torch.eye(n, device=layers[0].device, dtype=layers[0].dtype)
    for weights in layers:
        product = (weights.mean(0) + torch.eye(n, device=product.device)) / 2 @ product
    return product
