"""What a caption is to those who read it: the text, and each word with its map and what else could have stood there."""

from dataclasses import dataclass

import numpy as np

from mmdemo.types.require import require


@dataclass(frozen=True)
class CaptionWord:
    """One word as the network said it, or one of those that it was given to begin with.

    Args:
        text: a word or a Chinese character; "" for the end of the caption.
        probability: in [0, 1], after the words before it; 0 for a given word that the network cannot say.
        attention: [h, w] over the places of the picture, summing to 1; None of a model that cannot say where it read.
        others: the likeliest other words at this place with their probabilities, falling.
        given: whether it stood in the start.
    """

    text: str
    probability: float
    attention: np.ndarray | None
    others: tuple[tuple[str, float], ...] = ()
    given: bool = False

    def __post_init__(self) -> None:
        require(0 <= self.probability <= 1, "a probability in [0, 1]", self.probability)
        total = 1 if self.attention is None else self.attention.sum()
        require(abs(total - 1) < 1e-2, "attention that sums to 1", total)


@dataclass(frozen=True)
class CaptionResult:
    """Captions of one picture, the best first.

    Args:
        texts: K captions; a start that was given stands in front as it was given.
        probabilities: [K] in [0, 1], of all words that were not given and of the end, one after the other.
        words: of each caption, its words and its end.
        language: "en" or "zh".
        cosines: [K] in [-1, 1], of each caption with the picture, by the matching head; -1 for one without a word.
        model: the row of the table that wrote them; its own order, unless it is ours (`tasks/caption_search.py`).
    """

    texts: tuple[str, ...]
    probabilities: tuple[float, ...]
    words: tuple[tuple[CaptionWord, ...], ...]
    language: str
    cosines: tuple[float, ...]
    model: str = "captioning"

    def __post_init__(self) -> None:
        for name in ("probabilities", "words", "cosines"):
            require(len(getattr(self, name)) == len(self.texts), f"{len(self.texts)} {name}", len(getattr(self, name)))
