"""Pictures from words and words from pictures: the autoencoder's two questions.

Read next: `tasks/reconstruction.py`.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine.models import Models, clean_sides
from mmdemo.errors import InputError
from mmdemo.tasks.reconstruction import SIDE
from mmdemo.types import Reconstruction, ReconstructionBackground, Sides, TokenSet

MODEL = "autoencoder"  # row of the table


class Encoded(NamedTuple):
    """A pair as the autoencoder reads it.

    Args:
        code: [1, D].
        picture: [1, 3, 64, 64] in [0, 1], or None.
        sentence: clean, or None.
        alone: a photo without a sentence, or without a word of it that the list holds.
    """

    code: Tensor
    picture: Tensor | None
    sentence: str | None
    alone: bool


class AutoencoderService:
    """One short code for a photo, a sentence or both, and what can be drawn and said from it."""

    def __init__(self, models: Models) -> None:
        self.models = models

    @torch.no_grad()
    def reconstruct(self, image: Image.Image | None = None, text: str | None = None) -> Reconstruction:
        """The photo and the words as they come back from the code; a missing side is imagined from the other.

        Args:
            image: a PIL picture of any mode, or None; it is squashed to 64 x 64.
            text: one sentence, English or Chinese, or None; words that the list does not hold are ignored and named
                in `unknown_words`.

        Raises:
            ImageError, TextError: both are missing, or one of them cannot be used.
        """
        with self.models.call("reconstruct"):
            code, picture, sentence, alone = self._encode(clean_sides(image, text))
            return self.models.load(MODEL).predict(code, picture, sentence, alone=alone)

    @torch.no_grad()
    def walk(
        self, first: tuple[Image.Image | None, str | None], second: tuple[Image.Image | None, str | None], share: float
    ) -> Reconstruction:
        """What is decoded on the straight line between two codes: (1 - share) z1 + share z2.

        Args:
            first, second: (picture or None, text or None), one of the two given in each.
            share: how far along, in [0, 1]: 0 is the first pair's code, 1 the second's.

        Raises:
            InputError: `share` is outside [0, 1]. ImageError, TextError: as for `reconstruct`.
        """
        if not 0 <= share <= 1:  # NaN too
            raise InputError(
                f"Expected a share of the way between 0 and 1; got {share}.", "share_outside", got=str(share)[:40]
            )
        with self.models.call("walk"):
            start, end = (self._encode(clean_sides(*pair)) for pair in (first, second))
            between = torch.lerp(start.code, end.code, float(share))
            return self.models.load(MODEL).predict(between, alone=start.alone and end.alone)

    @cached_property
    def background(self) -> ReconstructionBackground:
        """What the errors of `reconstruct` are to be compared with, from the autoencoder's card."""
        card = loading.read_card(MODEL)
        rows = {row["metric"]: row for row in card["metrics"]}
        one = rows["mean_picture_MSE"]
        return ReconstructionBackground(
            picture_error=rows["both_picture_MSE"]["value"],
            mean_picture_error=one["value"],
            words_error=rows["both_text_error"]["value"],
            common_words_error=rows["common_words_text_error"]["value"],
            edges_kept=rows["both_edges_kept"]["value"] / 100,
            words=card["words"],
            source=f"{one['dataset']} {one['split']}, {one['n']} photos",
        )

    def _encode(self, clean: Sides) -> Encoded:
        image, sentence = clean.image, clean.text
        picture, features = None, None
        if image is not None:
            (reader,) = find(MODEL).uses  # the head whose vectors it reads beside its tower's
            picture = small_picture(image).to(self.models.device)
            read = TokenSet.join(self.models.read_images([image, ImageOps.mirror(image)], MODEL))
            embedded = self.models.load(reader).fusion.embed_image(read)  # [2, 1024]
            features = torch.cat([embedded, read.pooled], -1).unsqueeze(1)  # [2, 1, 2304]
        model = self.models.load(MODEL)
        alone = picture is not None and not model.knows(sentence)
        return Encoded(model.encode(picture, features, sentence), picture, sentence, alone)


def small_picture(image: Image.Image) -> Tensor:
    """A clean picture squashed to 64 x 64, as the training photos were. -> [1, 3, 64, 64] in [0, 1]."""
    small = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float().div(255)
