"""Time machine: the same pair through five complete systems, from raw pixels to our dual encoder.

Nothing is taken from the cache here, for each system's time includes its own encoders. Read next:
`tasks/pixels_tfidf.py`, `tasks/cnn_lstm.py`, `tasks/resnet_lstm.py`, `tasks/fused.py`.
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from mmdemo import inputs, loading
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.reader import Reader
from mmdemo.errors import InputError, TextError
from mmdemo.tasks.cnn_lstm import CnnLstm
from mmdemo.tasks.fused import LABELS, FusedTask
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.types import Recognised, SystemResult, TokenSet

YEARS = {"pixels_tfidf": 1988, "cnn_lstm": 2015, "resnet_lstm": 2016, "bert_resnet": 2019, "matching": 2021}
NEEDS_BOTH = ("pixels_tfidf", "matching")  # they compare by cosine, so there is no match without a second side
Sides = tuple[Image.Image | None, str | None]
Answers = dict[str, Tensor]


class Timeline(Reader):
    """Five systems in the order of their years, and the oldest one's gallery."""

    _gallery: tuple[list[list[str]], Tensor] | None = None

    @torch.no_grad()
    def timeline(self, image: Image.Image | None = None, text: str | None = None) -> list[SystemResult]:
        """What each system says of one pair, the oldest first.

        Args:
            image, text: either may be None, not both. The two systems that compare by cosine then leave the match out.

        Raises:
            ImageError, TextError: both are missing, or one of them cannot be used.
        """
        with self._call("timeline"):
            sides = _given(image, text)
            return [self._system_result(name, sides) for name in YEARS]

    @torch.no_grad()
    def recognise(self, image: Image.Image | None = None, text: str | None = None, k: int = 5) -> list[Recognised]:
        """The k stored (photo, description) pairs of the gallery that pixels + TF-IDF find nearest, nearest first.

        Raises:
            InputError: k is no whole number from 1 to the size of the gallery. ImageError, TextError: as `timeline`.
        """
        with self._call("recognise"):
            captions, stored = self._stored_pairs()
            if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(captions):
                message = f"Expected k to be a whole number from 1 to {len(captions)}; got {str(k)[:40]}."
                raise InputError(message, "bad_k", k=str(k)[:40], most=len(captions))
            sides = self._encode_both("pixels_tfidf", _given(image, text))
            cosine = self._module("pixels_tfidf").recognise(*sides, stored)[0]  # [G]
            best = cosine.topk(k)
            return [
                Recognised(*captions[i], c) for c, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ]

    def _stored_pairs(self) -> tuple[list[list[str]], Tensor]:
        """The gallery's captions, [English, Chinese] each, and the TF-IDF of both together, [G, V]."""
        if self._gallery is None:
            lines, tfidf = self._module("pixels_tfidf").captions, self._module("tfidf")
            stored = tfidf(tfidf.prepare(lines).to(self.device)).pooled
            self._gallery = [line.split("\t") for line in lines], stored
        return self._gallery

    def _system_result(self, name: str, sides: Sides) -> SystemResult:
        modules, ask = self._system(name)
        start = time.perf_counter()
        found = {task: row[0].tolist() for task, row in ask(*sides).items()}
        milliseconds = 1000 * (time.perf_counter() - start)
        return SystemResult(
            name=name,
            year=YEARS[name],
            parameters=sum(p.numel() for module in modules for p in module.parameters()),
            milliseconds=milliseconds,
            figure=_figure(name),
            answers={task: dict(zip(LABELS[task], row, strict=True)) for task, row in found.items()},
            note="needs_both" if None in sides and name in NEEDS_BOTH else "",
        )

    def _system(self, name: str) -> tuple[list[nn.Module], Callable[..., Answers]]:
        """The modules of a system, all loaded, its own first, and the function that asks it."""
        system, row = self._module(name), CHECKPOINTS[name]
        if isinstance(system, CnnLstm):
            used = {system.best, "multitask"}
            return [system.levels[level] for level in sorted(used)], lambda *sides: self._ask_cnn_lstm(system, sides)
        modules = [system, self._module(row.image_encoder), self._module(row.text_encoder)]
        if isinstance(system, DualEncoderMatching):
            return [*modules, self._module("sentiment")], lambda *sides: self._ask_dual(system, sides)
        if isinstance(system, FusedTask):
            task = row.config["task"]
            return modules, lambda *sides: {task: system.predict(*self._encode_both(name, sides))}
        return modules, lambda *sides: system.answers(*self._encode_both(name, sides))

    def _encode_both(self, name: str, sides: Sides) -> tuple[TokenSet | None, TokenSet | None]:
        """Both sides through the system's own encoders, B = 1."""
        row = CHECKPOINTS[name]
        towers = (self._module(row.image_encoder), self._module(row.text_encoder))
        return tuple(
            None if s is None else t(t.prepare([s]).to(self.device)) for t, s in zip(towers, sides, strict=True)
        )

    def _ask_cnn_lstm(self, system: CnnLstm, sides: Sides) -> Answers:
        return system.answers(*(None if b is None else b.to(self.device) for b in system.prepare(*sides)))

    def _ask_dual(self, system: DualEncoderMatching, sides: Sides) -> Answers:
        """The match by cosine, where there are two sides, and the verdict of the sentiment head."""
        picture, read = self._encode_both("matching", sides)
        found = {"sentiment": torch.from_numpy(self._module("sentiment").predict(picture, read).probabilities)[None]}
        if picture is not None and read is not None:
            match = system.calibration(system.similarity(picture, read))  # [1]
            found["matching"] = torch.stack([1 - match, match], -1)
        return found


def _given(image: Image.Image | None, text: str | None) -> Sides:
    """Both sides cleaned; `TextError` when neither was given."""
    blank = text is None or not text.strip()
    if image is None and blank:
        raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
    return None if image is None else inputs.clean_image(image), None if blank else inputs.clean_text(text)


def _figure(name: str) -> dict[str, float]:
    """Its own validation figures, from its card: AUC of the match (English captions), accuracy of sentiment."""
    rows = loading.read_card(name)["metrics"]
    found: dict[str, Any] = {"matching": _value(rows, "AUC", "English")}
    feeling = loading.read_card("sentiment")["metrics"] if name == "matching" else rows
    level = f"{CHECKPOINTS[name].config['best']}_" if name == "cnn_lstm" else ""
    found["sentiment"] = _value(feeling, f"{level}both_accuracy", "MVSA")
    return {task: value for task, value in found.items() if value is not None}


def _value(rows: list[dict[str, Any]], metric: str, dataset: str) -> float | None:
    return next((row["value"] for row in rows if row["metric"] == metric and dataset in row["dataset"]), None)
