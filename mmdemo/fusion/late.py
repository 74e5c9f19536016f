"""Late fusion (decision level): each side decides by itself, and only the decisions meet.

Every side spreads its belief over the same K options; the beliefs are then combined by three classic rules (Kittler et
al. 1998, "On combining classifiers"): their mean, their product, and a weighted geometric mean whose weight is learned.
Options are the classes themselves for a feeling (K = C), and K learned topics for a match, since no side alone can say
whether it fits the other: they fit when both believe in the same topic. Read next: `early.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.fusion.base import TwoSided
from mmdemo.types import FusionOutput, TokenSet


class LateFusion(TwoSided):
    """h = [mean; product; learned], with p, q the sides' beliefs over K options (softmax).

    mean = (p + q) / 2; product = p q / sum(p q); learned = p^(1 - w) q^w / sum(p^(1 - w) q^w), w = sigmoid(a). The
    logarithm of sum(p q), how much the beliefs agree, stands at the end: the joint vector is 3 K + 1 wide.

    Args:
        options: K.
        image_width, text_width, width, dropout: as in every fusion; `width` is that of the sides before deciding.
    """

    formula = r"h = \left[\tfrac{p+q}{2};\ \tfrac{p\,q}{\sum p\,q};\ \tfrac{p^{1-w} q^{w}}{\sum p^{1-w} q^{w}}\right],\quad p=\mathrm{softmax}(W_v v),\ q=\mathrm{softmax}(W_t t)"  # noqa: E501

    def __init__(
        self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3, options: int = 3
    ) -> None:
        super().__init__(image_width, text_width, width, dropout)
        self.width = 3 * options + 1
        self.image_verdict = nn.Linear(width, options)
        self.text_verdict = nn.Linear(width, options)
        self.raw_weight = nn.Parameter(torch.zeros(()))  # a; the rule starts with equal weights

    def verdicts(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Log beliefs of the two sides, log p and log q, [B, K] each."""
        return self.image_verdict(image).log_softmax(-1), self.text_verdict(text).log_softmax(-1)

    def join(self, image: Tensor, text: Tensor) -> Tensor:
        """v, t [B, D] -> h [B, 3 K + 1]."""
        p, q = self.verdicts(image, text)
        w = self.raw_weight.sigmoid()
        mean = (p.exp() + q.exp()) / 2
        agreed = (p + q).logsumexp(-1, keepdim=True)  # log sum(p q), [B, 1]
        learned = ((1 - w) * p + w * q).softmax(-1)
        return torch.cat([mean, (p + q - agreed).exp(), learned, agreed], dim=-1)

    def insides(self, image: TokenSet, text: TokenSet, fused: FusionOutput) -> dict[str, Tensor]:
        """The beliefs p and q, [B, K] each."""
        p, q = self.verdicts(image.pooled, text.pooled)
        return {"p": p.exp(), "q": q.exp()}
