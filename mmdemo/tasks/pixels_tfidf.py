"""The oldest system: raw pixels and TF-IDF side by side, compared by cosine. No network anywhere.

As in the tutorial, it recognises: of a gallery of stored (photo, description) pairs, which is nearest to a new one? Two
things are mended. Pixels are numbers up to 1, 12,288 of them, and TF-IDF vectors have length 1, so side by side the
pixels would drown the words: here each side is first taken from its mean and brought to length 1. And a photo cannot be
matched to a text when the two spaces have nothing to do with each other: a linear map fitted by ridge regression goes
from pixels to TF-IDF (Hoerl and Kennard 1970), W = (Z^T Z + lambda I)^-1 Z^T T. Pixels enter as 32 principal
coordinates (Pearson 1901), which hold 71 % of the variance of Flickr8k's photos; 512 of them gained 0.01 of AUC.
Read next: `cnn_lstm.py`, `training/recipes/pixels_tfidf.py`.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.tasks.base import Task
from mmdemo.tasks.matching import Calibration, of_match
from mmdemo.types import FEELINGS, LABELS, TokenSet


class PixelsTfidf(Task):
    """Gallery, ridge map and logistic regression over the same two vectors. All numbers are fitted in closed form.

    Args:
        pixels: P, width of the pixel encoder.
        words: V, width of the TF-IDF encoder.
        kept: K, principal coordinates of a picture.
        gallery: G, stored pairs.
        captions: their descriptions, one string a pair: an English caption, a tab, a Chinese one.
    """

    labels = LABELS

    def __init__(
        self, pixels: int, words: int, kept: int = 32, gallery: int = 400, captions: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.captions = tuple(captions)
        self.pixel_mean = _fitted(pixels)
        self.basis = _fitted(pixels, kept)  # columns of length 1
        self.spread = _fitted(kept)  # deviation of each coordinate over the training photos
        self.text_mean = _fitted(words)
        self.ridge = _fitted(kept, words)
        self.weight = _fitted(len(FEELINGS), kept + words)
        self.bias = _fitted(len(FEELINGS))
        self.gallery = _fitted(gallery, kept)  # coordinates of the stored photos
        self.calibration = Calibration()

    def coordinates(self, pooled: Tensor) -> Tensor:
        """Pixels [B, P] -> principal coordinates [B, K]."""
        return (pooled - self.pixel_mean) @ self.basis

    def similarity(self, image: TokenSet, text: TokenSet) -> Tensor:
        """Cosine of the words expected from the pixels and the words given, each from its mean, [B] in [-1, 1]."""
        expected = self.coordinates(image.pooled) / self.spread @ self.ridge  # [B, V]
        return F.cosine_similarity(expected, text.pooled - self.text_mean, dim=-1)

    def sentiment(self, image: TokenSet | None, text: TokenSet | None) -> Tensor:
        """Logits [B, 3] of a logistic regression over both vectors side by side; a missing side adds nothing."""
        k, logits = len(self.spread), self.bias
        if image is not None:
            logits = logits + self.coordinates(image.pooled) / self.spread @ self.weight[:, :k].T
        if text is not None:
            logits = logits + text.pooled @ self.weight[:, k:].T
        return logits

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; a cosine needs both sides."""
        feeling = {"sentiment": self.sentiment(image, text).softmax(-1)}
        if image is None or text is None:
            return feeling
        return feeling | {"matching": of_match(self.calibration(self.similarity(image, text)))}

    @torch.no_grad()
    def recognise(self, image: TokenSet | None, text: TokenSet | None, stored: Tensor) -> Tensor:
        """Cosine of each new pair with each stored one, both sides beside each other at length 1 each, [B, G].

        Args:
            stored: TF-IDF of the gallery's descriptions, [G, V]; its photos are kept in the module.

        With both halves of length 1 the cosine of the whole is the mean of the halves' cosines.
        """
        halves = []
        if image is not None:
            halves.append(_cosines(self.coordinates(image.pooled), self.gallery))
        if text is not None:
            halves.append(_cosines(text.pooled - self.text_mean, stored - self.text_mean))
        return torch.stack(halves).mean(0)


def _fitted(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(*shape), requires_grad=False)


def _cosines(a: Tensor, b: Tensor) -> Tensor:
    """[B, D], [G, D] -> [B, G]."""
    return F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T
