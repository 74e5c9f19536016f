"""Can an answer be believed at all: is this a text that is understood, is this a picture like the photos known?

Read next: `tasks/familiarity.py`.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from mmdemo.checkpoints import find
from mmdemo.engine.models import Models
from mmdemo.engine.readings import made_once
from mmdemo.types import TokenSet

TEXT_HEAD, IMAGE_HEAD = "text_familiarity", "image_familiarity"  # rows of the table


class FamiliarityService:
    """`understood` and `familiar`, of texts and pictures as they come or as another model has read them."""

    def __init__(self, models: Models) -> None:
        self.models = models

    def understood(self, texts: Sequence[str]) -> np.ndarray:
        """The probability that each text is one that the text tower can read, [K] float32 in [0, 1].

        English and Chinese are; noise of the keyboard, other scripts, and strings of signs or emoji are not. It is
        calibrated over as many real texts as made-up ones; see the card of "familiarity".

        Raises:
            TextError: a text cannot be used.
        """
        with self.models.reading("understood", TEXT_HEAD, texts=texts) as (_, read):
            return self._judged(TEXT_HEAD, read)

    def familiar(self, images: Sequence[Image.Image]) -> np.ndarray:
        """The probability that each picture is like photographs, [B] float32 in [0, 1]; noise and drawings are not.

        Raises:
            ImageError: a picture cannot be used.
        """
        with self.models.reading("familiar", IMAGE_HEAD, images) as (read, _):
            return self._judged(IMAGE_HEAD, read)

    def of_texts(self, texts: Sequence[str], read: list[TokenSet], model: str) -> np.ndarray:
        """`understood` of texts that the towers of the row `model` have read; read again only by another tower."""
        if find(model).text_encoder != find(TEXT_HEAD).text_encoder:
            read = self.models.read_texts(texts, TEXT_HEAD)
        return self._judged(TEXT_HEAD, read)

    def of_image(self, image: Image.Image, read: TokenSet, model: str) -> float:
        """`familiar` of one picture that the towers of the row `model` have read; read again only by another tower."""
        if find(model).image_encoder != find(IMAGE_HEAD).image_encoder:
            (read,) = self.models.read_images([image], IMAGE_HEAD)
        return float(self._judged(IMAGE_HEAD, [read])[0])

    def _judged(self, head: str, read: list[TokenSet]) -> np.ndarray:
        """[n], each item judged once."""
        judged = made_once(head, self.models.load(head).predict, read)
        return np.concatenate([np.zeros(0, np.float32), *judged])
