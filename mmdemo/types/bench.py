"""The results of the fusion bench: many fusions on one pair, who said how much, and pictures from a code.

Read next: `engine/fusion.py`.
"""

from dataclasses import dataclass, field

import numpy as np

from mmdemo.types.require import require


@dataclass(frozen=True)
class FusionResult:
    """What one trained fusion says of one pair.

    Args:
        name: the fusion's file name below `fusion/` ("gated").
        labels: ("mismatch", "match") or ("negative", "neutral", "positive").
        probabilities: [C], summing to 1.
        milliseconds: what this fusion took on its own, the encoders not counted.
        parameters: of the fusion and its head, the encoders not counted.
        missing: the side that was not given: None, "image" or "text".
    """

    name: str
    labels: tuple[str, ...]
    probabilities: np.ndarray
    milliseconds: float
    parameters: int
    missing: str | None = None

    def __post_init__(self) -> None:
        require_distribution(self.probabilities, len(self.labels))
        require(self.missing in (None, "image", "text"), "missing None, 'image' or 'text'", self.missing)

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]


@dataclass(frozen=True)
class ShapleyValues:
    """Who gave how much to one answer: the exact Shapley values of the two sides (Shapley 1953).

    With v(S) the probability of `label` when the sides in S are given:
    image_share = ((v(image) - v(none)) + (v(both) - v(text))) / 2, text_share likewise; together they are
    v(both) - v(none). interaction = v(both) - v(image) - v(text) + v(none): what neither side says alone.

    Args:
        fusion, task, label: what was asked.
        none, image, text, both: v of the four coalitions, probabilities in [0, 1].
        image_share, text_share: Shapley values in [-1, 1].
        interaction: in [-2, 2].
        conflict: True when one side alone speaks for the label and the other against it.
    """

    fusion: str
    task: str
    label: str
    none: float
    image: float
    text: float
    both: float
    image_share: float
    text_share: float
    interaction: float
    conflict: bool


@dataclass(frozen=True)
class TraceStep:
    """One tensor on its way through a fusion.

    Args:
        name: short name of the step ("image.pooled", "gate", "joint", "logits").
        shape: of the tensor, the batch dimension (1) left out.
        norm: its Euclidean norm.
        mean: its mean.
    """

    name: str
    shape: tuple[int, ...]
    norm: float
    mean: float


@dataclass(frozen=True)
class FusionTrace:
    """The data flow of one fusion for one pair, with the real shapes and norms.

    Args:
        result: the answer.
        formula: the fusion's formula in LaTeX.
        steps: tensors in the order they are made.
        alpha: weight of the text in a weighted sum, in [0, 1]; None for other fusions.
    """

    result: FusionResult
    formula: str
    steps: tuple[TraceStep, ...]
    alpha: float | None = None


@dataclass(frozen=True)
class AlphaCurve:
    """How good the weighted sum is for every alpha, measured on validation pairs.

    Args:
        alphas: [n] rising from 0 (image only) to 1 (text only).
        accuracy: [n] per cent.
        learned: the alpha that training found.
        path: [m] alpha during training, from its start to the end.
        source: data set, split, count and seed, in words.
    """

    alphas: np.ndarray
    accuracy: np.ndarray
    learned: float
    path: np.ndarray
    source: str

    def __post_init__(self) -> None:
        require(self.alphas.shape == self.accuracy.shape, f"accuracy {self.alphas.shape}", self.accuracy.shape)


@dataclass(frozen=True)
class SystemResult:
    """What one complete system, from the oldest idea to ours, says of one pair.

    Args:
        name: the system's name in the checkpoint table ("pixels_tfidf", "cnn_lstm", ...).
        year: of the idea's paper.
        parameters: of the whole system, encoders included.
        milliseconds: for this pair, encoders included.
        figure: its own validation figure by task, {"matching": AUC in [0, 1], "sentiment": accuracy in per cent}.
        answers: by task, {label: probability}; tasks the system was not made for are left out.
        note: a key for a sentence on the page, or "".
    """

    name: str
    year: int
    parameters: int
    milliseconds: float
    figure: dict[str, float]
    answers: dict[str, dict[str, float]]
    note: str = ""


@dataclass(frozen=True)
class Recognised:
    """One stored pair that was found near a new one.

    Args:
        english, chinese: its captions.
        similarity: cosine of the two pairs, pixels and words side by side, in [-1, 1].
    """

    english: str
    chinese: str
    similarity: float


@dataclass(frozen=True)
class Reconstruction:
    """What an autoencoder makes of a photo, of a sentence, or of both.

    Args:
        original: [64, 64, 3] in [0, 1], the photo squashed to 64 x 64; None without a photo.
        picture: [64, 64, 3] in [0, 1], the picture decoded from the code.
        words: (word, probability), most likely first, at least 20.
        latent: [D], the code.
        image_error: mean squared error of `picture` against `original`; None without a photo.
        text_error: mean binary cross-entropy in nats of the words given, over the listed words of their language; None
            without a text, or when none of its words is listed.
        neighbours: (caption, cosine of the codes) of the nearest training pairs, nearest first.
        known_words: words of the text that the word list holds, in its base forms.
        unknown_words: content words of the text that it does not hold; they were ignored.
    """

    original: np.ndarray | None
    picture: np.ndarray
    words: tuple[tuple[str, float], ...]
    latent: np.ndarray
    image_error: float | None
    text_error: float | None
    neighbours: tuple[tuple[str, float], ...] = field(default=())
    known_words: tuple[str, ...] = ()
    unknown_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for p in (self.original, self.picture):
            fits = p is None or (p.shape == (64, 64, 3) and bool((p >= 0).all() and (p <= 1).all()))
            require(fits, "a picture [64, 64, 3] in [0, 1]", None if p is None else p.shape)
        require(self.latent.ndim == 1, "latent [D]", self.latent.shape)


@dataclass(frozen=True)
class ReconstructionBackground:
    """What an autoencoder's errors are to be compared with, measured on validation pairs.

    Args:
        picture_error: mean squared error of its pictures, photo and sentence given.
        mean_picture_error: of the mean training picture, which needs no input at all.
        words_error: mean binary cross-entropy of an English caption's words, photo and caption given.
        common_words_error: of the words' frequencies in training, which need no input either.
        edges_kept: mean difference of neighbouring pixels in its pictures, as a share of that in the photos, in [0, 1].
        words: how many the word list holds.
        source: data set, split and count, in words.
    """

    picture_error: float
    mean_picture_error: float
    words_error: float
    common_words_error: float
    edges_kept: float
    words: int
    source: str


def require_distribution(probabilities: np.ndarray, classes: int) -> None:
    """Raise `ShapeError` unless these are `classes` probabilities that sum to 1."""
    fits = probabilities.shape == (classes,) and abs(float(probabilities.sum()) - 1) < 1e-3
    require(fits, f"{classes} probabilities summing to 1", probabilities)
