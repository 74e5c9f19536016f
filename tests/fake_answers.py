"""The answers of the stand-in engine: fixed lists by kind and language; of dragons it cannot tell."""

from PIL import Image

from mmdemo import inputs
from mmdemo.engine.answer import MODEL, cleaned
from mmdemo.engine.languages import script
from mmdemo.errors import ChoiceError
from mmdemo.tasks.question_words import offers, question_kind
from mmdemo.types import AnswerResult, Explanation
from tests.fake_explaining import fraction

LISTS = {
    "en": {"yes/no": ("yes", "no"), "colour": ("red", "<b>blue</b>", "green"), "count": ("2", "1", "3", "4", "5", "6")},
    "zh": {"yes/no": ("是", "否"), "colour": ("红色", "<b>蓝色</b>", "绿色"), "count": ("2", "1", "3", "4", "5", "6")},
}
OTHERS = {"en": ("dog", "beach", "man", "picture"), "zh": ("狗", "海滩", "男人", "画")}
UNKNOWN = {"en": "dragon", "zh": "龙"}
ANSWER_CARD = {
    "name": MODEL,
    "title": {"en": "Answers of a stand-in", "zh": "替身的问答"},
    "counts": {"answers": 1234},
    "metrics": [
        {"metric": "yes_no_bound", "value": 0.62, "unit": "", "dataset": "all questions", "split": "val", "n": 3000,
         "seed": 0, "date": "2026-11-27"},
    ] + [
        {"metric": f"{kind}_{metric}", "value": value, "unit": "%", "dataset": "Fake questions", "split": "val",
         "n": 1500, "seed": 0, "date": "2026-11-27"}
        for kind, values in (("yes_no", (71.3, 82.4, 60.1, 50.2)), ("count", (45.0, 70.0, 40.0, 33.3)))
        for metric, value in zip(
            ("accuracy", "known_accuracy", "alone_accuracy", "commonest_accuracy"), values, strict=True
        )
    ],
}  # fmt: skip


class FakeAnswers:
    """`answer`; with a dark photo as without one, with a bright one the other way round."""

    calls: list[str]

    def answer(self, image: Image.Image, question: str, model: str = MODEL) -> AnswerResult:
        self.calls.append("answer")
        if model != MODEL:
            raise ChoiceError("model", model, [MODEL])
        image, question = inputs.read_image(image), cleaned(question)
        language, kind = "zh" if script(question) == "chinese" else "en", question_kind(question)
        named = offers(question)
        names = named or LISTS[language].get(kind, OTHERS[language])
        bright = image.convert("L").resize((1, 1)).getpixel((0, 0)) > 127
        understood = float(self.understood([question])[0])
        return AnswerResult(
            question, language, kind, _falling(names[::-1] if bright else names), _falling(names),
            known=UNKNOWN[language] not in question and understood > 0.5, ranked_by="named" if named else "list",
            explanation=self._answer_map(image, question), understood=understood,
            familiar=float(self.familiar([image])[0]), cut_tokens=max(0, len(question) - 200),
        )  # fmt: skip

    def _answer_map(self, image: Image.Image, question: str) -> Explanation:
        return self.explain(image, question, "cross_attention", model="cross_attention")


def _falling(names: tuple[str, ...] | list[str]) -> tuple[tuple[str, float], ...]:
    weights = sorted((0.2 + fraction(name, place) for place, name in enumerate(names)), reverse=True)
    return tuple((name, weight / sum(weights)) for name, weight in zip(names, weights, strict=True))
