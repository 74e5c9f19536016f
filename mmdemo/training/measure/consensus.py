"""CIDEr-D: how far a caption says what people say of the same photo, rare phrases counting more than common ones.

Vedantam et al. 2015, arXiv 1411.5726: each caption is a vector over its runs of n words, n = 1 to 4, weighted by how
rare they are (tf-idf); the figure is its mean cosine with the vectors of the people's captions. "D" caps each count at
the person's, and asks for a like length. Kept by photo, so that a caption is judged in a tenth of a millisecond: what
self-critical training needs. The figures that cards state are `captions.py`'s, by the field's own package.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

N, SIGMA = 4, 6.0  # longest run of words; how much the length may differ
Words = Sequence[Hashable]


def phrases(words: Words) -> Counter[tuple[Hashable, ...]]:
    """How often each run of 1 to 4 words occurs."""
    return Counter(tuple(words[i : i + n]) for n in range(1, N + 1) for i in range(len(words) - n + 1))


@dataclass(frozen=True)
class PhraseVector:
    """Weight of each phrase, the length of the vector for each n, and how many words it has."""

    weight: dict[tuple[Hashable, ...], float]
    norms: list[float]
    words: int


class Consensus:
    """Judges captions of photos whose captions by people are known.

    Args:
        references: of each photo, the captions by people, in words.
    """

    def __init__(self, references: Sequence[Sequence[Words]]) -> None:
        counted = [[phrases(words) for words in said] for said in references]
        self.photos_with = Counter(phrase for said in counted for phrase in set().union(*said))
        self.log_photos = math.log(len(references))
        self.people = [
            [self._vector(count, len(words)) for count, words in zip(counts, said, strict=True)]
            for counts, said in zip(counted, references, strict=True)
        ]

    def _vector(self, counts: Counter[tuple[Hashable, ...]], words: int) -> PhraseVector:
        weight = {p: n * (self.log_photos - math.log(max(1, self.photos_with[p]))) for p, n in counts.items()}
        squares = [0.0] * N
        for phrase, value in weight.items():
            squares[len(phrase) - 1] += value * value
        return PhraseVector(weight, [math.sqrt(s) for s in squares], words)

    def judge(self, photo: int, words: Words) -> float:
        """CIDEr-D of one caption, in [0, 10]."""
        said = self._vector(phrases(words), len(words))
        total = 0.0
        for person in self.people[photo]:
            products = [0.0] * N
            for phrase, value in said.weight.items():
                other = person.weight.get(phrase, 0.0)
                products[len(phrase) - 1] += min(value, other) * other
            cosines = (
                p / (a * b) if a and b else 0.0 for p, a, b in zip(products, said.norms, person.norms, strict=True)
            )
            total += sum(cosines) * math.exp(-((said.words - person.words) ** 2) / (2 * SIGMA**2))
        return 10 * total / (N * len(self.people[photo]))
