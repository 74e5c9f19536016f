"""The fusion bench: one pair through every fusion, who gave how much, and what happens inside.

Read next: `tasks/fused.py`, `explain/shapley.py`.
"""

import time
from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmdemo import loading
from mmdemo.engine.reader import Reader
from mmdemo.errors import ChoiceError, InputError, TextError
from mmdemo.explain import shapley
from mmdemo.tasks.fused import FUSIONS, LABELS, READS_TOKENS, FusedTask
from mmdemo.tasks.imputation import Imputer
from mmdemo.types import AlphaCurve, FusionResult, FusionTrace, Ledger, TokenSet, TraceStep

Pair = tuple[TokenSet | None, TokenSet | None]
SIDES_KEPT = 400  # ten fusions x two tasks x two sides x ten pairs


class Bench(Reader):
    """Every trained fusion on the same pair; a side may be missing."""

    fusions: tuple[str, ...] = tuple(FUSIONS)
    imputations: tuple[str, ...] = Imputer.METHODS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sides: OrderedDict[tuple[int, int], tuple[TokenSet, TokenSet]] = OrderedDict()

    @torch.no_grad()
    def compare(
        self,
        image: Image.Image | None = None,
        text: str | None = None,
        task: str = "matching",
        imputation: str | None = None,
    ) -> list[FusionResult]:
        """What each fusion answers, in the order of `fusions`.

        Args:
            image, text: either may be None, not both.
            task: "matching" or "sentiment".
            imputation: what stands in for a missing side, one of `imputations`; None = the fusion's own learned vector.

        Raises:
            ChoiceError: an unknown task or imputation. TextError: neither side was given.
        """
        self._check_choice("task", task, LABELS)
        with self._call("compare"):
            pair = self._pair(f"{task}-{self.fusions[0]}", image, text, imputation)  # all have the same towers
            return [self._answer(self._head(name, task), pair, image, text) for name in self.fusions]

    @torch.no_grad()
    def ledger(
        self,
        image: Image.Image,
        text: str,
        fusion: str = "gated",
        task: str = "matching",
        label: str | None = None,
    ) -> Ledger:
        """How much of the probability of `label` comes from the picture, from the text, and from both together.

        Args:
            label: one of the task's labels; None takes the most probable one.

        Raises:
            ChoiceError: an unknown fusion, task or label.
        """
        self._check_choice("fusion", fusion, self.fusions)
        self._check_choice("task", task, LABELS)
        self._check_choice("label", label or LABELS[task][0], LABELS[task])
        if image is None or text is None or not text.strip():
            raise TextError("Expected a picture and a text to share out between; one is missing.", "both_needed")
        with self._call("ledger"):
            head = self._head(fusion, task)
            picture, read = self._pair(f"{task}-{fusion}", image, text)
            coalitions = ((None, None), (picture, None), (None, read), (picture, read))
            values = [head.predict(*side)[0].cpu().numpy() for side in coalitions]  # none, image, text, both
            place = int(values[3].argmax()) if label is None else head.labels.index(label)
            return shapley.ledger(fusion, task, head.labels[place], *(float(v[place]) for v in values))

    @torch.no_grad()
    def trace(
        self,
        image: Image.Image | None = None,
        text: str | None = None,
        fusion: str = "gated",
        task: str = "matching",
        alpha: float | None = None,
        imputation: str | None = None,
    ) -> FusionTrace:
        """The data flow of one fusion: every tensor's shape and norm, and the answer.

        Args:
            alpha: for "weighted_sum" only, in [0, 1]: another weight of the text than the learned one.

        Raises:
            ChoiceError: an unknown fusion, task or imputation. InputError: an alpha that is no number in [0, 1], or
                one for a fusion that has none.
        """
        self._check_choice("fusion", fusion, self.fusions)
        self._check_choice("task", task, LABELS)
        alpha = _checked_alpha(alpha, fusion)
        with self._call("trace"):
            head = self._head(fusion, task)
            pair = self._pair(f"{task}-{fusion}", image, text, imputation)
            start = time.perf_counter()
            tensors, logits = _run(head, pair, alpha)
            result = _result(head, logits, start, _missing(image, text))
        used = head.fusion.alpha.item() if fusion == "weighted_sum" and alpha is None else alpha
        return FusionTrace(result, head.fusion.formula, tuple(_step(n, t) for n, t in tensors), used)

    def alpha_curve(self, task: str = "matching") -> AlphaCurve:
        """Measured accuracy of the weighted sum at every alpha, from the card."""
        self._check_choice("task", task, LABELS)
        card = loading.read_card("fusions")
        kept = card["alpha"][task]
        arrays = {name: np.asarray(kept[name], np.float32) for name in ("alphas", "accuracy", "path")}
        return AlphaCurve(**arrays, learned=kept["learned"], source=card["sources"][task])

    def fusion_table(self) -> list[dict[str, Any]]:
        """Rows of the bench from the card: accuracy, missing sides, parameters, microseconds, over several seeds."""
        return loading.read_card("fusions")["table"]

    def _pair(self, model: str, image: Image.Image | None, text: str | None, imputation: str | None = None) -> Pair:
        """Both sides as the model's towers read them; a missing one None, or what `imputation` puts in its place."""
        if imputation is not None:
            self._check_choice("imputation", imputation, self.imputations)
        missing = _missing(image, text)
        picture = None if image is None else self._read_images([image], model)[0]
        read = None if missing == "text" else self._read_texts([text], model)[0]
        if missing is None or imputation is None:
            return picture, read
        imputed = self._module("imputation").replace(missing, picture or read, imputation)
        return (imputed, read) if missing == "image" else (picture, imputed)

    def _head(self, fusion: str, task: str) -> FusedTask:
        return self._module(f"{task}-{fusion}")

    def _answer(self, head: FusedTask, pair: Pair, image: Image.Image | None, text: str | None) -> FusionResult:
        start = time.perf_counter()
        v, t = self._read_sides(head, pair)
        return _result(head, head.logits(head.fusion.fuse(v, t).joint), start, _missing(image, text))

    def _read_sides(self, head: FusedTask, pair: Pair) -> Pair:
        """Both sides as this fusion reads them; what it read of a picture or a text before is not read again."""
        sides = []
        readers = (head.fusion.read_image, head.fusion.read_text)
        for read, given, filled in zip(readers, pair, head.filled(*pair), strict=True):
            key = (id(head), id(filled))
            if given is None or key not in self._sides:
                self._sides[key] = (filled, read(filled))  # the first keeps the id from being used again
            self._sides.move_to_end(key)
            sides.append(self._sides[key][1])
        while len(self._sides) > SIDES_KEPT:
            self._sides.popitem(last=False)
        return tuple(sides)

    @staticmethod
    def _check_choice(what: str, name: str, choices: Any) -> None:
        if name not in choices:
            raise ChoiceError(what, name, list(choices))


