"""The fusion bench: one pair through every fusion, who gave how much, and what happens inside.

Read next: `tasks/fused.py`, `explain/shapley.py`.
"""

import time
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine.models import Models
from mmdemo.engine.readings import BoundedCache
from mmdemo.errors import ChoiceError, InputError, TextError
from mmdemo.explain import shapley
from mmdemo.tasks.fused import FUSIONS, FusedTask
from mmdemo.tasks.imputation import Imputer
from mmdemo.types import (
    LABELS,
    AlphaCurve,
    FusionResult,
    FusionTrace,
    ShapleyValues,
    Sides,
    TokenPair,
    TokenSet,
    TraceStep,
    is_blank,
)

CARD = "fusions"
READINGS_KEPT = 400  # ten fusions x two tasks x two sides x ten pairs


class FusionService:
    """Every trained fusion on the same pair; a side may be missing."""

    imputations: tuple[str, ...] = Imputer.METHODS

    def __init__(self, models: Models) -> None:
        self.models = models
        self._readings = BoundedCache(READINGS_KEPT)  # what a fusion read of a side, beside that side

    @property
    def fusions(self) -> tuple[str, ...]:
        """Their names, from plain to rich."""
        return tuple(FUSIONS)

    @torch.no_grad()
    def compare(
        self, image: Image.Image | None = None, text: str | None = None, task: str = "matching",
        imputation: str | None = None,
    ) -> list[FusionResult]:  # fmt: skip
        """What each fusion answers, in the order of `fusions`.

        Args:
            image, text: either may be None, not both.
            task: "matching" or "sentiment".
            imputation: what stands in for a missing side, one of `imputations`; None = the fusion's own learned vector.

        Raises:
            ChoiceError: an unknown task or imputation. TextError: neither side was given.
        """
        _check_choice("task", task, LABELS)
        sides = Sides(image, text)
        with self.models.reading_sides("compare", f"{task}-{self.fusions[0]}", sides):  # by towers that most share
            pairs: dict[tuple[str, str], TokenPair] = {}  # by towers: what two fusions share is read once
            results = []
            for row in (find(f"{task}-{fusion}") for fusion in self.fusions):
                towers = row.image_encoder, row.text_encoder
                if towers not in pairs:
                    pairs[towers] = self._read(row.name, sides, imputation)
                head, start = self.models.load(row.name), time.perf_counter()
                logits = self._logits(row.name, head, pairs[towers])
                results.append(_result(head, logits, start, sides.missing))
            return results

    @torch.no_grad()
    def shapley_values(
        self, image: Image.Image, text: str, fusion: str = "gated", task: str = "matching", label: str | None = None
    ) -> ShapleyValues:
        """How much of the probability of `label` comes from the picture, from the text, and from both together.

        Args:
            image, text: both are needed.
            fusion: one of `fusions`.
            task: "matching" or "sentiment".
            label: one of the task's labels; None takes the most probable one.

        Raises:
            ChoiceError: an unknown fusion, task or label. TextError: a side is missing ("both_needed").
        """
        _check_choice("fusion", fusion, self.fusions)
        _check_choice("task", task, LABELS)
        _check_choice("label", label or LABELS[task][0], LABELS[task])
        if image is None or is_blank(text):
            raise TextError("Expected a picture and a text to share out between; one is missing.", "both_needed")
        model = f"{task}-{fusion}"
        with self.models.reading_sides("shapley_values", model, Sides(image, text)) as (picture, read):
            head = self.models.load(model)
            coalitions = ((None, None), (picture, None), (None, read), (picture, read))
            values = [self._logits(model, head, pair)[0].softmax(-1).cpu().numpy() for pair in coalitions]
            at = int(values[3].argmax()) if label is None else LABELS[task].index(label)
            return shapley.shapley_values(fusion, task, LABELS[task][at], *(float(v[at]) for v in values))

    @torch.no_grad()
    def trace(
        self, image: Image.Image | None = None, text: str | None = None, fusion: str = "gated",
        task: str = "matching", alpha: float | None = None, imputation: str | None = None,
    ) -> FusionTrace:  # fmt: skip
        """The data flow of one fusion: every tensor's shape and norm, and the answer.

        Args:
            image, text, task, imputation: as in `compare`.
            fusion: one of `fusions`.
            alpha: for "weighted_sum" only, in [0, 1]: another weight of the text than the learned one.

        Raises:
            ChoiceError: an unknown fusion, task or imputation. InputError: an alpha that is no number in [0, 1], or
                one for a fusion that has none. TextError: neither side was given.
        """
        _check_choice("fusion", fusion, self.fusions)
        _check_choice("task", task, LABELS)
        alpha = _checked_alpha(alpha, fusion)
        sides, model = Sides(image, text), f"{task}-{fusion}"
        with self.models.reading_sides("trace", model, sides):
            head, pair = self.models.load(model), self._read(model, sides, imputation)
            start = time.perf_counter()
            tensors = head.trace(*pair, alpha)
            result = _result(head, tensors["logits"], start, sides.missing)
        used = head.fusion.alpha.item() if fusion == "weighted_sum" and alpha is None else alpha
        return FusionTrace(result, head.fusion.formula, tuple(_step(n, t) for n, t in tensors.items()), used)

    def alpha_curve(self, task: str = "matching") -> AlphaCurve:
        """Measured accuracy of the weighted sum at every alpha, from the card.

        Raises:
            ChoiceError: an unknown task.
        """
        _check_choice("task", task, LABELS)
        card = loading.read_card(CARD)
        kept = card["alpha"][task]
        arrays = {name: np.asarray(kept[name], np.float32) for name in ("alphas", "accuracy", "path")}
        return AlphaCurve(**arrays, learned=kept["learned"], source=card["sources"][task])

    def fusion_table(self) -> list[dict[str, Any]]:
        """Rows of the bench from the card: accuracy, missing sides, parameters, microseconds, over several seeds."""
        return loading.read_card(CARD)["table"]

    def _read(self, model: str, sides: Sides, imputation: str | None = None) -> TokenPair:
        """Both sides as the row's towers read them; a missing one None, or what `imputation` puts in its place."""
        if imputation is not None:
            _check_choice("imputation", imputation, self.imputations)
        image, text = self.models.read(sides, model)
        if sides.missing and imputation:
            imputed = self.models.load("imputation").replace(sides.missing, image or text, imputation)
            image, text = image or imputed, text or imputed
        return image, text

    def _logits(self, model: str, head: FusedTask, pair: TokenPair) -> Tensor:
        """[1, C]; what this fusion read of a side before is not read again."""
        readings: list[TokenSet] = []
        readers = {"image": head.fusion.read_image, "text": head.fusion.read_text}
        for (side, read), given, filled in zip(readers.items(), pair, head.filled(*pair), strict=True):
            key = (model, side, given and id(given))  # the side is kept beside it: its id is not used again
            _, reading = self._readings[key] if key in self._readings else (given, read(filled))
            self._readings.keep(key, (given, reading))
            readings.append(reading)
        return head.logits(head.fusion.fuse(*readings).joint)


