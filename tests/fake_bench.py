"""The fusion bench of the stand-in engine: ten "fusions" that are one line of arithmetic each.

A photo counts by its mean brightness p, a text by a number q of its letters, both in [0, 1]; fusion k of n weighs the
text with w = (k + 1) / (n + 1). Feeling: logits (-s, 0, s), s = 6 ((1 - w)(p - 0.5) + w (q - 0.5)). Match: logit
4 (1 - 2 |p - q|) + w, and 0 as soon as a side is missing. So tests can work every answer out by hand.
"""

import hashlib

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import ChoiceError, InputError, TextError
from mmdemo.types import AlphaCurve, FusionResult, FusionTrace, ShapleyValues, SystemResult, TraceStep

FUSIONS = (
    "cosine", "concat", "weighted_sum", "product", "gated", "lowrank_tensor", "cross_attention", "early", "late",
    "autoencoder",
)  # fmt: skip
IMPUTATIONS = ("zeros", "mean", "nearest", "predicted")
LABELS = {"matching": ("mismatch", "match"), "sentiment": ("negative", "neutral", "positive")}
SYSTEMS = (("pixels_tfidf", 1988), ("cnn_lstm", 2015), ("resnet_lstm", 2016), ("bert_resnet", 2019), ("matching", 2021))


def brightness(image: Image.Image) -> float:
    """p of a picture."""
    return float(np.asarray(inputs.read_image(image).convert("L")).mean()) / 255


def letters(text: str) -> float:
    """q of a text, the same on every machine."""
    digest = hashlib.blake2b(inputs.clean_text(text).encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def softmax(logits: list[float]) -> np.ndarray:
    raised = np.exp(np.array(logits) - max(logits))
    return raised / raised.sum()


class FakeBench:
    """`compare`, `shapley_values`, `trace`, `alpha_curve`, `timeline` and `fusion_table` over arithmetic."""

    fusions: tuple[str, ...] = FUSIONS
    imputations: tuple[str, ...] = IMPUTATIONS
    calls: list[str]

    def compare(self, image=None, text=None, task="matching", imputation=None) -> list[FusionResult]:
        self.calls.append("compare")
        return [self._result(image, text, name, task, imputation) for name in self.fusions]

    def shapley_values(self, image, text, fusion="gated", task="matching", label=None) -> ShapleyValues:
        both = self._result(image, text, fusion, task, None)
        label = label or both.label
        choose("label", label, both.labels)
        at = both.labels.index(label)
        alone = [self._result(*sides, fusion, task, None).probabilities[at] for sides in ((image, None), (None, text))]
        i, t, b = float(alone[0]), float(alone[1]), float(both.probabilities[at])
        none = 1 / len(both.labels)
        return ShapleyValues(
            fusion, task, label, none, i, t, b, (i - none + b - t) / 2, (t - none + b - i) / 2, b - i - t + none,
            conflict=(i - none) * (t - none) < 0,
        )  # fmt: skip

    def trace(self, image=None, text=None, fusion="gated", task="matching", alpha=None, imputation=None) -> FusionTrace:
        if alpha is not None and fusion != "weighted_sum":
            raise InputError("Only the weighted sum has an alpha.", "no_alpha", fusion=fusion)
        if alpha is not None and not 0 <= alpha <= 1:
            raise InputError(f"alpha must be in [0, 1]; got {alpha}.", "bad_alpha", alpha=str(alpha))
        if fusion == "weighted_sum":
            alpha = 0.6 if alpha is None else alpha
        result = self._result(image, text, fusion, task, imputation, alpha)
        steps = tuple(
            TraceStep(name, shape, norm, 0.01 * norm)
            for name, shape, norm in (
                ("image.pooled", (1280,), 31.4), ("text.tokens", (9, 256), 48.0), ("v", (128,), 11.3),
                ("t", (128,), 11.2), ("gate", (128,), 6.1), ("joint", (128,), 4.5),
                ("logits", (len(result.labels),), 1.2),
            )
        )  # fmt: skip
        return FusionTrace(result, r"z = \sigma(W_z[v;t]),\qquad h = z \odot t + (1-z) \odot v", steps, alpha)

    def alpha_curve(self, task="matching") -> AlphaCurve:
        choose("task", task, tuple(LABELS))
        alphas = np.linspace(0, 1, 21)
        learned = 0.45 if task == "matching" else 0.7
        path = np.linspace(0.5, learned, 12)
        return AlphaCurve(alphas, 80 - 60 * (alphas - learned) ** 2, learned, path, "Fake8k val, 998 pairs, seed 0")

    def timeline(self, image=None, text=None) -> list[SystemResult]:
        require_something(image, text)
        found = []
        for k, (name, year) in enumerate(SYSTEMS):
            answers = {}
            for task in LABELS:
                result = self._result(image, text, self.fusions[2 * k], task, None)
                answers[task] = dict(zip(result.labels, map(float, result.probabilities), strict=True))
            figure = {"matching": 0.6 + 0.08 * k, "sentiment": 60.0 + 3 * k}
            if k == 3:
                del answers["sentiment"], figure["sentiment"]
            found.append(SystemResult(name, year, 10 ** (3 + k), 2.0 * (k + 1), figure, answers))
        return found

    def fusion_table(self) -> list[dict]:
        rows = []
        for task in LABELS:
            for k, name in enumerate(self.fusions):
                for dropped in (True, False):
                    weak = 0.0 if dropped else 12.5
                    row = {
                        "fusion": name, "task": task, "modality_dropout": dropped, "seeds": 5,
                        "accuracy": [70.0 + k, 0.5], "macro_F1": [60.0 + k, 0.7], "no_image": [65.0 + k - weak, 0.9],
                        "no_text": [55.0 - weak, 1.1], "parameters": 100_000 + k, "microseconds": 120.0 + k,
                        "commonest": 50.0 if task == "matching" else 59.6,
                    }  # fmt: skip
                    rows.append(row | ({"AUC": [0.8 + k / 100, 0.004]} if task == "matching" else {}))
        return rows

    def _result(self, image, text, fusion, task, imputation, alpha=None) -> FusionResult:
        require_something(image, text)
        for what, got, choices in (("fusion", fusion, self.fusions), ("task", task, tuple(LABELS))):
            choose(what, got, choices)
        if imputation is not None:
            choose("imputation", imputation, self.imputations)
        k = self.fusions.index(fusion)
        w = (k + 1) / (len(self.fusions) + 1) if alpha is None else alpha
        p = None if image is None else brightness(image)
        q = letters(text) if text and text.strip() else None
        missing = "image" if p is None else "text" if q is None else None
        stand_in = {None: 0.5, "zeros": 0.0, "mean": 0.5, "nearest": 0.3, "predicted": q if p is None else p}[
            imputation
        ]
        p, q = (stand_in if side is None else side for side in (p, q))
        if task == "matching":
            z = 0.0 if missing else 4 * (1 - 2 * abs(p - q)) + w
            logits = [0.0, z]
        else:
            s = 6 * ((1 - w) * (p - 0.5) + w * (q - 0.5))
            logits = [-s, 0.0, s]
        return FusionResult(fusion, LABELS[task], softmax(logits), 0.1 + k / 100, 100_000 + k, missing)


def choose(what: str, got: object, choices: tuple[str, ...]) -> None:
    """Raise `ChoiceError` unless `got` is one of the choices."""
    if got not in choices:
        raise ChoiceError(what, got, list(choices))


def require_something(image: Image.Image | None, text: str | None) -> None:
    if image is None and not (text and text.strip()):
        raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
