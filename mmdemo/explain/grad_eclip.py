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
from mmdemo.types import Look, TokenSet


class GradEclip(ExplanationMethod):
    """Grad-ECLIP on the last attention of each tower that has one.

    With a word or place to explain, its own last token stands for the side (see `TokenSet.pool`), and that side gets
    no weights: its end token took no part.
    """

    name = "grad_eclip"
    paper = "Zhao et al. 2024, ICML"
    cost = "1 F + 1 B of the last layer"

    def is_compatible(self, subject: Subject) -> bool:
        """Only towers whose pooled vector is made by an attention: CLIP's and SigLIP's, not means."""
        return any(tower is not None and tower.look is not None for tower in (subject.image, subject.text))

    def explain(
        self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept = None, place: Kept = None
    ) -> TokenWeights:
        """See `ExplanationMethod.explain`."""
        self.require_fit(subject)
        with torch.enable_grad():
            seen, seen_look = looked(subject.image, image)
            read, read_look = looked(subject.text, text)
            number = subject.score(only(seen, place), only(read, word)).sum()
            looks = [look for look in (seen_look, read_look) if look is not None]
            gathered = [look.gathered for look in looks]
            grads = torch.autograd.grad(number, gathered, allow_unused=True, materialize_grads=True)
        found = {id(look): gradient for look, gradient in zip(looks, grads, strict=True)}
        sides = ((image, seen_look, image.layout[0].prefix), (text, read_look, 0))
        weights = (
            side.tokens.new_zeros(side.tokens.shape[1]) if look is None else worth(look, found[id(look)], prefix)
            for side, look, prefix in sides
        )
        return TokenWeights(*(shares(w) for w in weights))


def looked(tower: Tower | None, side: TokenSet) -> tuple[TokenSet, Look | None]:
    """A side read again from its start with its last attention in the graph; as it is where it has none."""
    if tower is None or tower.look is None:
        return side, None
    return tower.look(tower.start.detach().requires_grad_())


def worth(look: Look, gradient: Tensor, prefix: int = 0) -> Tensor:
    """relu(sum over channels of w * l_i * v_i), with w the gradient of what the one token gathered.

    Args:
        look: of one item, N tokens.
        gradient: of `look.gathered`, [1, M, D].
        prefix: tokens before the first place; they get 0 and do not count for the scaling of l.

    Returns:
        [N], >= 0.
    """
    query, keys = F.normalize(look.query.detach(), dim=-1), F.normalize(look.keys.detach()[0, prefix:], dim=-1)
    loosened = keys @ query[0]  # [N - prefix], cosines
    low, high = loosened.min(), loosened.max()
    loosened = (loosened - low) / (high - low) if high > low else torch.ones_like(loosened)
    weights = (look.values.detach()[0, prefix:] @ gradient[0, look.token] * loosened).relu()  # [N - prefix, D] @ [D]
    return F.pad(weights, (prefix, 0))
