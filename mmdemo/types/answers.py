"""What is answered to a question about a picture, and to the question alone. Read next: `results.py`."""

from dataclasses import dataclass

from mmdemo.types.require import require
from mmdemo.types.results import Explanation

Answers = tuple[tuple[str, float], ...]
RANKED_BY = ("list", "named", "statements", "writer")


@dataclass(frozen=True)
class AnswerResult:
    """Answers to one question about one picture, the likeliest first.

    Args:
        question: as it was read.
        language: "en" or "zh", that of the answers.
        kind: what the question asks for: "yes/no", "which", "colour", "count", "where", "doing", "what".
        answers: (answer, probability) pairs, falling; the first few of many. Probabilities are of all answers that were
            ranked, those not told too.
        without_image: likewise for the same question without a picture; () where nothing can be said without one.
        known: whether the best answer is likely enough to be given; False: it cannot tell.
        model: the row of the checkpoint table that answered.
        ranked_by: what was ranked: the head's own "list" of answers; those of it that the question itself has
            "named";
            "statements" made of the named ones, by how well they fit the picture; nothing, for a "writer" wrote one.
        explanation: where in the picture and on which words the best answer rests; of a writer a map without words, or
            None.
        understood: in [0, 1]: the probability that the text tower can read the question.
        familiar: in [0, 1]: the probability that the picture is like the photos that the heads know.
        cut_tokens: tokens at the end of the question that the network did not read.
    """

    question: str
    language: str
    kind: str
    answers: Answers
    without_image: Answers
    known: bool
    model: str = "answering"
    ranked_by: str = "list"
    explanation: Explanation | None = None
    understood: float = 1.0
    familiar: float = 1.0
    cut_tokens: int = 0

    def __post_init__(self) -> None:
        require(len(self.answers) > 0, "at least one answer", "none")
        require(self.ranked_by in RANKED_BY, f"one of {RANKED_BY}", self.ranked_by)
        for answers in (self.answers, self.without_image):
            chances = [chance for _, chance in answers]
            require(all(0 <= c <= 1 for c in chances), "probabilities in [0, 1]", chances)
            require(chances == sorted(chances, reverse=True), "the likeliest answer first", chances)
        for name in ("understood", "familiar"):
            require(0 <= getattr(self, name) <= 1, f"{name} in [0, 1]", getattr(self, name))

    @property
    def best(self) -> str:
        """The likeliest answer, whether it is known or not."""
        return self.answers[0][0]
