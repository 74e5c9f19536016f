"""Sentiment: is what picture and text say together negative, neutral or positive?

Three classifiers share two readings: one sees the picture, one the text, one both. The third sees a feature-level
fusion beside the two verdicts (late fusion), for the verdict of a side is what the pair most often says. Several small
networks, trained apart, are averaged: they err on different pairs (Hansen and Salamon 1990). All three verdicts are
shown, for the most interesting pairs are those where the sides disagree. Each has its own temperature, so that of the
answers given with 70 % about 70 % are right (Guo et al. 2017, arXiv 1706.04599).
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.fusion.base import Projection
from mmdemo.tasks.base import Task
from mmdemo.tasks.targets import Target, log_odds
from mmdemo.types import FEELINGS, FusionOutput, SentimentResult, TokenSet

VERDICTS = ("image", "text", "both")
Logits = tuple[Tensor | None, Tensor | None, Tensor]


class SentimentMember(nn.Module):
    """One of the networks whose answers are averaged.

    The text side is twice as wide and less silenced in training: it learns from ten times as many examples.

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's pooled vector.
        width: D of the picture's reading v and of the fusion h; the text's reading t has 2 D.
        image_dropout: share of the picture's inputs and hidden units silenced, in training only; the mix's too.
        text_dropout: likewise of the text's.
    """

    def __init__(
        self, image_width: int, text_width: int, width: int, image_dropout: float = 0.6, text_dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.see = Projection(image_width, width, image_dropout)
        self.read = Projection(text_width, 2 * width, text_dropout)
        silence = nn.Dropout(image_dropout)
        self.mix = nn.Sequential(silence, nn.Linear(3 * width, width), nn.GELU(), silence)
        self.image_head = nn.Linear(width, len(FEELINGS))
        self.text_head = nn.Linear(2 * width, len(FEELINGS))
        self.joint_head = nn.Linear(width + 2 * len(FEELINGS), len(FEELINGS))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> Logits:
        """Logits [B, 3] of the image side (or None), the text side (or None), and the verdict on what is given."""
        if image is None or text is None:  # a single side's verdict is its own head's: there is nothing to fuse
            of_image = None if image is None else self.image_head(self.see(image.pooled))
            of_text = None if text is None else self.text_head(self.read(text.pooled))
            return of_image, of_text, of_text if of_image is None else of_image
        joint = self.join(image, text)
        return *joint[:, -2 * len(FEELINGS) :].chunk(2, -1), self.joint_head(joint)

    def join(self, image: TokenSet, text: TokenSet) -> Tensor:
        """What the joint head reads of a pair: h = MLP([v; t]) and the logits of both sides, [B, D + 6]."""
        v, t = self.see(image.pooled), self.read(text.pooled)  # [B, D], [B, 2 D]
        return torch.cat([self.mix(torch.cat([v, t], -1)), self.image_head(v), self.text_head(t)], -1)


class Sentiment(Task):
    """Image-only, text-only and fused sentiment.

    Args:
        image_width: width of the image encoder's pooled vector.
        text_width: width of the text encoder's pooled vector.
        width: D of each member's fusion.
        members: K, how many networks are averaged.
    """

    targets = FEELINGS
    labels = {"sentiment": FEELINGS}

    def __init__(self, image_width: int, text_width: int, width: int = 128, members: int = 3) -> None:
        super().__init__()
        self.members = nn.ModuleList(SentimentMember(image_width, text_width, width) for _ in range(members))
        self.register_buffer("temperature", torch.ones(len(VERDICTS)))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> Logits:
        """Calibrated logits [B, 3] of the image side (or None), the text side (or None), and the verdict.

        The verdict on a single side is that side's own.
        """
        if image is None and text is None:
            raise IncompatibleError("Sentiment needs a picture or a text; both are missing.")
        said = zip(*(member(image, text) for member in self.members), strict=True)
        of_image, of_text, verdict = (None if some[0] is None else torch.stack(some).mean(0) for some in said)
        of_image = None if of_image is None else of_image / self.temperature[0]
        of_text = None if of_text is None else of_text / self.temperature[1]
        if of_image is None or of_text is None:
            return of_image, of_text, of_text if of_image is None else of_image
        return of_image, of_text, verdict / self.temperature[2]

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Joint vectors of pairs, the members' side by side, [B, K (D + 6)]."""
        return FusionOutput(torch.cat([member.join(image, text) for member in self.members], -1))

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """Log odds of a label, or of one label rather than another, [B]."""
        return log_odds(self._verdict(fused), FEELINGS, target)

    def own_target(self, fused: FusionOutput) -> Target:
        """The most probable label of one pair (B = 1)."""
        return FEELINGS[int(self._verdict(fused)[0].argmax())]

    def _verdict(self, fused: FusionOutput) -> Tensor:
        """The calibrated joint logits [B, 3] from the joint vectors."""
        parts = fused.joint.chunk(len(self.members), -1)  # K of [B, D + 6]
        logits = [member.joint_head(part) for member, part in zip(self.members, parts, strict=True)]
        return torch.stack(logits).mean(0) / self.temperature[2]

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`: the verdict on what is given."""
        return {"sentiment": self(image, text)[2].float().softmax(-1)}

    @torch.no_grad()
    def verdicts(self, image: TokenSet | None, text: TokenSet | None) -> SentimentResult:
        """The three verdicts on one picture, one text, or one pair (B = 1)."""
        image_only, text_only, both = (_probabilities(x) for x in self(image, text))
        disagree = image_only is not None and text_only is not None and image_only.argmax() != text_only.argmax()
        return SentimentResult(FEELINGS, both, image_only, text_only, "disagree" if disagree else "")


def fit_temperature(logits: Tensor, truth: Tensor) -> float:
    """The T that makes softmax(logits / T) likeliest, by golden-section search over log T. logits [n, C], truth [n]."""
    known = truth >= 0
    x, y = logits[known].double(), truth[known]

    def cost(log_t: float) -> float:
        return float(F.cross_entropy(x / np.exp(log_t), y))

    low, high, ratio = -2.0, 2.5, (5**0.5 - 1) / 2
    for _ in range(40):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if cost(a) < cost(b) else (a, high)
    return float(np.exp((low + high) / 2))


def _probabilities(logits: Tensor | None) -> np.ndarray | None:
    return None if logits is None else logits[0].float().softmax(-1).cpu().numpy()
