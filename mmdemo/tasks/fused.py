"""One fusion, one question: the head that every fusion of the bench gets, so that only the fusion differs.

A side that is missing is replaced before the fusion sees it, by a learned "nothing here" vector or by any other vector
that somebody imputes (zeros, a mean, a neighbour's, a guess from the other side); so every fusion takes an empty side.
Read next: `imputation.py`, `training/recipes/fusions.py`.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import ChoiceError, IncompatibleError
from mmdemo.fusion.autoencoder import AutoencoderFusion
from mmdemo.fusion.base import Fusion
from mmdemo.fusion.concat import ConcatFusion
from mmdemo.fusion.cosine import CosineFusion
from mmdemo.fusion.cross_attention import CrossAttentionFusion
from mmdemo.fusion.early import EarlyFusion
from mmdemo.fusion.gated import GatedFusion
from mmdemo.fusion.late import LateFusion
from mmdemo.fusion.lowrank_tensor import LowRankTensorFusion
from mmdemo.fusion.product import ProductFusion
from mmdemo.fusion.weighted_sum import WeightedSumFusion
from mmdemo.types import FusionOutput, TokenSet, mean_pool

FUSIONS: dict[str, type[Fusion]] = {
    "cosine": CosineFusion,
    "weighted_sum": WeightedSumFusion,
    "product": ProductFusion,
    "gated": GatedFusion,
    "lowrank_tensor": LowRankTensorFusion,
    "concat": ConcatFusion,
    "autoencoder": AutoencoderFusion,
    "late": LateFusion,
    "early": EarlyFusion,
    "cross_attention": CrossAttentionFusion,
}
LABELS: dict[str, tuple[str, ...]] = {
    "matching": ("mismatch", "match"),
    "sentiment": ("negative", "neutral", "positive"),
}
READS_TOKENS = ("early", "cross_attention")  # the others see one vector of a picture


class FusedTask(nn.Module):
    """logits = W standardised(h) + b, with h the joint vector of a fusion.

    Args:
        fusion: a name in `FUSIONS`.
        task: a name in `LABELS`.
        image_width: width of the image encoder's tokens.
        text_width: width of the text encoder's tokens.
        width: D of the fusion.
        dropout: in training only.
        **options: what this fusion takes besides (`heads`, `rank`, `options`).
    """

    def __init__(
        self,
        fusion: str,
        task: str,
        image_width: int,
        text_width: int,
        width: int,
        dropout: float = 0.3,
        **options: int,
    ) -> None:
        super().__init__()
        for what, name, table in (("fusion", fusion, FUSIONS), ("task", task, LABELS)):
            if name not in table:
                raise ChoiceError(what, name, list(table))
        self.name, self.labels = fusion, LABELS[task]
        self.fusion = FUSIONS[fusion](image_width, text_width, width, dropout=dropout, **options)
        self.no_image = nn.Parameter(torch.zeros(image_width))
        self.no_text = nn.Parameter(torch.zeros(text_width))
        self.standard = nn.BatchNorm1d(self.fusion.width, affine=False)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.fusion.width, len(self.labels)))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> Tensor:
        """Logits [B, C]; either side may be None, not both."""
        return self.logits(self.fuse(image, text).joint)

    def fuse(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """The fusion's output, a missing side replaced by its learned vector."""
        if image is None and text is None:
            raise IncompatibleError("A fusion needs a picture or a text; both are missing.")
        if image is None:
            image = stand_in(self.no_image.expand(len(text.tokens), -1))
        if text is None:
            text = stand_in(self.no_text.expand(len(image.tokens), -1))
        return self.fusion(image, text)

    def logits(self, joint: Tensor) -> Tensor:
        """h [B, D] -> [B, C]."""
        return self.head(self.standard(joint))

    def blank(self, side: TokenSet, which: str, dropped: Tensor) -> TokenSet:
        """The same side with "nothing here" in the rows of `dropped` [B] bool: modality dropout.

        Training that sometimes takes a side away teaches a fusion to live without it (Neverova et al. 2016, "ModDrop",
        arXiv 1501.00102).

        Args:
            which: "image" or "text".
        """
        nothing = self.no_image if which == "image" else self.no_text
        tokens = torch.where(dropped[:, None, None], nothing, side.tokens)
        first = torch.arange(side.mask.shape[1], device=side.mask.device)[None, :] == 0  # [1, N]
        return side.with_tokens(tokens, torch.where(dropped[:, None], first, side.mask))

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> Tensor:
        """Probabilities [B, C] over `labels`."""
        return self(image, text).float().softmax(-1)

    def loss(self, joint: Tensor, truth: Tensor, class_weight: Tensor | None = None) -> Tensor:
        """Cross-entropy of joint vectors [B, D] against class indices [B], -1 = unknown."""
        return F.cross_entropy(self.logits(joint), truth, class_weight, ignore_index=-1, label_smoothing=0.05)


def stand_in(vectors: Tensor) -> TokenSet:
    """One token an item, in the place of a side that is missing. [B, D] -> tokens [B, 1, D]."""
    tokens = vectors.unsqueeze(1)
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
    return TokenSet(tokens, mask, mean_pool(tokens, mask), (None,) * len(tokens))


def one_vector(side: TokenSet) -> TokenSet:
    """The side as its pooled vector alone, [B, 1, D], for fusions that read no more."""
    return replace(stand_in(side.pooled), layout=side.layout)
