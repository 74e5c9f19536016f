"""A deterministic stand-in for the engine: the same methods and types, no model, no weights, milliseconds.

What it answers depends on the picture's mean brightness and on the letters of the text only, so a test can expect it.
"""

import re

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.engine.index import Index
from mmdemo.errors import TextError
from mmdemo.types import EngineStatus, MatchBackground, MatchingResult, ModelRow, SentimentResult, VerdictBounds
from tests.fake_answers import FakeAnswers
from tests.fake_autoencoder import FakeImagination
from tests.fake_bench import FakeBench
from tests.fake_captions import FakeCaptions
from tests.fake_explaining import FakeExplaining, fraction
from tests.fake_hub import BUILT_IN, FakeHub

LABELS = ("negative", "neutral", "positive")
CARD = {
    "name": "fake_matching",
    "title": {"en": "A <i>stand-in</i>", "zh": "替身"},
    "purpose": {"en": "Nothing at all", "zh": "什么也不做"},
    "architecture": "none: a stand-in for tests",
    "parameters": 1234567,
    "trained_on": ["Nothing <b>at all</b>"],
    "licences": ["Apache-2.0"],
    "known_failures": ["Everything"],
    "recipe": "python -m nothing",
    "metrics": [
        {"metric": "r10", "value": 44.5, "unit": "%", "dataset": "Fake8k", "split": "val", "n": 998, "seed": 0,
         "date": "2026-11-21"},
    ],
}  # fmt: skip


