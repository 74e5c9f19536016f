"""One fusion, one question: the head that every fusion of the bench gets, so that only the fusion differs.

A side that is missing is replaced before the fusion sees it, by a learned "nothing here" vector or by any other vector
that somebody imputes (zeros, a mean, a neighbour's, a guess from the other side); so every fusion takes an empty side.
Read next: `imputation.py`, `training/recipes/fusions.py`.
"""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import ChoiceError
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
from mmdemo.tasks.base import Task
from mmdemo.tasks.targets import Target, log_odds
from mmdemo.types import LABELS, FusionOutput, TokenSet

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
READS_TOKENS = ("early", "cross_attention")  # the others see one vector of a picture


class FusedTask(Task):
    """logits = W_2 GELU(W_1 standardised(h)), with h the joint vector of a fusion.

    The GELU between the two matrices is needed: after a sum, a linear head could only add what each side says alone.

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
        self, fusion: str, task: str, image_width: int, text_width: int, width: int, dropout: float = 0.3,
        **options: int,
    ) -> None:  # fmt: skip
        super().__init__()
        for what, name, table in (("fusion", fusion, FUSIONS), ("task", task, LABELS)):
            if name not in table:
                raise ChoiceError(what, name, list(table))
        self.name, self.task, self.labels = fusion, task, {task: LABELS[task]}
        self.targets, self.traits = self.declared({"fusion": fusion, "task": task})
        self.fusion = FUSIONS[fusion](image_width, text_width, width, dropout=dropout, **options)
        self.no_image = nn.Parameter(torch.zeros(image_width))
        self.no_text = nn.Parameter(torch.zeros(text_width))
        self.standard = nn.BatchNorm1d(self.fusion.width, affine=False)
        hidden, out = nn.Linear(self.fusion.width, width), nn.Linear(width, len(LABELS[task]))
        self.head = nn.Sequential(nn.Dropout(dropout), hidden, nn.GELU(), out)

    @classmethod
    def declared(cls, config: Mapping[str, Any]) -> tuple[tuple[str, ...], frozenset[str]]:
        """See `Task.declared`: the labels of its question, the traits of its fusion."""
        return LABELS[config["task"]], FUSIONS[config["fusion"]].traits

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> Tensor:
        """Logits [B, C]. A side may be None; without both, what the head believes unseen [1, C]."""
        return self.logits(self.fuse(image, text).joint)

    def fuse(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """The fusion's output, a missing side replaced by its learned vector."""
        return self.fusion(*self.filled(image, text))

    def filled(self, image: TokenSet | None, text: TokenSet | None) -> tuple[TokenSet, TokenSet]:
        """Both sides, the learned "nothing here" vector in the place of a missing one."""
        count = len((image or text).tokens) if image or text else 1
        if image is None:
            image = TokenSet.of_vectors(self.no_image.expand(count, -1))
        if text is None:
            text = TokenSet.of_vectors(self.no_text.expand(count, -1))
        return image, text

    def logits(self, joint: Tensor) -> Tensor:
        """h [B, D] -> [B, C]."""
        return self.head(self.standard(joint))

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """Log odds of a label, or of one label rather than another, [B]."""
        return log_odds(self.logits(fused.joint), self.targets, target)

    def own_target(self, fused: FusionOutput) -> Target:
        """A match where that is asked, otherwise the most probable label of one pair (B = 1)."""
        return "match" if "match" in self.targets else self.targets[int(self.logits(fused.joint)[0].argmax())]

    def blank_image(self, read: TokenSet, dropped: Tensor) -> TokenSet:
        """Pictures as the fusion read them, with "nothing here" in the rows of `dropped` [B] bool: modality dropout.

        Training that sometimes takes a side away teaches a fusion to live without it (Neverova et al. 2016, "ModDrop",
        arXiv 1501.00102).
        """
        return _blank(read, self.fusion.read_image(TokenSet.of_vectors(self.no_image[None])), dropped)

    def blank_text(self, read: TokenSet, dropped: Tensor) -> TokenSet:
        """The same for texts."""
        return _blank(read, self.fusion.read_text(TokenSet.of_vectors(self.no_text[None])), dropped)

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; either side may be missing, even both."""
        return {self.task: self(image, text).float().softmax(-1)}

    def trace(self, image: TokenSet | None, text: TokenSet | None, alpha: float | None = None) -> dict[str, Tensor]:
        """The tensors of B pairs in the order they are made, by name, "logits" and "probabilities" at the end.

        Args:
            image, text: a missing side is replaced by its learned vector.
            alpha: of a weighted sum, in the place of the learned one.
        """
        image, text = self.filled(image, text)
        kind = "tokens" if self.name in READS_TOKENS else "pooled"
        tensors = {f"image.{kind}": getattr(image, kind), "text.tokens": text.tokens}
        v, t = self.fusion.read_image(image), self.fusion.read_text(text)
        fused = self.fusion.fuse(v, t) if alpha is None else FusionOutput(self.fusion.join(v.pooled, t.pooled, alpha))
        logits = self.logits(fused.joint)
        tensors |= {"v": v.tokens, "t": t.tokens, **self.fusion.insides(v, t, fused)}
        return tensors | {"joint": fused.joint, "logits": logits, "probabilities": logits.softmax(-1)}

    def loss(self, joint: Tensor, truth: Tensor, class_weight: Tensor | None = None) -> Tensor:
        """Cross-entropy of joint vectors [B, D] against class indices [B], -1 = unknown."""
        return F.cross_entropy(self.logits(joint), truth, class_weight, ignore_index=-1, label_smoothing=0.05)


def _blank(read: TokenSet, nothing: TokenSet, dropped: Tensor) -> TokenSet:
    tokens = torch.where(dropped[:, None, None], nothing.tokens, read.tokens)  # [B, N, D]
    first = torch.arange(read.mask.shape[1], device=read.mask.device)[None, :] == 0  # [1, N]
    return read.with_tokens(tokens, torch.where(dropped[:, None], first, read.mask))