def _missing(image: Image.Image | None, text: str | None) -> str | None:
    """The side that was not given; `TextError` when neither was."""
    blank = text is None or not text.strip()
    if image is None and blank:
        raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
    if image is None:
        return "image"
    return "text" if blank else None


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
    return FusionResult(head.name, head.labels, probabilities, milliseconds, parameters, missing)


def _run(head: FusedTask, pair: Pair, alpha: float | None) -> tuple[list[tuple[str, Tensor]], Tensor]:
    """The named tensors of one pair in the order they are made, and the logits [1, C]."""
    image, text = head.filled(*pair)
    kind = "tokens" if head.name in READS_TOKENS else "pooled"
    found = [(f"image.{kind}", getattr(image, kind)), ("text.tokens", text.tokens)]
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    found += [("v", v.tokens), ("t", t.tokens)]
    found += head.fusion.insides(v, t)
    joint = head.fusion.fuse(v, t).joint if alpha is None else head.fusion.join(v.pooled, t.pooled, alpha)
    logits = head.logits(joint)
    return [*found, ("joint", joint), ("logits", logits), ("probabilities", logits.softmax(-1))], logits


def _step(name: str, tensor: Tensor) -> TraceStep:
    tensor = tensor[0].float()
    shape = tuple(tensor.shape) if tensor.ndim < 2 or tensor.shape[0] > 1 else tuple(tensor.shape[1:])
    return TraceStep(name, shape, tensor.norm().item(), tensor.mean().item())
