"""The stand-in's models of the Hub: one here, one missing, one whose download fails, one refused; no file anywhere."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import ChoiceError, WeightsError
from mmdemo.types import FetchProgress, HubModel, LockedFile, MatchBackground, MatchingResult, MatrixResult
from tests.fake_explaining import fraction

BUILT_IN = "matching"
STEPS = 6
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = (LockedFile("config.json", 4_123, "ab" * 32), LockedFile("model.safetensors", 1_499_995_877, "cd" * 32))
LONGEST = {BUILT_IN: 512, "clip_b32": 77, "siglip2": 64, "multilingual_clip": 77}
TEMPERATURE = {"clip_b32": 0.01, "siglip2": 0.00886, "multilingual_clip": 0.01}
TEMPLATES = ("a photo of {}", "a drawing of {}", "{}")


def row(name: str, title: str, repository: str, size: int, languages: tuple[str, ...], **other: object) -> HubModel:
    """One row that answers Match."""
    kept = {"paper": "Someone 2021, arXiv 2103.00020", "revision": "main", "licence": "MIT", "free": 50_000_000_000}
    return HubModel(
        name, "dual_encoder", ("matching",), title=title, repository=repository, size=size, languages=languages,
        published=(("ImageNet zero-shot", "ImageNet val", 63.2, "%", "Table 11 of the paper"),),
        **kept | {"state": "missing"} | other,
    )  # fmt: skip


class FakeHub:
    """`hub_models`, `fetch`, `cancel_fetch` and what a model of the Hub answers, over arithmetic.

    Attributes:
        fetch_seconds: what one of the steps of a download takes.
    """

    def __init__(self) -> None:
        self.fetch_seconds = 0.0
        self.cancelled = threading.Event()
        self.rows = {
            one.name: one
            for one in (
                row("clip_b32", "CLIP ViT-B/32", "openai/clip-vit-base-patch32", 605_000_000, ("en",)),
                row("siglip2", "SigLIP 2 base", "google/siglip2-base-patch16-224", 1_500_000_000, ("*",),
                    state="here", commit=COMMIT, files=FILES, licence="Apache-2.0"),
                row("multilingual_clip", "Multilingual CLIP", "someone/<b>clip</b>", 4_000_000_000, ("en", "zh", "de"),
                    free=2_000_000_000),
                row("clip_l14", "CLIP ViT-L/14", "openai/clip-vit-large-patch14", 1_700_000_000, ("en",),
                    state="refused", why="memory"),
            )
        }  # fmt: skip

    def hub_models(self) -> tuple[HubModel, ...]:
        """All rows as they stand."""
        return tuple(self.rows.values())

    def match_models(self) -> tuple[str, ...]:
        """The built-in one, and those that are here."""
        return BUILT_IN, *(name for name, one in self.rows.items() if one.state == "here")

    def fetch(self, name: str) -> Iterator[FetchProgress]:
        """A few steps, then it is here; the multilingual one fails half way."""
        one = self._offered(name)
        self.cancelled.clear()
        self.rows[name] = replace(one, state="fetching")
        for step in range(STEPS + 1):
            done = one.size * step // STEPS
            if self.cancelled.wait(self.fetch_seconds):
                self.rows[name] = replace(one, state="missing")
                yield FetchProgress(name, done, one.size, "", "cancelled")
                return
            if name == "multilingual_clip" and 2 * step > STEPS:
                self.rows[name] = replace(one, state="missing")
                problem = WeightsError("Nothing answers at the Hub. Try again later.", "hub_gone")
                yield FetchProgress(name, done, one.size, "", "failed", problem)
                return
            yield FetchProgress(name, done, one.size, "model.safetensors")
        self.rows[name] = replace(one, state="here", commit=COMMIT, files=FILES)
        yield FetchProgress(name, one.size, one.size, "", "done")

    def cancel_fetch(self, name: str) -> None:
        """The download stops at its next step."""
        self.cancelled.set()

    def count_tokens(self, text: str, model: str = BUILT_IN) -> tuple[int, int]:
        """One a word and one a Chinese character, and two marks."""
        return 2 + len(re.findall(r"[a-zA-Z0-9']+|[^\sa-zA-Z0-9']", text)), LONGEST[model]

    def match_background(self, model: str = BUILT_IN) -> MatchBackground:
        """The built-in one's, moved."""
        if model == BUILT_IN:
            return self.background
        nothing = np.zeros_like(self.background.matched)
        return replace(self.background, matched=nothing, source="shipped captions", captions=512, drawn=64)

    def _hub_match(
        self, image: Image.Image, texts: list[str], model: str, ensemble: bool, temperature: float | None
    ) -> MatchingResult:
        """Cosines from letters; SigLIP alone has a probability, CLIP alone reads no Chinese."""
        inputs.read_image(image)
        if model not in self.match_models():
            self._offered(model)
            message = f"{model} is not on this machine yet. Fetch it with `python -m mmdemo fetch {model}`."
            raise WeightsError(message, "not_fetched", title=model, name=model)
        texts = [inputs.clean_text(t) for t in ([texts] if isinstance(texts, str) else texts)]
        cosine = np.array([self._cosine(model, t) for t in texts], np.float32) + 0.02 * ensemble
        own = temperature or (None if model == "siglip2" else TEMPERATURE[model])  # SigLIP does not choose among texts
        tokens = tuple(self.count_tokens(t, model) for t in texts)
        return MatchingResult(
            tuple(texts),
            cosine,
            1 / (1 + np.exp(-112 * cosine + 16.5)) if model == "siglip2" else None,
            softmax(cosine / own, 0) if own and len(texts) > 1 else None,
            self.background.percentile(cosine),
            tuple(max(0, used - longest) for used, longest in tokens),
            model=model,
            temperature=own if len(texts) > 1 else None,
            foreign=tuple(self.rows[model].languages == ("en",) and not t.isascii() for t in texts),
            tokens=tokens,
            templates=TEMPLATES if ensemble else (),
        )

    def _cosine(self, model: str, text: str) -> float:
        """From the table that a test gives, else from the letters."""
        return self.similarity.get(text, 0.25 * fraction(model, text))

    def matrix(
        self, images: list[Image.Image], texts: list[str], model: str = BUILT_IN, temperature: float | None = None
    ) -> MatrixResult:
        """Cosines from the pictures' sizes and the texts' letters."""
        sizes = [inputs.read_image(image).size for image in images]
        cosine = np.array([[0.4 * fraction(model, size, t) for t in texts] for size in sizes], np.float32)
        own = temperature or TEMPERATURE.get(model, 0.05)
        over_texts = softmax(cosine / own, 1) if len(texts) > 1 else None
        over_images = softmax(cosine / own, 0) if len(images) > 1 else None
        probability = None if model == "clip_b32" else 1 / (1 + np.exp(-30 * (cosine - 0.18)))
        return MatrixResult(
            tuple(texts),
            cosine,
            probability,
            over_texts,
            over_images,
            model,
            own,
            tuple(model == "clip_b32" and not t.isascii() for t in texts),
        )

    def _offered(self, name: str) -> HubModel:
        offered = [one.name for one in self.rows.values() if one.state != "refused"]
        if name not in offered:
            raise ChoiceError("model", name, [BUILT_IN, *offered])
        return self.rows[name]


def softmax(values: np.ndarray, axis: int) -> np.ndarray:
    """Along one axis."""
    raised = np.exp(values - values.max(axis, keepdims=True))
    return raised / raised.sum(axis, keepdims=True)
