"""How well does a text fit a picture: the vectors, the match of many texts, and the match of one pair word by word.

Read next: `tasks/matching.py`, `familiarity.py`, `sentiment.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmdemo import loading
from mmdemo.engine.familiarity import FamiliarityService
from mmdemo.engine.models import BATCH, Models
from mmdemo.engine.verdicts import verdict_bounds
from mmdemo.errors import TextError
from mmdemo.tasks.none_of_these import none_of_these
from mmdemo.types import MatchBackground, MatchingResult, TokenSet, VerdictBounds

MODEL, PAIR_MODEL = "matching", "cross_attention"  # rows of the table


class MatchService:
    """Pictures and strings in, similarities and probabilities out."""

    def __init__(self, models: Models, familiarity: FamiliarityService) -> None:
        self.models, self.familiarity = models, familiarity

    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Pictures -> unit vectors [B, D] float32 in the space shared with texts.

        Raises:
            ImageError: a picture cannot be used.
        """
        with self.models.call("encode_images"):
            return self._embedded(images, self.models.read_images, self.models.load(MODEL).fusion.embed_image)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> unit vectors [K, D] float32; a dot product with a picture's vector is the similarity.

        Raises:
            TextError: a text cannot be used.
        """
        with self.models.call("encode_texts"):
            return self._embedded(texts, self.models.read_texts, self.models.load(MODEL).fusion.embed_text)

    @torch.no_grad()
    def match(self, image: Image.Image, texts: Sequence[str] | str) -> MatchingResult:
        """How well each of K texts fits the picture.

        Args:
            image: a PIL picture of any mode; it is turned upright and made RGB.
            texts: K >= 1 texts, English or Chinese (one string counts as one text).

        Returns:
            the head's answer; each probability is `understood` times what the head says, so that a text which is more
            likely nonsense than not never exceeds one half.

        Raises:
            ImageError, TextError: there is no picture, no text, or one of them cannot be used.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts:
            raise TextError("Expected at least one text to compare with the picture; got none.", "text_missing")
        with self.models.call("match"):
            head = self.models.load(MODEL)
            (picture,) = self.models.read_images([image], MODEL)
            read = self.models.read_texts(texts, MODEL)
            result = head.rank(
                head.fusion.embed_image(picture)[0],
                head.fusion.embed_text(TokenSet.join(read)),
                tuple(t.layout[0].text for t in read),
                tuple(t.layout[0].cut_tokens for t in read),
                self.background,
            )
            understood = self.familiarity.of_texts(texts, read, MODEL)
            probability = result.probability * understood
            return replace(
                result,
                probability=probability,
                understood=understood,
                familiar=self.familiarity.of_image(image, picture, MODEL),
                unread=tuple(tuple(t.layout[0].words[i] for i in t.layout[0].unread) for t in read),
                none_of_these=none_of_these(probability),
                bounds=self.bounds,
            )

    @torch.no_grad()
    def match_pair(self, image: Image.Image, text: str) -> float:
        """Calibrated probability of "match" by the cross-attention head, which reads word by word over the patches.

        As in `match` it is multiplied by `understood`: below one half for a text that is more likely nonsense than not.

        Raises:
            ImageError, TextError: one of them is missing or cannot be used.
        """
        with self.models.call("match_pair"):
            (picture,) = self.models.read_images([image], PAIR_MODEL)
            read = self.models.read_texts([text], PAIR_MODEL)
            probability = self.models.load(PAIR_MODEL).probability(picture, read[0])
            return float(probability[0] * self.familiarity.of_texts([text], read, PAIR_MODEL)[0])

    @cached_property
    def bounds(self) -> VerdictBounds:
        """Between which probabilities there is no verdict, from the matching card."""
        return verdict_bounds()[MODEL]

    @cached_property
    def background(self) -> MatchBackground:
        """Cosines of matched and unmatched validation pairs, from the matching card."""
        kept = {k: loading.from_card(MODEL, "background", k) for k in ("edges", "matched", "unmatched", "source")}
        arrays = {k: np.asarray(kept[k], np.float32) for k in ("edges", "matched", "unmatched")}
        return MatchBackground(**arrays, source=kept["source"])

    @torch.no_grad()
    def _embedded(
        self, items: Sequence[Any], read: Callable[..., list[TokenSet]], embed: Callable[[TokenSet], Tensor]
    ) -> np.ndarray:
        """[n, D] of any number of items, `BATCH` at a time."""
        parts = [embed(TokenSet.join(read(items[i : i + BATCH], MODEL))) for i in range(0, len(items), BATCH)]
        none = torch.empty(0, self.models.load(MODEL).fusion.width)
        return torch.cat(parts or [none]).cpu().numpy()
