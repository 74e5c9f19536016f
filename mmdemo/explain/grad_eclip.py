"""Grad-ECLIP: what a transformer tower's last attention took from each place, weighed by what the answer wanted of it.

The token that becomes the picture's vector gathers o = sum_i softmax_i(q k_i / sqrt(d)) v_i in the last layer. A step
of the answer along o gives each channel its weight, w = dS/do. Place i is then worth w v_i, times a loosened attention
l_i: the similarity of q and k_i, scaled to [0, 1] over the places. The softmax would leave nothing but its one or two
sharpest places. The map is relu(sum over channels of w * l_i * v_i) (Zhao et al. 2024, "Gradient-based visual
explanation for transformer-based CLIP", ICML; arXiv 2502.18816). The text tower is treated alike, with its end token.
Read next: `faithfulness.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, Tower, only, shares
from mmdemo.types import LastAttention, TokenSet


class GradEclip(ExplanationMethod):
    """Grad-ECLIP on the last attention of each tower that has one.

    With a word or place to explain, its own last token stands for the side (see `TokenSet.pool`), and that side gets
    no weights: its end token took no part.
    """

    name = "grad_eclip"
    paper = "Zhao et al. 2024, ICML"
    cost = "1 F + 1 B of the last layer"
    needs_one_of = ("image_attention_pooling", "text_attention_pooling")  # CLIP and SigLIP, not means

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        with torch.enable_grad():
            seen, seen_last = read_again(subject.image, image)
            read, read_last = read_again(subject.text, text)
            number = subject.score(only(seen, place), only(read, word)).sum()
            lasts = [last for last in (seen_last, read_last) if last is not None]
            gathered = [last.gathered for last in lasts]
            gradients = torch.autograd.grad(number, gathered, allow_unused=True, materialize_grads=True)
        patches, tokens = (side.tokens.new_zeros(side.tokens.shape[1]) for side in (image, text))
        for last, gradient in zip(lasts, gradients, strict=True):
            if last is seen_last:
                patches = worth(last, gradient, image.layout[0].prefix)
            else:
                tokens = worth(last, gradient)
        return TokenWeights(shares(patches), shares(tokens))


def read_again(tower: Tower | None, side: TokenSet) -> tuple[TokenSet, LastAttention | None]:
    """A side read again from its start with its last attention in the graph; as it is where it has none."""
    if tower is None or tower.last_attention is None:
        return side, None
    return tower.last_attention(tower.start.detach().requires_grad_())


def worth(last: LastAttention, gradient: Tensor, prefix: int = 0) -> Tensor:
    """relu(sum over channels of w * l_i * v_i), with w the gradient of what the one token gathered.

    Args:
        last: of one item, N tokens.
        gradient: of `last.gathered`, [1, M, D].
        prefix: tokens before the first place; they get 0 and do not count for the scaling of l.

    Returns:
        [N], >= 0.
    """
    query, keys = F.normalize(last.query.detach(), dim=-1), F.normalize(last.keys.detach()[0, prefix:], dim=-1)
    loosened = keys @ query[0]  # [N - prefix], cosines
    low, high = loosened.min(), loosened.max()
    loosened = (loosened - low) / (high - low) if high > low else torch.ones_like(loosened)
    weights = (last.values.detach()[0, prefix:] @ gradient[0, last.token] * loosened).relu()  # [N - prefix, D] @ [D]
    return F.pad(weights, (prefix, 0))
