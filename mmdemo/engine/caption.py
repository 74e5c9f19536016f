"""A photo in words: captions as a whole, or word by word as they come.

Our own decoder, or a row of the Hub that writes. Read next: `tasks/captioning.py`, `tasks/vision_language.py`.
"""

from collections.abc import Generator, Iterator, Sequence
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from mmdemo import inputs
from mmdemo.checkpoints import find
from mmdemo.engine.hub import on_the_hub, usable
from mmdemo.engine.models import Models
from mmdemo.errors import ChoiceError, InputError
from mmdemo.inputs.texts import MAX_TEXT_CHARACTERS
from mmdemo.tasks import writing
from mmdemo.tasks.caption_search import describe, spoken
from mmdemo.tasks.captioning import Captioning, ReadPicture
from mmdemo.types import CaptionResult, CaptionWord, TokenSet

MODEL, MATCHING = "captioning", "matching"  # rows of the table
HUB = ("vision_language", "captioning")  # kind and question of the rows of the Hub that write captions too
LANGUAGES = ("en", "zh")
MOST = 5  # captions of one photo
HOTTEST = 2.0  # temperature
Grid = tuple[int, int]
Words = Generator[CaptionWord, None, None]


def caption_models() -> tuple[str, ...]:
    """Rows that write captions: our own first, then those of the Hub that are here and offered."""
    return (MODEL, *usable(*HUB))


class CaptionService:
    """Captions of photos, each word with its map."""

    def __init__(self, models: Models) -> None:
        self.models = models

    @torch.no_grad()
    def caption(
        self, image: Image.Image, language: str = "en", count: int = 1, start: str = "", temperature: float = 0.0,
        model: str = MODEL,
    ) -> CaptionResult:  # fmt: skip
        """Different captions of one photo: our own ranked by probability and by the matching head's cosine.

        Args:
            image: a PIL picture of any mode.
            language: "en" or "zh".
            count: how many at most, 1 to 5.
            start: what they begin with, "" for nothing.
            temperature: 0 searches for the likeliest (a beam); up to 2, each word is drawn by chance.
            model: one of `caption_models()`.

        Raises:
            ChoiceError: another language, no such model. WeightsError: it is not on this machine.
            InputError: a count or temperature out of range, or a language that the model does not write.
            ImageError, TextError: the photo or the start cannot be used.
        """
        start = _checked(language, start, temperature, model)
        if type(count) is not int or not 1 <= count <= MOST:
            got = str(count)[:40]
            raise InputError(f"Expected 1 to {MOST} captions; got {got}.", "caption_count", limit=MOST, got=got)
        with self.models.reading("caption", MODEL, [image]):
            tokens, whole = self._read(image)
            fit = partial(self._fit, whole)
            if model == MODEL:
                return describe(*self._pictured(tokens, whole), fit, language, count, start, temperature)
            found = writing.write(self._prompt(image, start, model), count, temperature)
            texts = tuple(one.text for one in found)
            chances, words = tuple(one.probability for one in found), tuple(one.words for one in found)
            return CaptionResult(texts, chances, words, language, tuple(fit(texts).tolist()), model)

    def spoken(
        self, image: Image.Image, language: str = "en", start: str = "", temperature: float = 0.0, model: str = MODEL
    ) -> Iterator[CaptionWord]:
        """One caption word by word, as it comes; the words of the start are not told again. As `caption` otherwise."""
        start = _checked(language, start, temperature, model)
        with self.models.reading("spoken", MODEL, [image] if model == MODEL else []):
            words = self._words(image, language, start, temperature, model)
        return self.models.in_parts("spoken", words, model)

    def _words(self, image: Image.Image, language: str, start: str, temperature: float, model: str) -> Words:
        if model != MODEL:
            return writing.spoken(self._prompt(image, start, model), temperature)
        tokens, whole = self._read(image)
        return spoken(*self._pictured(tokens, whole), language, start, temperature)

    @torch.no_grad()
    def _read(self, image: Image.Image) -> tuple[TokenSet, Tensor]:
        """What our towers read of a photo: its tokens, and its matching vector [1, D]."""
        (tokens,) = self.models.read_images([image], MODEL)
        return tokens, self.models.load(MATCHING).embed_image(tokens)

    @torch.no_grad()
    def _pictured(self, tokens: TokenSet, whole: Tensor) -> tuple[Captioning, ReadPicture, Grid]:
        """Our decoder, the photo as it asks it, and the grid of its places."""
        decoder, grid = self.models.load(MODEL), tokens.layout[0].grid
        return decoder, decoder.read_picture(tokens.tokens, whole, grid), grid

    def _prompt(self, image: Image.Image, start: str, model: str) -> writing.Prompt:
        return self.models.load(model).caption(inputs.clean_image(image), start)

    @torch.no_grad()
    def _fit(self, whole: Tensor, texts: Sequence[str]) -> Tensor:
        """The matching head's cosine of each text with a photo's vector [1, D], [K]; -1 for one without a word."""
        cosine, said = torch.full((len(texts),), -1.0), [i for i, text in enumerate(texts) if text.strip()]
        if said:
            read = self.models.read_texts([texts[i][:MAX_TEXT_CHARACTERS] for i in said], MATCHING)
            vectors = self.models.load(MATCHING).embed_text(TokenSet.join(read))  # [n, D]
            cosine[said] = (vectors @ whole[0]).float().cpu()
        return cosine


def _checked(language: str, start: str, temperature: float, model: str) -> str:
    """The start, cleaned."""
    if model != MODEL and model not in on_the_hub(*HUB):
        raise ChoiceError("model", model, list(caption_models()))
    if language not in LANGUAGES:
        raise ChoiceError("language", language, list(LANGUAGES))
    source = find(model).hub
    if source and language not in source.languages:
        spoken_by_it = ", ".join(source.languages)
        message = f"{source.title} writes captions in {spoken_by_it}; got {language}. Ask for one of these."
        raise InputError(message, "caption_language", title=source.title, languages=spoken_by_it, got=language)
    if type(temperature) not in (int, float) or not 0 <= temperature <= HOTTEST:  # NaN is refused too
        got = str(temperature)[:40]
        message = f"Expected a temperature from 0 to {HOTTEST:g}; got {got}."
        raise InputError(message, "caption_temperature", most=HOTTEST, got=got)
    return inputs.clean_text(start) if start.strip() else ""
