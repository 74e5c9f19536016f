"""What may stand in for a side that is missing, in the space of the frozen encoders.

Four ways from the textbooks on missing data (Little and Rubin 2019, chapter 4): zeros, the mean, the value of the
nearest complete case, and a regression on what was given. Read next: `fused.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import ChoiceError
from mmdemo.types import TokenSet

OTHER = {"image": "text", "text": "image"}


class Imputer(nn.Module):
    """Means, stored complete pairs, and a linear map each way, all of pooled vectors.

    Args:
        image_width, text_width: widths of the encoders' pooled vectors.
        pairs: n, number of training pairs kept for the nearest neighbour.
        rank: of the two regressions, W = A B with A [in, rank], B [rank, out].
    """

    METHODS = ("zeros", "mean", "nearest", "predicted")

    def __init__(self, image_width: int, text_width: int, pairs: int, rank: int) -> None:
        super().__init__()
        widths = {"image": image_width, "text": text_width}
        for side, width in widths.items():
            self.register_buffer(f"{side}_mean", torch.zeros(width))
            self.register_buffer(f"{side}_pairs", torch.zeros(pairs, width))
            self.register_buffer(f"{side}_narrow", torch.zeros(widths[OTHER[side]], rank))
            self.register_buffer(f"{side}_widen", torch.zeros(rank, width))

    def replace(self, missing: str, given: TokenSet, method: str) -> TokenSet:
        """One token per item for the missing side.

        Args:
            missing: "image" or "text".
            given: the other side, B items.
            method: one of `METHODS`; `ChoiceError` otherwise.
        """
        if method not in self.METHODS:
            raise ChoiceError("imputation", method, list(self.METHODS))
        return TokenSet.of_vectors(getattr(self, f"_{method}")(missing, given.pooled))

    def _zeros(self, missing: str, given: Tensor) -> Tensor:
        return torch.zeros_like(self._mean(missing, given))

    def _mean(self, missing: str, given: Tensor) -> Tensor:
        return self.get_buffer(f"{missing}_mean").expand(len(given), -1)

    def _nearest(self, missing: str, given: Tensor) -> Tensor:
        """The missing side of the stored pair whose given side is nearest by cosine, means taken away."""
        centre = self.get_buffer(f"{OTHER[missing]}_mean")
        stored = F.normalize(self.get_buffer(f"{OTHER[missing]}_pairs") - centre, dim=-1)  # [n, D]
        nearest = (F.normalize(given - centre, dim=-1) @ stored.T).argmax(1)  # [B]
        return self.get_buffer(f"{missing}_pairs")[nearest]

    def _predicted(self, missing: str, given: Tensor) -> Tensor:
        """mean + (given - its mean) A B."""
        centred = given - self.get_buffer(f"{OTHER[missing]}_mean")
        change = centred @ self.get_buffer(f"{missing}_narrow") @ self.get_buffer(f"{missing}_widen")
        return self.get_buffer(f"{missing}_mean") + change
