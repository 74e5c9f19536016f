"""Answering: a question about a photo, answered by ranking a list of answers; and the same question without the photo.

Every word of the question looks over the photo's places (`fusion/cross_attention.py`), and what comes of it is compared
with a vector for each answer: a classifier over the commonest answers, as in VQA (Antol et al. 2015, arXiv 1505.00468).
In training the photo is taken away now and then, so that the head also says what the question alone suggests: the
language prior that a class should see (Goyal et al. 2017, arXiv 1612.00837). Read next: `training/data/questions.py`.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.cross_attention import CrossAttentionFusion
from mmdemo.tasks.base import Task
from mmdemo.tasks.targets import Target, log_odds
from mmdemo.types import FusionOutput, TokenSet


class Answering(Task):
    """logits = A GELU(W h) + b, with h of the cross-attention and one row of A an answer.

    Args:
        image_width, text_width: of the towers' tokens.
        answers: the V answers, the lines of answers.txt: English, a tab, Chinese.
        width: D of the fusion.
        heads: H of its attention.
        dropout: in training only.
    """

    traits = CrossAttentionFusion.traits

    def __init__(
        self, image_width: int, text_width: int, answers: Sequence[str], width: int = 256, heads: int = 4,
        dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.answers, self.answers_zh = zip(*(line.split("\t") for line in answers), strict=True)
        self.targets, self.labels = self.answers, {"answering": self.answers}
        self.fusion = CrossAttentionFusion(image_width, text_width, width, heads, dropout)
        self.no_image = nn.Parameter(torch.zeros(image_width))
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout))
        self.choose = nn.Linear(width, len(answers))

    def forward(self, image: TokenSet | None, text: TokenSet) -> Tensor:
        """Logits [B, V]; without a photo, what the question alone suggests."""
        return self.logits(self.fuse(image, text))

    def fuse(self, image: TokenSet | None, text: TokenSet) -> FusionOutput:
        """The fusion's output, a missing photo replaced by one learned place."""
        if image is None:
            image = TokenSet.of_vectors(self.no_image.expand(len(text.tokens), -1))
        return self.fusion(image, text)

    def logits(self, fused: FusionOutput) -> Tensor:
        """h [B, D] -> [B, V]."""
        return self.choose(self.head(fused.joint))

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """Log odds of an answer, or of one answer rather than another, [B]."""
        return log_odds(self.logits(fused), self.answers, target)

    def own_target(self, fused: FusionOutput) -> Target:
        """The likeliest answer of one pair (B = 1)."""
        return self.answers[int(self.logits(fused)[0].argmax())]

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; nothing without a question."""
        return {} if text is None else {"answering": self(image, text).float().softmax(-1)}

    def loss(self, image: TokenSet | None, text: TokenSet, truth: Tensor) -> Tensor:
        """Cross-entropy; truth [B] indices of answers."""
        return F.cross_entropy(self(image, text), truth, label_smoothing=0.05)
