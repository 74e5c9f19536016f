"""A question about a photo, answered; and the same question without the photo.

A head ranks its list of answers. Where the question offers some itself, only those are ranked: by the head if all stand
in its list, otherwise by how well the statements that they make fit the photo. A row of the Hub writes its answers.
Read next: `tasks/question_words.py`, `tasks/vision_language.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from mmdemo import inputs, loading
from mmdemo.checkpoints import find
from mmdemo.engine import cases, methods
from mmdemo.engine.hub import on_the_hub, usable
from mmdemo.engine.languages import is_foreign, script
from mmdemo.engine.match import MODEL as MATCHING
from mmdemo.engine.match import MatchService
from mmdemo.engine.models import Models
from mmdemo.engine.titles import hub_title
from mmdemo.errors import ChoiceError, InputError, TextError, WeightsError
from mmdemo.tasks import writing
from mmdemo.tasks.answering import Answering
from mmdemo.tasks.question_words import left_open, offers, question_kind, statements
from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM, AnswerResult, Explanation, TokenSet

MODEL = "answering"  # row of the table
HUB = ("vision_language", "answering")  # kind and question of the rows of the Hub that answer too
WRITTEN = 3  # answers that such a row writes
BOUND = "_bound"  # figures of its card: from which probability on a kind of question is answered
TOLD = 8  # answers of many
MOST = 20  # answers that a question may offer


def answer_models() -> tuple[str, ...]:
    """Rows that answer questions: our own first, then those of the Hub that are here and offered."""
    return (MODEL, *usable(*HUB))


@dataclass(frozen=True)
class Read:
    """A question and its photo as the head reads them (B = 1), and what is said of both, whoever answers."""

    image: Image.Image
    picture: TokenSet
    question: TokenSet
    about: AnswerResult


class AnswerService:
    """Answers to questions about photos."""

    def __init__(self, models: Models, matching: MatchService) -> None:
        self.models, self.matching = models, matching

    def answer(self, image: Image.Image, question: str, model: str = MODEL) -> AnswerResult:
        """Answers to one question about one photo, in the question's language, and without the photo.

        Args:
            image: a PIL picture of any mode.
            question: in English or Chinese; a statement is answered too.
            model: one of `answer_models()`.

        Raises:
            ChoiceError: no such row. TextError: no question, or one that is too long. InputError: it offers more than
                20 answers, or is in a language that the row does not read. ImageError: the photo cannot be used.
                WeightsError: a file is missing or damaged.
        """
        if model != MODEL and model not in on_the_hub(*HUB):
            raise ChoiceError("model", model, list(answer_models()))
        question = cleaned(question)
        sides = ([image], [question]) if model == MODEL else ()
        with self.models.reading("answer", MODEL, *sides):
            if model != MODEL:
                return self._by_writer(inputs.clean_image(image), question, model)
            head: Answering = self.models.load(MODEL)
            read = self._read(image, question)
            names = head.answers_zh if read.about.language == "zh" else head.answers
            offered = offers(question, names)
            if len(offered) > MOST:
                message = f"Expected a question that offers at most {MOST} answers; got {len(offered)}."
                raise InputError(message, "question_offers", limit=MOST, got=len(offered))
            if not set(offered) <= set(names):
                return self._by_statements(read, offered)
            return self._by_head(head, read, names, bool(offered))

    def _read(self, image: Image.Image, question: str) -> Read:
        (picture,), (text,) = self.models.read_images([image], MODEL), self.models.read_texts([question], MODEL)
        familiarity = self.matching.familiarity
        about = AnswerResult(
            question,
            "zh" if script(question) == "chinese" else "en",
            question_kind(question),
            answers=((question, 0.0),),  # nothing yet
            without_image=(),
            known=False,
            understood=float(familiarity.of_texts([question], [text], MODEL)[0]),
            familiar=familiarity.of_image(image, picture, MODEL),
            cut_tokens=text.layout[0].cut_tokens,
        )
        return Read(image, picture, text, about)

    def _by_head(self, head: Answering, read: Read, names: Sequence[str], named: bool) -> AnswerResult:
        """The head's answers: of its list those that the question leaves open, whose probabilities sum to 1."""
        with torch.no_grad():
            seeing, blind = (head(side, read.question)[0].float() for side in (read.picture, None))  # [V] each
        places = left_open(read.about.question, names)
        names, chances = [names[i] for i in places], seeing[places].softmax(-1)
        best = int(chances.argmax())
        return replace(
            read.about,
            answers=ranked(names, chances),
            without_image=ranked(names, blind[places].softmax(-1)),
            known=float(chances[best]) > self._bound(read.about.kind) and self._is_readable(read),
            ranked_by="named" if named else "list",
            explanation=self._explained(read, MODEL, read.about.question, head.answers[places[best]]),
        )

    def _by_statements(self, read: Read, offered: list[str]) -> AnswerResult:
        """The offered answers by how well their statements fit the photo; without one there is nothing to fit."""
        match = self.matching.match(read.image, statements(read.about.question, offered))
        best = int(match.similarity.argmax())
        return replace(
            read.about,
            answers=ranked(offered, torch.from_numpy(match.share)),
            known=self._is_readable(read) and match.verdict(best) == "match",
            ranked_by="statements",
            explanation=self._explained(read, MATCHING, match.texts[best]),
        )

    @torch.no_grad()
    def _by_writer(self, image: Image.Image, question: str, model: str) -> AnswerResult:
        """What a row of the Hub writes, each answer with the probability of just these tokens and the end.

        Without the photo: of an even picture in the mean colour that the row subtracts, so that it sees zeros.
        """
        if is_foreign(question, model):
            title, languages = hub_title(model), ", ".join(find(model).hub.languages)
            message = f"{title} reads questions in {languages} only. Ask in one of these, or another model."
            raise InputError(message, "question_language", title=title, languages=languages)
        writer = self.models.load(model)
        blank = Image.new("RGB", image.size, writer.mean_colour)
        seeing, blind = (writing.write(writer.answer(one, question), WRITTEN) for one in (image, blank))
        best = max(seeing, key=lambda one: one.probability)
        return AnswerResult(
            question, "en", question_kind(question), *(as_answers(some) for some in (seeing, blind)), known=True,
            model=model, ranked_by="writer", explanation=written_map(best, image, model),
        )  # fmt: skip

    @cached_property
    def bounds(self) -> dict[str, float]:
        """From which probability of its best answer on a kind of question is answered, from the card.

        Raises:
            WeightsError: the card has no such bound at all.
        """
        rows = loading.from_card(MODEL, "metrics")
        found = {row["metric"].removesuffix(BOUND): row["value"] for row in rows if row["metric"].endswith(BOUND)}
        if not found:
            raise WeightsError(f"The card of {MODEL!r} has no figure that ends in {BOUND!r}: from where to answer.")
        return found

    def _bound(self, kind: str) -> float:
        """That of a kind; 1, which no probability exceeds, where too few such questions were measured."""
        return self.bounds.get(kind.replace("/", "_"), 1.0)

    @staticmethod
    def _is_readable(read: Read) -> bool:
        return read.about.understood >= UNDERSTOOD_FROM and read.about.familiar >= FAMILIAR_FROM

    def _explained(self, read: Read, model: str, text: str, target: str | None = None) -> Explanation:
        case = cases.build_case(self.models, model, read.image, text, target)
        return methods.explained(case, methods.default_method(case))


