"""How well texts fit pictures: one picture and its texts, many of both, and what a number of theirs is worth.

Read next: `results.py`.
"""

from dataclasses import dataclass

import numpy as np

from mmdemo.types.require import require


@dataclass(frozen=True)
class VerdictBounds:
    """Between which probabilities of "match" nobody should say yes or no: chosen and measured on validation pairs.

    Args:
        low, high: in [0, 1]; from low up to, but not with, high there is no verdict.
        share: of the pairs that lie inside, in [0, 1].
        inside, outside: share of right verdicts there, in [0, 1], where yes is said from one half on.
        pairs: how many were measured.
    """

    low: float
    high: float
    share: float
    inside: float
    outside: float
    pairs: int

    def __post_init__(self) -> None:
        require(0 <= self.low <= 0.5 <= self.high <= 1, "bounds around one half", (self.low, self.high))

    def verdict(self, probability: float) -> str:
        """"match", "mismatch", or "unsure"."""  # fmt: skip
        if self.low <= probability < self.high:
            return "unsure"
        return "match" if probability >= 0.5 else "mismatch"


@dataclass(frozen=True)
class MatchingResult:
    """How well each of K texts fits one picture.

    Args:
        texts: the K texts, in the order given.
        similarity: [K] cosines in [-1, 1].
        probability: [K] in [0, 1]: calibrated, each text by itself; they need not sum to 1. None for a model that has
            no probability of one pair (CLIP, which was trained to choose among texts).
        share: [K] softmax over the candidates, summing to 1; None when there is one text, for then it says nothing,
            and for a model that was not trained to choose (SigLIP) where nobody asked for a temperature.
        percentile: [K] in [0, 100]: share of unmatched pairs of the model's `MatchBackground` with a lower cosine.
        cut_tokens: [K] tokens at the end of each text that the network did not read.
        understood: [K] in [0, 1]: the probability that the text tower can read each text; ones where nobody asked. The
            engine multiplies `probability` by it, so that no text below one half is said to fit.
        familiar: in [0, 1]: the probability that the picture is like the photos that the heads know; 1 where nobody
            asked.
        unread: for each text the words in which the tower met something that it has no token for.
        none_of_these: in [0, 1]: the probability that no text fits; 1 - the largest probability where nobody asked,
            None without probabilities.
        bounds: between which probabilities there is no verdict; None where nobody asked: there always is one.
        model: the row of the checkpoint table that answered.
        temperature: of the softmax that made `share`, > 0; None without one.
        foreign: for each text whether it is in a language that the model was not trained to read.
        tokens: (used, longest) of each text: tokens of the whole of it with the marks at its ends, and how many the
            network reads. With `templates` those of the longest filled one.
        templates: the sentences that each text was put into, their vectors' mean standing for it; () for itself.
    """

    texts: tuple[str, ...]
    similarity: np.ndarray
    probability: np.ndarray | None
    share: np.ndarray | None
    percentile: np.ndarray
    cut_tokens: tuple[int, ...]
    understood: np.ndarray | None = None
    familiar: float = 1.0
    unread: tuple[tuple[str, ...], ...] = ()
    none_of_these: float | None = None
    bounds: VerdictBounds | None = None
    model: str = "matching"
    temperature: float | None = None
    foreign: tuple[bool, ...] = ()
    tokens: tuple[tuple[int, int], ...] = ()
    templates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        k = (len(self.texts),)
        if self.understood is None:
            object.__setattr__(self, "understood", np.ones(k, np.float32))
        if self.none_of_these is None and self.probability is not None:
            object.__setattr__(self, "none_of_these", 1 - float(self.probability.max()))
        for name, nothing in (("unread", ()), ("foreign", False), ("tokens", (0, 0))):
            if not getattr(self, name):
                object.__setattr__(self, name, (nothing,) * k[0])
            require(len(getattr(self, name)) == k[0], f"{name} of {k[0]} texts", len(getattr(self, name)))
        for name in ("similarity", "probability", "share", "percentile", "understood"):
            value = getattr(self, name)
            may_lack = name in ("probability", "share")
            require(may_lack if value is None else value.shape == k, f"{name} of shape {k}", np.shape(value))
        require(self.share is None or k[0] > 1, "share only with two texts or more", self.share)
        require(len(self.cut_tokens) == k[0], f"{k[0]} token counts", len(self.cut_tokens))
        for name in ("familiar", "none_of_these"):
            value = getattr(self, name)
            require(value is None or 0 <= value <= 1, f"{name} in [0, 1]", value)

    def verdict(self, index: int) -> str:
        """Of one text: "match", "mismatch", or "unsure": within the bounds, or where there is no probability."""
        if self.probability is None:
            return "unsure"
        probability = float(self.probability[index])
        if self.bounds is None:
            return "match" if probability >= 0.5 else "mismatch"
        return self.bounds.verdict(probability)


@dataclass(frozen=True)
class MatrixResult:
    """B pictures against K texts, every picture with every text.

    Args:
        texts: the K texts, in the order given.
        similarity: [B, K] cosines in [-1, 1].
        probability: [B, K] in [0, 1], each pair by itself; None as in `MatchingResult`.
        over_texts: [B, K] softmax of each picture's row, summing to 1 over the texts; None with one text.
        over_images: [B, K] softmax of each text's column, summing to 1 over the pictures; None with one picture.
        model, foreign, tokens: as in `MatchingResult`.
        temperature: of both softmaxes, > 0.
    """

    texts: tuple[str, ...]
    similarity: np.ndarray
    probability: np.ndarray | None
    over_texts: np.ndarray | None
    over_images: np.ndarray | None
    model: str = "matching"
    temperature: float = 1.0
    foreign: tuple[bool, ...] = ()
    tokens: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        b, k = shape = (len(self.similarity), len(self.texts))
        for name in ("similarity", "probability", "over_texts", "over_images"):
            value = getattr(self, name)
            require(value is None or value.shape == shape, f"{name} of shape {shape}", np.shape(value))
        require((self.over_texts is None) == (k == 1), "over_texts with two texts or more", k)
        require((self.over_images is None) == (b == 1), "over_images with two pictures or more", b)
        require(self.temperature > 0, "a temperature > 0", self.temperature)


@dataclass(frozen=True)
class MatchBackground:
    """Histogram of validation cosines: where a new pair stands among matched and unmatched pairs.

    Args:
        edges: [n + 1] rising cosines, the borders of n bins.
        matched: [n] share of true (photo, caption) pairs in each bin, summing to 1.
            All 0 for a model from the Hub, where no true pairs are at hand.
        unmatched: [n] share of (photo, another photo's caption) pairs in each bin, summing to 1.
        source: data set, split and count, in words.
        captions, drawn: for a model from the Hub, how many shipped captions were compared with how many pictures that
            the autoencoder drew of other photos; 0 where real photos were.
    """

    edges: np.ndarray
    matched: np.ndarray
    unmatched: np.ndarray
    source: str
    captions: int = 0
    drawn: int = 0

    def __post_init__(self) -> None:
        n = len(self.edges) - 1
        require(self.matched.shape == self.unmatched.shape == (n,), f"{n} bins", self.matched.shape)

    def percentile(self, similarity: np.ndarray) -> np.ndarray:
        """Share of unmatched pairs below each cosine, in [0, 100]; linear inside a bin. [K] -> [K]."""
        below = np.concatenate([[0.0], np.cumsum(self.unmatched)])
        return 100.0 * np.interp(similarity, self.edges, below)
