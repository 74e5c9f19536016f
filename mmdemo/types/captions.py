"""What a caption is to those who read it: the text, and each word with its map and what else could have stood there."""

from dataclasses import dataclass

import numpy as np

from mmdemo.types.tokens import require


@dataclass(frozen=True)
class CaptionWord:
    """One word as the network said it, or one of those that it was given to begin with.

    Args:
        text: an English word or a Chinese character; "" for the end of the caption.
        probability: in [0, 1], after the words before it; 0 for a given word that the network cannot say.
        attention: [h, w] over the places of the picture, summing to 1.
        others: the likeliest other words at this place with their probabilities, falling.
        given: whether it stood in the start.
    """

    text: str
    probability: float
    attention: np.ndarray
    others: tuple[tuple[str, float], ...] = ()
    given: bool = False

    def __post_init__(self) -> None:
        require(0 <= self.probability <= 1, "a probability in [0, 1]", self.probability)
        require(abs(self.attention.sum() - 1) < 1e-2, "attention that sums to 1", self.attention.sum())


@dataclass(frozen=True)
class CaptionResult:
    """Captions of one picture, the likeliest first.

    Args:
        texts: K captions; a start that was given stands in front as it was given.
        probabilities: [K] in [0, 1], of all words that were not given and of the end, one after the other.
        words: of each caption, its words and its end.
        language: "en" or "zh".
    """

    texts: tuple[str, ...]
    probabilities: tuple[float, ...]
    words: tuple[tuple[CaptionWord, ...], ...]
    language: str

    def __post_init__(self) -> None:
        for name in ("probabilities", "words"):
            require(len(getattr(self, name)) == len(self.texts), f"{len(self.texts)} {name}", len(getattr(self, name)))
