"""The captions of the stand-in engine: fixed words, whose maps and probabilities hang on their letters and places."""

from collections.abc import Iterator

from PIL import Image

from mmdemo import inputs
from mmdemo.errors import ChoiceError, InputError
from mmdemo.types import CaptionResult, CaptionWord
from tests.fake_explaining import bump, fraction

SAID = {"en": "a dog runs on the green grass", "zh": "一 只 狗 在 草 地 上 跑"}
OTHERS = {"en": ("cat", "child", "stands", ""), "zh": ("猫", "孩", "站", "")}
SUBJECTS = {"en": ("dog", "cat", "<b>child</b>", "girl", "horse"), "zh": ("狗", "猫", "孩", "人", "马")}
GRID = (9, 9)
CAPTION_CARD = {
    "name": "captioning",
    "title": {"en": "Captions of a stand-in", "zh": "替身的配文"},
    "metrics": [
        {"metric": metric, "value": value, "unit": "", "dataset": f"Fake8k, {data}", "split": "val", "n": 998,
         "seed": 0, "date": "2026-11-27"}
        for data, values in (("English", (0.43, 0.17)), ("Chinese", (1.21, 0.36)))
        for metric, value in zip(("CIDEr", "BLEU-4"), values, strict=True)
    ],
}  # fmt: skip


class FakeCaptions:
    """`caption` and `spoken`; the k-th caption has another subject, and what was given stands in front."""

    calls: list[str]

    def caption(
        self, image: Image.Image, language: str = "en", count: int = 1, start: str = "", temperature: float = 0.0,
        model: str = "captioning",
    ) -> CaptionResult:  # fmt: skip
        self.calls.append("caption")
        inputs.read_image(image)
        start = _checked(language, start, temperature)
        if type(count) is not int or not 1 <= count <= 5:
            raise InputError("Expected 1 to 5 captions.", "caption_count", limit=5, got=str(count)[:40])
        told = [_words(language, start, subject) for subject in SUBJECTS[language][:count]]
        gap = " " if language == "en" else ""
        texts = [gap.join(word.text for word in words if word.text) for words in told]
        chances, cosines = tuple(0.02 / (k + 1) for k in range(count)), tuple(0.4 - 0.05 * k for k in range(count))
        return CaptionResult(tuple(texts), chances, tuple(told), language, cosines, model)

    def spoken(
        self,
        image: Image.Image,
        language: str = "en",
        start: str = "",
        temperature: float = 0.0,
        model: str = "captioning",
    ) -> Iterator[CaptionWord]:
        inputs.read_image(image)
        start = _checked(language, start, temperature)
        return self._told([word for word in _words(language, start, SUBJECTS[language][0]) if not word.given])

    def _told(self, words: list[CaptionWord]) -> Iterator[CaptionWord]:
        for word in words:
            self.calls.append(f"word {word.text}")
            yield word


def _checked(language: str, start: str, temperature: float) -> str:
    if language not in SAID:
        raise ChoiceError("language", language, list(SAID))
    if type(temperature) not in (int, float) or not 0 <= temperature <= 2:
        message = "Expected a temperature from 0 to 2."
        raise InputError(message, "caption_temperature", most=2.0, got=str(temperature)[:40])
    return inputs.clean_text(start) if start.strip() else ""


def _words(language: str, start: str, subject: str) -> tuple[CaptionWord, ...]:
    said = SAID[language].replace(SUBJECTS[language][0], subject).split()
    given = start.split()
    return tuple(_word(text, i, language, i < len(given)) for i, text in enumerate([*given, *said, ""]))


def _word(text: str, i: int, language: str, given: bool) -> CaptionWord:
    image_map = bump(*GRID, *(fraction(axis, text, i) for axis in "yx"))
    others = tuple((other, 0.2 / (k + 1)) for k, other in enumerate(OTHERS[language]))
    return CaptionWord(text, 0.3 + 0.4 * fraction(text, i), image_map / image_map.sum(), others, given)