def cleaned(question: str) -> str:
    """The question as one clean line; `TextError` as `inputs.clean_text`, of its own code where there is none."""
    try:
        return inputs.clean_text(question)
    except TextError as error:
        if error.code != "text_missing":
            raise
        raise TextError("Expected a question about the photo; got none. Type one.", "question_missing") from None


def ranked(names: Sequence[str], chances: Tensor) -> tuple[tuple[str, float], ...]:
    """The likeliest names with their probabilities, falling; those of one name count together.

    Args:
        names: V of them; in Chinese several answers may be one word.
        chances: [V] summing to 1.
    """
    together: dict[str, float] = {}
    for name, chance in zip(names, chances.tolist(), strict=True):
        together[name] = together.get(name, 0.0) + chance
    falling = sorted(together.items(), key=lambda pair: -pair[1])[:TOLD]
    return tuple((name, min(chance, 1.0)) for name, chance in falling)


def as_answers(texts: Sequence[writing.Written]) -> tuple[tuple[str, float], ...]:
    """Written texts as answers; one that was written in several ways counts together."""
    return ranked([one.text for one in texts], torch.tensor([one.probability for one in texts]))


def written_map(answer: writing.Written, image: Image.Image, model: str) -> Explanation | None:
    """Where the words of an answer were read, on average; None of a model that cannot say."""
    maps = [word.attention for word in answer.words if word.text and word.attention is not None]
    if not maps:
        return None
    mean = torch.from_numpy(np.mean(maps, 0))  # [h, w]
    large = F.interpolate(mean[None, None], image.size[::-1], mode="bilinear")[0, 0]  # [height, width]
    return Explanation(mean.numpy(), large.numpy(), (), "attention", signed=False, model=model)
