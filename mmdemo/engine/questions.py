"""Match and sentiment: the questions of the first page.

Read next: `tasks/matching.py`, `tasks/sentiment.py`, `explaining.py`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from mmdemo import loading
from mmdemo.engine.reader import BATCH, Reader
from mmdemo.errors import TextError
from mmdemo.types import MatchBackground, MatchingResult, SentimentResult, TokenSet


class Questions(Reader):
    """Pictures and strings in, typed results out."""

    _background: MatchBackground | None = None

    @torch.no_grad()
    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Pictures -> unit vectors [B, D] float32 in the space shared with texts."""
        with self._call("encode_images"):
            embed = self._module("matching").fusion.embed_image
            chunks = [embed(_pooled(self._read_images(images[i : i + BATCH]))) for i in range(0, len(images), BATCH)]
            return torch.cat(chunks or [self._no_rows()]).cpu().numpy()

    @torch.no_grad()
    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> unit vectors [K, D] float32; a dot product with a picture's vector is the similarity."""
        with self._call("encode_texts"):
            embed = self._module("matching").fusion.embed_text
            chunks = [embed(_pooled(self._read_texts(texts[i : i + BATCH]))) for i in range(0, len(texts), BATCH)]
            return torch.cat(chunks or [self._no_rows()]).cpu().numpy()

    @torch.no_grad()
    def match(self, image: Image.Image, texts: Sequence[str] | str) -> MatchingResult:
        """How well each of K texts fits the picture.

        Args:
            image: a PIL picture of any mode; it is turned upright and made RGB.
            texts: K >= 1 texts, English or Chinese (one string counts as one text).

        Raises:
            ImageError, TextError: there is no picture, no text, or one of them cannot be used.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts:
            raise TextError("Expected at least one text to compare with the picture; got none.", "text_missing")
        with self._call("match"):
            head = self._module("matching")
            picture = self._read_images([image])[0]
            read = self._read_texts(texts)
            return head.predict(
                head.fusion.embed_image(picture.pooled)[0],
                head.fusion.embed_text(_pooled(read)),
                tuple(t.layout[0].text for t in read),
                tuple(t.layout[0].cut_tokens for t in read),
                self.background,
            )

    @torch.no_grad()
    def match_pair(self, image: Image.Image, text: str) -> float:
        """Calibrated probability of "match" by the cross-attention head, which reads word by word over the patches."""
        with self._call("match_pair"):
            picture, read = self._read_images([image])[0], self._read_texts([text])[0]
            return float(self._module("cross_attention").predict(picture, read)[0])

    @torch.no_grad()
    def sentiment(self, image: Image.Image | None = None, text: str | None = None) -> SentimentResult:
        """Negative, neutral or positive, by picture, by text, and by both; either side may be None, not both."""
        if image is None and (text is None or not text.strip()):
            raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
        with self._call("sentiment"):
            picture = None if image is None else self._read_images([image])[0]
            read = None if text is None or not text.strip() else self._read_texts([text])[0]
            return self._module("sentiment").predict(picture, read)

    @property
    def background(self) -> MatchBackground:
        """Cosines of matched and unmatched validation pairs, from the matching card."""
        if self._background is None:
            kept = {
                k: loading.from_card("matching", "background", k) for k in ("edges", "matched", "unmatched", "source")
            }
            arrays = {k: np.asarray(kept[k], np.float32) for k in ("edges", "matched", "unmatched")}
            self._background = MatchBackground(**arrays, source=kept["source"])
        return self._background

    def _no_rows(self) -> torch.Tensor:
        return torch.empty(0, self._module("matching").fusion.width)


def _pooled(tokens: list[TokenSet]) -> torch.Tensor:
    return torch.cat([t.pooled for t in tokens])  # [B, D]
