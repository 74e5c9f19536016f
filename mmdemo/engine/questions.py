"""Match and sentiment: the questions of the first page; and whether an answer can be believed at all.

Read next: `tasks/matching.py`, `tasks/sentiment.py`, `tasks/familiarity.py`, `explaining.py`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from mmdemo import loading
from mmdemo.engine.reader import BATCH, Reader
from mmdemo.errors import TextError
from mmdemo.tasks.none_of_these import none_of_these
from mmdemo.types import MatchBackground, MatchingResult, SentimentResult, TokenSet


class Questions(Reader):
    """Pictures and strings in, typed results out."""

    _background: MatchBackground | None = None

    @torch.no_grad()
    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Pictures -> unit vectors [B, D] float32 in the space shared with texts."""
        with self._call("encode_images"):
            embed = self._module("matching").fusion.embed_image
            parts = [self._read_images(images[i : i + BATCH], "matching") for i in range(0, len(images), BATCH)]
            return torch.cat([embed(TokenSet.join(part)) for part in parts] or [self._no_rows()]).cpu().numpy()

    @torch.no_grad()
    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> unit vectors [K, D] float32; a dot product with a picture's vector is the similarity."""
        with self._call("encode_texts"):
            embed = self._module("matching").fusion.embed_text
            parts = [self._read_texts(texts[i : i + BATCH], "matching") for i in range(0, len(texts), BATCH)]
            return torch.cat([embed(TokenSet.join(part)) for part in parts] or [self._no_rows()]).cpu().numpy()

    def understood(self, texts: Sequence[str]) -> np.ndarray:
        """The probability that each text is one that the text tower can read, [K] float32 in [0, 1].

        English and Chinese are; noise of the keyboard, other scripts, and strings of signs or emoji are not. It is
        calibrated over as many real texts as made-up ones; see the card of "familiarity".
        """
        with self._call("understood"):
            return self._understood(self._read_texts(texts, "text_familiarity"))

    def familiar(self, images: Sequence[Image.Image]) -> np.ndarray:
        """The probability that each picture is like photographs, [B] float32 in [0, 1]; noise and drawings are not."""
        with self._call("familiar"):
            return self._familiar(self._read_images(images, "image_familiarity"))

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
        with self._call("match"):
            head = self._module("matching")
            picture = self._read_images([image], "matching")[0]
            read = self._read_texts(texts, "matching")
            found = head.predict(
                head.fusion.embed_image(picture)[0],
                head.fusion.embed_text(TokenSet.join(read)),
                tuple(t.layout[0].text for t in read),
                tuple(t.layout[0].cut_tokens for t in read),
                self.background,
            )
            return self._doubted(found, picture, read)

    @torch.no_grad()
    def match_pair(self, image: Image.Image, text: str) -> float:
        """Calibrated probability of "match" by the cross-attention head, which reads word by word over the patches.

        As in `match` it is multiplied by `understood`: below one half for a text that is more likely nonsense than not.
        """
        with self._call("match_pair"):
            model = "cross_attention"
            picture, read = self._read_images([image], model)[0], self._read_texts([text], model)[0]
            return float(self._module(model).predict(picture, read)[0] * self._understood([read])[0])

    @torch.no_grad()
    def sentiment(self, image: Image.Image | None = None, text: str | None = None) -> SentimentResult:
        """Negative, neutral or positive, by picture, by text, and by both; either side may be None, not both."""
        if image is None and (text is None or not text.strip()):
            raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
        with self._call("sentiment"):
            model, blank = "sentiment", text is None or not text.strip()
            picture = None if image is None else self._read_images([image], model)[0]
            read = None if blank else self._read_texts([text], model)[0]
            return replace(
                self._module(model).predict(picture, read),
                understood=None if read is None else float(self._understood([read])[0]),
                familiar=None if picture is None else float(self._familiar([picture])[0]),
            )

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

    def _doubted(self, found: MatchingResult, picture: TokenSet, read: list[TokenSet]) -> MatchingResult:
        """The head's answer with what is known of its inputs; each probability times `understood`."""
        understood = self._understood(read)
        probability = found.probability * understood
        return replace(
            found,
            probability=probability,
            understood=understood,
            familiar=float(self._familiar([picture])[0]),
            unread=tuple(tuple(t.layout[0].words[i] for i in t.layout[0].unread) for t in read),
            none_of_these=none_of_these(probability),
        )

    def _understood(self, read: list[TokenSet]) -> np.ndarray:
        """[K] of texts read one by one."""
        head = self._module("text_familiarity")
        return np.concatenate([np.zeros(0, np.float32), *(head.predict(text) for text in read)])

    def _familiar(self, read: list[TokenSet]) -> np.ndarray:
        """[B] of pictures read one by one."""
        head = self._module("image_familiarity")
        return np.concatenate([np.zeros(0, np.float32), *(head.predict(picture) for picture in read)])

    def _no_rows(self) -> torch.Tensor:
        return torch.empty(0, self._module("matching").fusion.width)
