"""Time machine: the same pair through complete systems, from raw pixels to our dual encoder; and any row's answer.

Nothing is taken from the cache here, for each system's time includes its own encoders. Read next:
`tasks/pixels_tfidf.py`, `tasks/cnn_lstm.py`, `tasks/resnet_lstm.py`, `tasks/fused.py`.
"""

import time
from functools import cached_property

import torch
from PIL import Image
from torch import Tensor

from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, find
from mmdemo.engine.match import match_models
from mmdemo.engine.models import Models, clean_sides
from mmdemo.errors import ChoiceError, InputError
from mmdemo.types import Recognised, Sides, SystemResult

GALLERY = "pixels_tfidf"  # row of the table


def systems() -> list[Checkpoint]:
    """The rows that are a system of the time machine, the oldest first."""
    return sorted((row for row in CHECKPOINTS.values() if row.year), key=lambda row: row.year)


class TimelineService:
    """Systems in the order of their years, and the oldest one's gallery."""

    def __init__(self, models: Models) -> None:
        self.models = models

    @torch.no_grad()
    def timeline(self, image: Image.Image | None = None, text: str | None = None) -> list[SystemResult]:
        """What each system says of one pair, the oldest first.

        Args:
            image, text: either may be None, not both. Systems that compare by cosine then leave the match out.

        Raises:
            ImageError, TextError: both are missing, or one of them cannot be used.
        """
        with self.models.call("timeline"):
            sides = clean_sides(image, text)
            return [self._result(row, sides) for row in systems()]

    @torch.no_grad()
    def ask(self, model: str, image: Image.Image | None = None, text: str | None = None) -> dict[str, dict[str, float]]:
        """What any row that answers questions says of one pair: {question: {label: probability}}.

        Args:
            model: a row with `tasks`; of the Hub one of `match_models()`.
            image, text: either may be None, not both; questions that need the missing one are left out, and the match
                of a model that has no probability of one pair (CLIP).

        Raises:
            ChoiceError: no such row, or none that answers. ImageError, TextError: as `timeline`.
        """
        able = [name for name, row in CHECKPOINTS.items() if row.tasks and not row.hub]
        able += match_models()[1:]
        if model not in able:
            raise ChoiceError("model", model, able)
        with self.models.call("ask"):
            return self._answers(find(model), clean_sides(image, text))

    @torch.no_grad()
    def recognise(self, image: Image.Image | None = None, text: str | None = None, k: int = 5) -> list[Recognised]:
        """The k stored (photo, description) pairs of the gallery that pixels + TF-IDF find nearest, nearest first.

        Raises:
            InputError: k is no whole number from 1 to the size of the gallery. ImageError, TextError: as `timeline`.
        """
        with self.models.call("recognise"):
            captions, stored = self.gallery
            if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(captions):
                message = f"Expected k to be a whole number from 1 to {len(captions)}; got {str(k)[:40]}."
                raise InputError(message, "bad_k", k=str(k)[:40], most=len(captions))
            sides = self.models.read_anew(clean_sides(image, text), GALLERY)
            cosine = self.models.load(GALLERY).recognise(*sides, stored)[0]  # [G]
            best = cosine.topk(k)
            return [
                Recognised(*captions[i], c) for c, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ]

    @cached_property
    def gallery(self) -> tuple[list[list[str]], Tensor]:
        """The stored captions, [English, Chinese] each, and the TF-IDF of both together, [G, V]."""
        lines, tfidf = self.models.load(GALLERY).captions, self.models.tower(GALLERY, "text").encoder
        stored = tfidf(tfidf.prepare(lines).to(self.models.device)).pooled
        return [line.split("\t") for line in lines], stored

    def _result(self, row: Checkpoint, sides: Sides) -> SystemResult:
        heads = [self.models.load(name) for name in (row.name, *row.uses)]
        towers = [] if row.end_to_end else [self.models.tower(row.name, side).encoder for side in ("image", "text")]
        parts = [part for head in heads for part in head.answering()] + towers
        start = time.perf_counter()
        answers = self._answers(row, sides)
        milliseconds = 1000 * (time.perf_counter() - start)
        return SystemResult(
            name=row.name,
            year=row.year,
            parameters=sum(p.numel() for part in parts for p in part.parameters()),
            milliseconds=milliseconds,
            figure={task: loading.figure(entry) for task, entry in row.figures.items()},
            answers=answers,
            note="needs_both" if sides.missing and row.needs_both else "",
        )

    def _answers(self, row: Checkpoint, sides: Sides) -> dict[str, dict[str, float]]:
        """What a row and those that it uses say of one pair, both sides read once."""
        read = self.models.read_anew(sides, row.name)
        heads = (self.models.load(name) for name in (row.name, *row.uses))
        return {task: answer for head in heads for task, answer in head.answer(*read).items()}
