"""A photo in words: captions as a whole, or word by word as they come. Read next: `tasks/captioning.py`."""

from collections.abc import Iterator

import torch
from PIL import Image

from mmdemo import inputs
from mmdemo.engine.models import Models
from mmdemo.errors import ChoiceError, InputError
from mmdemo.tasks.caption_search import describe, spoken
from mmdemo.tasks.captioning import ReadPicture
from mmdemo.types import CaptionResult, CaptionWord

MODEL, MATCHING = "captioning", "matching"  # rows of the table
LANGUAGES = ("en", "zh")
MOST = 5  # captions of one photo
HOTTEST = 2.0  # temperature
Grid = tuple[int, int]


class CaptionService:
    """Captions of photos, each word with its map."""

    def __init__(self, models: Models) -> None:
        self.models = models

    @torch.no_grad()
    def caption(
        self, image: Image.Image, language: str = "en", count: int = 1, start: str = "", temperature: float = 0.0
    ) -> CaptionResult:
        """Different captions of one photo, the likeliest first.

        Args:
            image: a PIL picture of any mode.
            language: "en" or "zh".
            count: how many at most, 1 to 5.
            start: what they begin with, "" for nothing.
            temperature: 0 searches for the likeliest (a beam); up to 2, each word is drawn by chance.

        Raises:
            ChoiceError: another language. InputError: a count or temperature out of range.
            ImageError, TextError: the photo or the start cannot be used.
        """
        start = _checked(language, start, temperature)
        if type(count) is not int or not 1 <= count <= MOST:
            got = str(count)[:40]
            raise InputError(f"Expected 1 to {MOST} captions; got {got}.", "caption_count", limit=MOST, got=got)
        with self.models.call("caption"):
            picture, grid = self._read(image)
            return describe(self.models.load(MODEL), picture, grid, language, count, start, temperature)

    def spoken(
        self, image: Image.Image, language: str = "en", start: str = "", temperature: float = 0.0
    ) -> Iterator[CaptionWord]:
        """One caption word by word, as it comes; the words of the start are not told again. As `caption` otherwise."""
        start = _checked(language, start, temperature)
        with self.models.call("spoken"):
            picture, grid = self._read(image)
            words = spoken(self.models.load(MODEL), picture, grid, language, start, temperature)
        return self.models.in_parts("spoken", words)

    @torch.no_grad()
    def _read(self, image: Image.Image) -> tuple[ReadPicture, Grid]:
        """A photo as the decoder asks it, and the grid of its places."""
        (seen,) = self.models.read_images([image], MODEL)
        whole, grid = self.models.load(MATCHING).embed_image(seen), seen.layout[0].grid
        return self.models.load(MODEL).read_picture(seen.tokens, whole, grid), grid


def _checked(language: str, start: str, temperature: float) -> str:
    """The start, cleaned."""
    if language not in LANGUAGES:
        raise ChoiceError("language", language, list(LANGUAGES))
    if type(temperature) not in (int, float) or not 0 <= temperature <= HOTTEST:  # NaN is refused too
        got = str(temperature)[:40]
        message = f"Expected a temperature from 0 to {HOTTEST:g}; got {got}."
        raise InputError(message, "caption_temperature", most=HOTTEST, got=got)
    return inputs.clean_text(start) if start.strip() else ""