class FakeEngine(FakeHub, FakeExplaining, FakeBench, FakeImagination, FakeCaptions, FakeAnswers):
    """The engine's interface over arithmetic.

    Args:
        similarity: a text -> cosine table for tests that want known numbers; other texts get one from their letters.
    """

    def __init__(self, similarity: dict[str, float] | None = None) -> None:
        super().__init__()
        self.similarity = similarity or {}
        self.calls: list[str] = []
        edges = np.linspace(-0.2, 0.6, 41).astype(np.float32)
        middle = (edges[:-1] + edges[1:]) / 2
        matched, unmatched = (np.exp(-(((middle - c) / s) ** 2)) for c, s in ((0.30, 0.11), (0.05, 0.10)))
        self.background = MatchBackground(
            edges, matched / matched.sum(), unmatched / unmatched.sum(), "Fake8k val, 998 photos, 4,990 pairs each"
        )

        self.verdict_bounds = {
            "matching": VerdictBounds(0.4, 0.55, 0.1, 0.51, 0.93, 1200),
            "mean": VerdictBounds(0.45, 0.5, 0.05, 0.4, 0.9, 800),
        }  # fmt: skip
        self.match_aucs = dict.fromkeys([*self.explained_models(), "matching-gated"], 0.95) | {
            "matching": 0.98,
            "mean": 0.97,
        }

    def at_once(self) -> int:
        """As a CPU."""
        return 2

    def warm_up(self) -> None:
        """Nothing to load."""

    def match(
        self, image: Image.Image, texts: list[str], model: str = BUILT_IN, ensemble: bool = False,
        temperature: float | None = None,
    ) -> MatchingResult:  # fmt: skip
        """Cosines from the table or the letters; probability a sigmoid of the cosine."""
        self.calls.append("match")
        if model != BUILT_IN:
            return self._hub_match(image, texts, model, ensemble, temperature)
        image = inputs.read_image(image)
        texts = [inputs.clean_text(t) for t in ([texts] if isinstance(texts, str) else texts)]
        if not texts:
            raise TextError("Expected at least one text; got none.", "text_missing")
        cosine = np.array([self.similarity.get(t, 0.5 * fraction("cos", t) - 0.05) for t in texts], np.float32)
        share = np.exp(20 * (cosine - cosine.max()))
        understood = self.understood(texts)
        probability = understood / (1 + np.exp(-30 * (cosine - 0.18)))
        return MatchingResult(
            tuple(texts),
            cosine,
            probability,
            share / share.sum() if len(texts) > 1 else None,
            self.background.percentile(cosine),
            tuple(max(0, len(t) - 200) for t in texts),
            understood,
            float(self.familiar([image])[0]),
            tuple(tuple(word for word in self.words(t) if "q" in word) for t in texts),
            float(1 - probability.max()),
            self.verdict_bounds["matching"],
            tokens=tuple(self.count_tokens(t) for t in texts),
        )

    def encode_images(self, images: list[Image.Image], model: str = BUILT_IN) -> np.ndarray:
        """[B, 8] unit vectors from the size."""
        return np.stack([_unit((model, inputs.read_image(image).size)) for image in images])

    def encode_texts(self, texts: list[str], model: str = BUILT_IN) -> np.ndarray:
        """[K, 8] unit vectors from the letters."""
        return np.stack([_unit((model, inputs.clean_text(text))) for text in texts])

    def index(self, images: list[Image.Image], names: list[str] | None = None, model: str = BUILT_IN) -> Index:
        """The engine's own search through these vectors."""
        called = tuple(names or (str(i + 1) for i in range(len(images))))
        return Index(called, self.encode_images(images), model, self.encode_images, self.encode_texts)

    def match_pair(self, image: Image.Image, text: str) -> float:
        """From the size and the letters."""
        return 0.1 + 0.8 * fraction("pair", inputs.read_image(image).size, inputs.clean_text(text))

    def understood(self, texts: list[str]) -> np.ndarray:
        """0.1 for a text with "qwer" in it, 1 for every other."""
        return np.array([0.1 if "qwer" in text else 1.0 for text in texts], np.float32)

    def familiar(self, images: list[Image.Image]) -> np.ndarray:
        """0.2 for a picture of one grey, 0.9 for every other."""
        flat = [np.asarray(inputs.read_image(image).convert("L")).std() < 1 for image in images]
        return np.where(flat, 0.2, 0.9).astype(np.float32)

    def sentiment(self, image: Image.Image | None = None, text: str | None = None) -> SentimentResult:
        """Picture: by its brightness; text: by its letters; both: their mean."""
        self.calls.append("sentiment")
        text = text if text and text.strip() else None
        if image is None and text is None:
            raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
        sides = [None, None]
        if image is not None:
            bright = float(np.asarray(inputs.read_image(image).convert("L")).mean()) / 255
            sides[0] = np.array([1.1 - bright, 0.7, 0.2 + bright], np.float32) / 2
        if text is not None:
            weights = np.array([0.1 + fraction(label, inputs.clean_text(text)) for label in LABELS], np.float32)
            sides[1] = weights / weights.sum()
        given = [s for s in sides if s is not None]
        disagree = len(given) == 2 and given[0].argmax() != given[1].argmax()
        understood = None if text is None else float(self.understood([text])[0])
        familiar = None if image is None else float(self.familiar([image])[0])
        note = "disagree" if disagree else ""
        accuracy = None if len(given) == 1 else 0.61 if disagree else 0.78
        return SentimentResult(LABELS, np.mean(given, axis=0), sides[0], sides[1], note, understood, familiar, accuracy)

    def words(self, text: str) -> tuple[str, ...]:
        """English words, single Chinese characters, marks."""
        return tuple(re.findall(r"[a-zA-Z0-9']+|[^\sa-zA-Z0-9']", inputs.clean_text(text)))

    def status(self) -> EngineStatus:
        """A CPU, offline, one card."""
        rows = (ModelRow("fake_matching", "matching", "fake_matching", "eye", ""), ModelRow("eye", "image_encoder", ""))
        last = (self.calls[-1], 12.3) if self.calls else None
        return EngineStatus("cpu", True, (CARD,), last, {"torch": "0.0"}, rows)


def _unit(seed: object) -> np.ndarray:
    vector = np.array([fraction(seed, i) - 0.5 for i in range(8)], np.float32)
    return vector / np.linalg.norm(vector)
