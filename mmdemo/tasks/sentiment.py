"""Sentiment: is what picture and text say together negative, neutral or positive?

Three classifiers share the encoders: one sees the picture, one the text, one both through the concat fusion. All three
verdicts are shown, for the most interesting pairs are those where the sides disagree.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.fusion.concat import ConcatFusion
from mmdemo.tasks.targets import Target, log_odds
from mmdemo.types import FusionOutput, SentimentResult, TokenSet

LABELS = ("negative", "neutral", "positive")


class Sentiment(nn.Module):
    """Image-only, text-only and fused sentiment.

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's pooled vector.
        width: D of the fusion.
        dropout: in training only.
    """

    targets = LABELS

    def __init__(self, image_width: int, text_width: int, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.fusion = ConcatFusion(image_width, text_width, width, dropout)
        self.image_head = nn.Linear(width, len(LABELS))
        self.text_head = nn.Linear(width, len(LABELS))
        self.joint_head = nn.Linear(width, len(LABELS))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> tuple[Tensor | None, Tensor | None, Tensor]:
        """Logits [B, 3] of the image side (or None), the text side (or None), and the verdict.

        The verdict of a single side is that side's own head: there is nothing to fuse.
        """
        if image is None and text is None:
            raise IncompatibleError("Sentiment needs a picture or a text; both are missing.")
        a, b = self.fusion.project_image(image), self.fusion.project_text(text)  # [B, D] each, or None
        image_logits = None if a is None else self.image_head(a)
        text_logits = None if b is None else self.text_head(b)
        if a is None or b is None:
            return image_logits, text_logits, text_logits if a is None else image_logits
        return image_logits, text_logits, self.joint_head(self.fusion.join(a, b))

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Joint vectors [B, D] of pairs."""
        return self.fusion(image, text)

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """Log odds of a label, or of one label rather than another, [B]."""
        return log_odds(self.joint_head(fused.joint), LABELS, target)

    def own_target(self, fused: FusionOutput) -> Target:
        """The most probable label of one pair (B = 1)."""
        return LABELS[int(self.joint_head(fused.joint)[0].argmax())]

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> SentimentResult:
        """The three verdicts on one picture, one text, or one pair (B = 1)."""
        image_only, text_only, both = (_probabilities(x) for x in self(image, text))
        disagree = image_only is not None and text_only is not None and image_only.argmax() != text_only.argmax()
        return SentimentResult(LABELS, both, image_only, text_only, "disagree" if disagree else "")

    def loss(self, logits: Tensor | None, truth: Tensor, class_weight: Tensor | None = None) -> Tensor:
        """Cross-entropy over rows with a known label. logits [B, 3], truth [B] with -1 = unknown."""
        if logits is None or not bool((truth >= 0).any()):
            return torch.zeros(())
        return F.cross_entropy(logits, truth, weight=class_weight, ignore_index=-1, label_smoothing=0.05)


def _probabilities(logits: Tensor | None) -> np.ndarray | None:
    return None if logits is None else logits[0].float().softmax(-1).cpu().numpy()
