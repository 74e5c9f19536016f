"""The feeling of a picture, of a text, and of both. Read next: `tasks/sentiment.py`, `explain.py`."""

from dataclasses import replace
from functools import cached_property

import torch
from PIL import Image

from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine.familiarity import FamiliarityService
from mmdemo.engine.models import Models
from mmdemo.types import SentimentResult, Sides

MODEL = "sentiment"  # row of the table


class SentimentService:
    """Negative, neutral or positive."""

    def __init__(self, models: Models, familiarity: FamiliarityService) -> None:
        self.models, self.familiarity = models, familiarity

    @torch.no_grad()
    def sentiment(self, image: Image.Image | None = None, text: str | None = None) -> SentimentResult:
        """Negative, neutral or positive, by picture, by text, and by both; either side may be None, not both.

        Raises:
            ImageError, TextError: both are missing, or one of them cannot be used.
        """
        sides = Sides(image, text)
        with self.models.reading_sides("sentiment", MODEL, sides) as (picture, read):
            result = self.models.load(MODEL).verdicts(picture, read)
            return replace(
                result,
                understood=None if read is None else float(self.familiarity.of_texts([text], [read], MODEL)[0]),
                familiar=None if picture is None else self.familiarity.of_image(image, picture, MODEL),
                accuracy=None if sides.missing else self.accuracies[result.note or "agree"],
            )

    @cached_property
    def accuracies(self) -> dict[str, float]:
        """Share of right verdicts on validation pairs whose sides "disagree" and whose sides "agree", from the card."""
        return {name: loading.figure(entry) / 100 for name, entry in find(MODEL).figures.items()}
