"""Match, sentiment and explanation: the three questions of the first page.

Read next: `tasks/matching.py`, `tasks/sentiment.py`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from mmdemo import inputs, loading
from mmdemo.engine.reader import BATCH, Reader
from mmdemo.errors import ChoiceError, TextError
from mmdemo.explain import grid
from mmdemo.explain.attention import CrossAttention
from mmdemo.explain.base import ExplanationMethod, Subject
from mmdemo.explain.gradcam import GradCam
from mmdemo.types import Explanation, MatchBackground, MatchingResult, SentimentResult, TextLayout, TokenSet

METHODS: dict[str, tuple[ExplanationMethod, str]] = {
    "cross_attention": (CrossAttention(), "cross_attention"),
    "gradcam": (GradCam(), "matching"),
}


class Questions(Reader):
    """Pictures and strings in, typed results out."""

    methods: tuple[str, ...] = tuple(METHODS)
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

    def explain(
        self, image: Image.Image, text: str, method: str | None = None, word: int | str | None = None
    ) -> Explanation:
        """Where in the picture, and on which words, the answer rests.

        Args:
            image: a PIL picture.
            text: one text.
            method: one of `methods`; None takes the first.
            word: index into `words(text)`, or the word itself (several Chinese characters are found as a run);
                None explains the whole text.

        Raises:
            ChoiceError: no such method. TextError: the word is not in the text.
        """
        name = method or self.methods[0]
        if name not in METHODS:
            raise ChoiceError("method", name, list(METHODS))
        with self._call("explain"):
            picture, read = self._read_images([image])[0], self._read_texts([text])[0]
            layout = read.layout[0]
            chosen = None if word is None else _find_words(layout, word)
            mask = None if chosen is None else grid.tokens_of_words(layout, chosen).to(self.device)
            how, head = METHODS[name]
            weights = how.explain(self._subject(head), picture, read, mask)
            patch_map = grid.to_patch_map(weights.patches, picture.layout[0]).float().cpu()
        return Explanation(
            patch_map=patch_map.numpy(),
            image_map=grid.to_image_map(patch_map, picture.layout[0]),
            word_weights=grid.to_word_weights(weights.tokens, layout),
            method=name,
            signed=how.signed,
            word=None if chosen is None else chosen[0],
        )

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text, as `explain` counts them: English words, single Chinese characters, marks."""
        batch = self._module("bert").prepare([inputs.clean_text(text)])
        return batch.layout[0].words

    @property
    def background(self) -> MatchBackground:
        """Cosines of matched and unmatched validation pairs, from the matching card."""
        if self._background is None:
            kept = loading.read_card("matching")["background"]
            arrays = {k: np.asarray(kept[k], np.float32) for k in ("edges", "matched", "unmatched")}
            self._background = MatchBackground(**arrays, source=kept["source"])
        return self._background

    def _no_rows(self) -> torch.Tensor:
        return torch.empty(0, self._module("matching").fusion.width)

    def _subject(self, name: str) -> Subject:
        head = self._module(name)
        if hasattr(head, "similarity"):
            return Subject(head.similarity)
        return Subject(lambda image, text: head(image, text)[0], lambda image, text: head(image, text)[1])


def _pooled(tokens: list[TokenSet]) -> torch.Tensor:
    return torch.cat([t.pooled for t in tokens])  # [B, D]


def _find_words(layout: TextLayout, word: int | str) -> range:
    """The words meant by an index, or by a string that one word or a run of words spells; `TextError` otherwise."""
    words = [w.lower() for w in layout.words]
    if isinstance(word, int) and 0 <= word < len(words):
        return range(word, word + 1)
    wanted = str(word).lower().replace(" ", "")
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if wanted and "".join(words[start:end]) == wanted and not isinstance(word, int):
                return range(start, end)
    listed = ", ".join(layout.words[:40])
    raise TextError(
        f"Expected one of the words of the text ({listed}); got {str(word)[:40]!r}.",
        "unknown_word",
        word=str(word)[:40],
        words=list(layout.words),
    )
