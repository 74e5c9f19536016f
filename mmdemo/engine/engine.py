"""The engine: every question that can be asked, each handed to the service that answers it. Read next: `models.py`."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from mmdemo import types
from mmdemo.engine.answer import AnswerService, answer_models
from mmdemo.engine.autoencoder import AutoencoderService
from mmdemo.engine.caption import CaptionService, caption_models
from mmdemo.engine.cases import Case, build_case, explained_models
from mmdemo.engine.explain import ExplanationService
from mmdemo.engine.familiarity import FamiliarityService
from mmdemo.engine.fusion import FusionService
from mmdemo.engine.gallery import GalleryService
from mmdemo.engine.hub import HubService
from mmdemo.engine.index import Index
from mmdemo.engine.match import MatchService, match_models
from mmdemo.engine.models import Models
from mmdemo.engine.sentiment import SentimentService
from mmdemo.engine.timeline import TimelineService
from mmdemo.engine.verdicts import match_aucs, verdict_bounds
from mmdemo.engine.zero_gpu import ask_on_zero_gpu
from mmdemo.explain.faithfulness import STEPS
from mmdemo.tasks.targets import Target

Picture = Image.Image
Given = tuple[Picture | None, str | None]


class Engine:
    """All questions over the models of the table; safe to share between threads.

    Args:
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        offline: True forbids every download; None reads HF_HUB_OFFLINE.

    Raises:
        ChoiceError: no such device on this machine.
    """

    def __init__(self, device: str | None = None, offline: bool | None = None) -> None:
        self.models = Models(device, offline)
        self.hub_service = HubService(self.models)
        self.familiarity_service = FamiliarityService(self.models)
        self.match_service = MatchService(self.models, self.familiarity_service)
        self.sentiment_service = SentimentService(self.models, self.familiarity_service)
        self.explanation_service = ExplanationService(self.models)
        self.fusion_service = FusionService(self.models)
        self.autoencoder_service = AutoencoderService(self.models)
        self.timeline_service = TimelineService(self.models)
        self.caption_service = CaptionService(self.models)
        self.answer_service = AnswerService(self.models, self.match_service)
        self.gallery_service = GalleryService(self.match_service)
        ask_on_zero_gpu(self)

    match_models, explained_models = staticmethod(match_models), staticmethod(explained_models)
    caption_models, answer_models = staticmethod(caption_models), staticmethod(answer_models)

    def at_once(self) -> int:
        """How many questions to let in together: see `Models.at_once`."""
        return self.models.at_once()

    def warm_up(self) -> threading.Thread:
        """Load every model in the background: see `Models.warm_up`."""
        return self.models.warm_up()

    def unload(self, model: str | None = None) -> None:
        """Forget one model, or all: see `Models.unload`."""
        self.models.unload(model)

    def status(self) -> types.EngineStatus:
        """Device, cards, versions, last call: see `Models.status`."""
        return self.models.status()

    def hub_models(self) -> tuple[types.HubModel, ...]:
        """Every model that can be fetched: see `HubService.hub_models`."""
        return self.hub_service.hub_models()

    def fetch(self, name: str) -> Iterator[types.FetchProgress]:
        """Bring a model of the Hub here: see `HubService.fetch`."""
        return self.hub_service.fetch(name)

    def cancel_fetch(self, name: str) -> None:
        """End a download: see `HubService.cancel_fetch`."""
        self.hub_service.cancel_fetch(name)

    def encode_images(self, images: Sequence[Picture], model: str = "matching") -> np.ndarray:
        """Pictures -> unit vectors [B, D]: see `MatchService.encode_images`."""
        return self.match_service.encode_images(images, model)

    def encode_texts(self, texts: Sequence[str], model: str = "matching") -> np.ndarray:
        """Texts -> unit vectors [K, D]: see `MatchService.encode_texts`."""
        return self.match_service.encode_texts(texts, model)

    def match(
        self, image: Picture, texts: Sequence[str] | str, model: str = "matching", ensemble: bool = False,
        temperature: float | None = None,
    ) -> types.MatchingResult:  # fmt: skip
        """How well each of K texts fits the picture: see `MatchService.match`."""
        return self.match_service.match(image, texts, model, ensemble, temperature)

    def matrix(
        self, images: Sequence[Picture], texts: Sequence[str], model: str = "matching", temperature: float | None = None
    ) -> types.MatrixResult:
        """Every picture with every text: see `MatchService.matrix`."""
        return self.match_service.matrix(images, texts, model, temperature)

    def count_tokens(self, text: str, model: str = "matching") -> tuple[int, int]:
        """(used, longest): see `MatchService.count_tokens`."""
        return self.match_service.count_tokens(text, model)

    def match_background(self, model: str = "matching") -> types.MatchBackground:
        """Cosines of pairs that do not belong together: see `MatchService.background_of`."""
        return self.match_service.background_of(model)

    def match_pair(self, image: Picture, text: str) -> float:
        """Probability of "match" read word by word: see `MatchService.match_pair`."""
        return self.match_service.match_pair(image, text)

    @property
    def verdict_bounds(self) -> dict[str, types.VerdictBounds]:
        """Where a yes or no is worth saying: see `verdicts.verdict_bounds`."""
        return verdict_bounds()

    @property
    def match_aucs(self) -> dict[str, float]:
        """How well each model tells true pairs from false ones: see `verdicts.match_aucs`."""
        return match_aucs()

    def sentiment(self, image: Picture | None = None, text: str | None = None) -> types.SentimentResult:
        """Negative, neutral or positive: see `SentimentService.sentiment`."""
        return self.sentiment_service.sentiment(image, text)

    def understood(self, texts: Sequence[str]) -> np.ndarray:
        """Can each text be read, [K] in [0, 1]: see `FamiliarityService.understood`."""
        return self.familiarity_service.understood(texts)

    def familiar(self, images: Sequence[Picture]) -> np.ndarray:
        """Is each picture like photographs, [B] in [0, 1]: see `FamiliarityService.familiar`."""
        return self.familiarity_service.familiar(images)

    def index(self, images: Sequence[Picture], names: Sequence[str] | None = None, model: str = "matching") -> Index:
        """A gallery to search: see `GalleryService.index`."""
        return self.gallery_service.index(images, names, model)

    def explain(
        self, image: Picture, text: str, method: str | None = None, word: int | str | None = None,
        target: Target | None = None, layer: int | None = None, head: int | None = None, model: str | None = None,
    ) -> types.Explanation:  # fmt: skip
        """Where in the picture, and on which words, the answer rests: see `ExplanationService.explain`."""
        return self.explanation_service.explain(image, text, method, word, target, layer, head, model)

    def words_at(
        self, image: Picture, text: str, row: int, column: int, method: str | None = None,
        target: Target | None = None, model: str | None = None,
    ) -> tuple[tuple[str, float], ...]:  # fmt: skip
        """The words that attended to one place: see `ExplanationService.words_at`."""
        return self.explanation_service.words_at(image, text, row, column, method, target, model)

    def target_values(self, image: Picture, text: str, model: str) -> dict[str, float]:
        """Every number of a model's answer by its target: see `ExplanationService.target_values`."""
        return self.explanation_service.target_values(image, text, model)

    def faithfulness(
        self, image: Picture, text: str, explanation: types.Explanation, steps: int = STEPS
    ) -> types.Faithfulness:
        """Does the answer hang on what the map says: see `ExplanationService.faithfulness`."""
        return self.explanation_service.faithfulness(image, text, explanation, steps)

    def growing_faithfulness(
        self, image: Picture, text: str, explanation: types.Explanation, steps: int = STEPS
    ) -> Iterator[tuple[float, types.Faithfulness]]:
        """The same while it grows: see `ExplanationService.growing_faithfulness`."""
        return self.explanation_service.growing_faithfulness(image, text, explanation, steps)

    def sanity(self, image: Picture, text: str, explanation: types.Explanation) -> types.Sanity:
        """The same map of a network with random weights: see `ExplanationService.sanity`."""
        return self.explanation_service.sanity(image, text, explanation)

    def agreement(
        self, image: Picture, text: str, methods: Sequence[str | types.Explanation] | None = None,
        word: int | str | None = None, target: Target | None = None, model: str | None = None,
    ) -> types.Agreement:  # fmt: skip
        """Several methods on one pair, and how far they agree: see `ExplanationService.agreement`."""
        return self.explanation_service.agreement(image, text, methods, word, target, model)

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text, as `explain` counts them: see `ExplanationService.words`."""
        return self.explanation_service.words(text)

    def case(
        self, model: str, image: Picture, text: str, target: Target | None = None, untrained: bool = False
    ) -> Case:
        """One pair as one model reads it, for benches: see `cases.build_case`."""
        return build_case(self.models, model, image, text, target, untrained)

    @property
    def all_methods(self) -> tuple[str, ...]:
        """The methods that fit at least one model: see `ExplanationService.all_methods`."""
        return self.explanation_service.all_methods

    def capabilities(self, model: str) -> types.Capabilities:
        """What a model can be asked: see `ExplanationService.capabilities`."""
        return self.explanation_service.capabilities(model)

    def targets(self, model: str) -> tuple[str, ...]:
        """What of a model's answer can be explained: see `ExplanationService.targets`."""
        return self.explanation_service.targets(model)

    def default_method(self, model: str) -> str:
        """The method taken when none is named: see `ExplanationService.default_method`."""
        return self.explanation_service.default_method(model)

    def method_notes(self, model: str | None = None, target: Target | None = None) -> tuple[types.MethodNote, ...]:
        """What is to be known of the methods that fit: see `ExplanationService.method_notes`."""
        return self.explanation_service.method_notes(model, target)

    @property
    def fusions(self) -> tuple[str, ...]:
        """Names of the fusions, from plain to rich: see `FusionService.fusions`."""
        return self.fusion_service.fusions

    @property
    def imputations(self) -> tuple[str, ...]:
        """What may stand in for a missing side: see `tasks.imputation.Imputer`."""
        return self.fusion_service.imputations

    def compare(
        self, image: Picture | None = None, text: str | None = None, task: str = "matching",
        imputation: str | None = None,
    ) -> list[types.FusionResult]:  # fmt: skip
        """What each fusion answers: see `FusionService.compare`."""
        return self.fusion_service.compare(image, text, task, imputation)

    def shapley_values(
        self, image: Picture, text: str, fusion: str = "gated", task: str = "matching", label: str | None = None
    ) -> types.ShapleyValues:
        """How much of an answer comes from which side: see `FusionService.shapley_values`."""
        return self.fusion_service.shapley_values(image, text, fusion, task, label)

    def trace(
        self, image: Picture | None = None, text: str | None = None, fusion: str = "gated", task: str = "matching",
        alpha: float | None = None, imputation: str | None = None,
    ) -> types.FusionTrace:  # fmt: skip
        """The data flow of one fusion: see `FusionService.trace`."""
        return self.fusion_service.trace(image, text, fusion, task, alpha, imputation)

    def alpha_curve(self, task: str = "matching") -> types.AlphaCurve:
        """Accuracy of the weighted sum at every alpha: see `FusionService.alpha_curve`."""
        return self.fusion_service.alpha_curve(task)

    def fusion_table(self) -> list[dict[str, Any]]:
        """Rows of the bench from the card: see `FusionService.fusion_table`."""
        return self.fusion_service.fusion_table()

    def caption(
        self, image: Picture, language: str = "en", count: int = 1, start: str = "", temperature: float = 0.0,
        model: str = "captioning",
    ) -> types.CaptionResult:  # fmt: skip
        """Captions of one photo: see `CaptionService.caption`."""
        return self.caption_service.caption(image, language, count, start, temperature, model)

    def spoken(
        self, image: Picture, language: str = "en", start: str = "", temperature: float = 0.0, model: str = "captioning"
    ) -> Iterator[types.CaptionWord]:
        """One caption word by word: see `CaptionService.spoken`."""
        return self.caption_service.spoken(image, language, start, temperature, model)

    def answer(self, image: Picture, question: str, model: str = "answering") -> types.AnswerResult:
        """Answers to a question about a photo: see `AnswerService.answer`."""
        return self.answer_service.answer(image, question, model)

    def reconstruct(self, image: Picture | None = None, text: str | None = None) -> types.Reconstruction:
        """Photo and words as they come back from the code: see `AutoencoderService.reconstruct`."""
        return self.autoencoder_service.reconstruct(image, text)

    def walk(self, first: Given, second: Given, share: float) -> types.Reconstruction:
        """What lies between two codes: see `AutoencoderService.walk`."""
        return self.autoencoder_service.walk(first, second, share)

    @property
    def reconstruction_background(self) -> types.ReconstructionBackground:
        """What errors are to be compared with: see `AutoencoderService.background`."""
        return self.autoencoder_service.background

    def timeline(self, image: Picture | None = None, text: str | None = None) -> list[types.SystemResult]:
        """What each system says of one pair, the oldest first: see `TimelineService.timeline`."""
        return self.timeline_service.timeline(image, text)

    def ask(self, model: str, image: Picture | None = None, text: str | None = None) -> dict[str, dict[str, float]]:
        """What any row of the table says of one pair: see `TimelineService.ask`."""
        return self.timeline_service.ask(model, image, text)

    def recognise(self, image: Picture | None = None, text: str | None = None, k: int = 5) -> list[types.Recognised]:
        """The stored pairs nearest to this one: see `TimelineService.recognise`."""
        return self.timeline_service.recognise(image, text, k)
