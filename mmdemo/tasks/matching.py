"""Matching: how well does a text fit a picture?

Two heads answer. The dual encoder gives a cosine, quick enough for thousands of texts; the cross-attention head looks
at every word and every patch of one pair. Both say a probability that was calibrated: of the pairs that get 0.7, about
70 % are true ones (Guo et al. 2017, arXiv 1706.04599).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.cross_attention import CrossAttentionFusion
from mmdemo.fusion.shared_space import SharedSpaceFusion
from mmdemo.tasks.base import Task
from mmdemo.tasks.ranking import Ranking
from mmdemo.tasks.targets import Target
from mmdemo.types import LABELS, FusionOutput, TokenSet


class Calibration(nn.Module):
    """p = sigmoid(slope * s + offset): Platt's scaling of a raw value s to a probability (Platt 1999)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("slope", torch.tensor(1.0))
        self.register_buffer("offset", torch.tensor(0.0))

    def forward(self, value: Tensor) -> Tensor:
        """[...] -> [...] in [0, 1]."""
        return torch.sigmoid(self.log_odds(value))

    def log_odds(self, value: Tensor) -> Tensor:
        """The same before the sigmoid, [...] -> [...]."""
        return self.slope * value + self.offset

    @torch.no_grad()
    def fit(self, value: Tensor, truth: Tensor, weight: Tensor | None = None, steps: int = 50) -> None:
        """Maximum likelihood by Newton's method in float64. value [n], truth [n] of 0 and 1, weight [n] of each row."""
        rows = torch.ones_like(value, dtype=torch.float64) if weight is None else weight.double()
        x = torch.stack([value.double(), torch.ones_like(value, dtype=torch.float64)], 1)  # [n, 2]
        w = torch.zeros(2, dtype=torch.float64)
        for _ in range(steps):
            p = torch.sigmoid(x @ w)
            gradient = x.T @ (rows * (truth.double() - p))
            curvature = (x * (rows * p * (1 - p)).unsqueeze(1)).T @ x + 1e-6 * torch.eye(2, dtype=torch.float64)
            w += torch.linalg.solve(curvature, gradient)
        self.slope.fill_(w[0].item())
        self.offset.fill_(w[1].item())


def of_match(probability: Tensor) -> Tensor:
    """Probability of "match" [B] -> of both labels, [B, 2]."""
    return torch.stack([1 - probability, probability], -1)


class DualEncoderMatching(Ranking):
    """Cosine of two embeddings, and the probability that the text belongs to the picture.

    Trained so that each picture finds its own caption in the batch and back (InfoNCE, van den Oord et al. 2018,
    arXiv 1807.03748, with the learned temperature of CLIP).
    """

    targets = ("similarity", "match")
    traits = frozenset({"dual_encoder"})
    labels = {"matching": LABELS["matching"]}

    def __init__(
        self, image_width: int, text_width: int, width: int = 512, readings: int = 1, narrow: int = 320
    ) -> None:
        super().__init__()
        self.fusion = SharedSpaceFusion(image_width, text_width, width, readings, narrow)
        self.log_scale = nn.Parameter(torch.tensor(2.7))  # exp(2.7) = 15
        self.calibration = Calibration()

    @property
    def width(self) -> int:
        """D of the shared space."""
        return self.fusion.width

    def embed_image(self, image: TokenSet) -> Tensor:
        """B pictures -> unit vectors [B, D]."""
        return self.fusion.embed_image(image)

    def embed_text(self, text: TokenSet) -> Tensor:
        """B texts -> unit vectors [B, D]."""
        return self.fusion.embed_text(text)

    def own_sharpness(self) -> Tensor:
        """See `Ranking.own_sharpness`."""
        return self.log_scale.exp()

    def pair_probability(self, cosine: Tensor) -> Tensor:
        """Calibrated, [...] -> [...] in [0, 1]."""
        return self.calibration(cosine)

    def similarity(self, image: TokenSet, text: TokenSet) -> Tensor:
        """Cosine of each pair, [B] in [-1, 1]."""
        return self.fusion(image, text).joint.sum(-1)

    def place_similarity(self, image: TokenSet, text: TokenSet) -> Tensor:
        """How well what each place adds to the picture's vector fits the text, [B, N] in [-1, 1]."""
        return self.fusion.place_similarity(image, text)

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """The cosine, or the log odds of "match", [B]."""
        cosine = fused.joint.sum(-1)
        return cosine if target == "similarity" else self.calibration.log_odds(cosine)

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; nothing where a side is missing, for a cosine needs both."""
        if image is None or text is None:
            return {}
        return {"matching": of_match(self.calibration(self.similarity(image, text)))}


class CrossAttentionMatching(Task):
    """Match or no match of one pair, read word by word over the patches."""

    targets = ("match",)
    traits = CrossAttentionFusion.traits
    labels = {"matching": LABELS["matching"]}

    def __init__(
        self, image_width: int, text_width: int, width: int = 256, heads: int = 4, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.fusion = CrossAttentionFusion(image_width, text_width, width, heads, dropout)
        self.head = nn.Linear(width, 1)
        self.calibration = Calibration()

    def forward(self, image: TokenSet, text: TokenSet) -> tuple[Tensor, FusionOutput]:
        """Logit of "match" [B], and the fusion with its attention."""
        fused = self.fusion(image, text)
        return self.logit(fused), fused

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """Log odds of "match", calibrated, [B]."""
        return self.calibration.log_odds(self.logit(fused))

    def logit(self, fused: FusionOutput) -> Tensor:
        """Logit of "match" from the joint vectors, [B]."""
        return self.head(fused.joint).squeeze(-1)

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; nothing where a side is missing."""
        return {} if image is None or text is None else {"matching": of_match(self.probability(image, text))}

    @torch.no_grad()
    def probability(self, image: TokenSet, text: TokenSet) -> Tensor:
        """Calibrated probability of "match" for each pair, [B] in [0, 1]."""
        return self.calibration(self(image, text)[0]).float()

    def loss(self, image: TokenSet, text: TokenSet, truth: Tensor) -> Tensor:
        """Binary cross-entropy; truth [B] is 1 for a true pair."""
        return F.binary_cross_entropy_with_logits(self(image, text)[0], truth.float())