def _check_choice(what: str, name: str, choices: Any) -> None:
    if name not in choices:
        raise ChoiceError(what, name, list(choices))


def _checked_alpha(alpha: float | None, fusion: str) -> float | None:
    if alpha is None:
        return None
    if fusion != "weighted_sum":
        message = f"Only the fusion 'weighted_sum' has an alpha; got alpha = {alpha!r:.40} for {fusion!r}."
        raise InputError(message, "no_alpha", fusion=fusion)
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 <= alpha <= 1:
        message = f"Expected alpha, the weight of the text, to be a number from 0 to 1; got {str(alpha)[:40]}."
        raise InputError(message, "bad_alpha", alpha=str(alpha)[:40])
    return float(alpha)


def _result(head: FusedTask, logits: Tensor, start: float, missing: str | None) -> FusionResult:
    probabilities = logits[0].float().softmax(-1).cpu().numpy()
    milliseconds = 1000 * (time.perf_counter() - start)
    parameters = sum(p.numel() for p in head.parameters())
    return FusionResult(head.name, LABELS[head.task], probabilities, milliseconds, parameters, missing)


def _step(name: str, tensor: Tensor) -> TraceStep:
    tensor = tensor[0].float()
    shape = tuple(tensor.shape) if tensor.ndim < 2 or tensor.shape[0] > 1 else tuple(tensor.shape[1:])
    return TraceStep(name, shape, tensor.norm().item(), tensor.mean().item())
