"""From a name, a picture and a text to what can be explained: one pair as one model reads it.

Here heads, towers and targets are put together into a `Subject`, so that the methods need know none of them.
Read next: `explaining.py`, `tasks/targets.py`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from PIL import Image
from torch import nn

from mmdemo import inputs, loading
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.reader import PICTURES_KEPT, TEXTS_KEPT, Reader, _digest
from mmdemo.errors import ChoiceError, TextError
from mmdemo.explain.base import Subject, Tower
from mmdemo.tasks.targets import Target, shown
from mmdemo.types import Batch, TokenSet

EXPLAINED = ("matching", "sentiment", "fusion", "dual_encoder")  # kinds of rows whose answers can be explained
SIDES = ("image", "text")


@dataclass(frozen=True)
class Case:
    """One pair as one model reads it.

    Args:
        model: the row of the checkpoint table.
        target: the number to explain, no longer None.
        subject: how the number is made.
        image: the picture's tokens (B = 1).
        text: the text's tokens (B = 1).
    """

    model: str
    target: Target
    subject: Subject
    image: TokenSet
    text: TokenSet


class Subjects(Reader):
    """Builds cases; owns the untrained twins that the sanity test asks."""

    def explained_models(self) -> tuple[str, ...]:
        """Names of every model of the table whose answers can be explained."""
        return tuple(name for name, row in CHECKPOINTS.items() if row.kind in EXPLAINED)

    def targets(self, model: str) -> tuple[str, ...]:
        """What of a model's answer can be explained: "similarity", "match", or its labels.

        Two labels ask why the first and not the second; two texts ask the same of a model that compares.

        Raises:
            ChoiceError: no such model, or none that can be explained.
        """
        return self._parts(model)[0].targets

    def case(
        self, model: str, image: Image.Image, text: str, target: Target | None = None, untrained: bool = False
    ) -> Case:
        """One pair as one model reads it; with `untrained` the same model with random weights.

        Raises:
            ChoiceError: no such model or target. TextError: two texts of which the first is not the pair's own.
        """
        head, towers = self._parts(model, untrained)
        sides = [
            self._side(tower, name, item, untrained)
            for tower, name, item in zip(towers, self._tower_names(model), (image, text), strict=True)
        ]
        (seen, image_tower), (read, text_tower) = sides
        asked, base, rival = _resolve(head, target, read.layout[0].text)
        if asked is None:
            with torch.no_grad():
                asked = base = head.own_target(head.fuse(seen, read))
        subject = Subject(
            fuse=head.fuse,
            judge=partial(head.judge, target=base),
            rival=None if rival is None else self._side(towers[1], self._tower_names(model)[1], rival, untrained)[0],
            shown=partial(shown, target=base),
            image=image_tower,
            text=text_tower,
            attention=getattr(getattr(head, "fusion", None), "attention", ()),
            dual=getattr(head, "dual", False),
            places=getattr(head, "place_similarity", None),
        )
        return Case(model, asked, subject, seen, read)

    def _parts(self, model: str, untrained: bool = False) -> tuple[nn.Module, tuple[nn.Module, nn.Module]]:
        """A head and its two towers."""
        if model not in self.explained_models():
            raise ChoiceError("model", model, list(self.explained_models()))
        get = self._untrained if untrained else self._module
        head, row = get(model), CHECKPOINTS[model]
        if row.kind == "dual_encoder":
            return head, (head.image_encoder, head.text_encoder)
        return head, (get(row.image_encoder), get(row.text_encoder))

    @staticmethod
    def _tower_names(model: str) -> tuple[str, str]:
        row = CHECKPOINTS[model]
        return row.image_encoder or f"{model}/image", row.text_encoder or f"{model}/text"

    def _untrained(self, name: str) -> nn.Module:
        """The same architecture with random weights, drawn once."""
        key = f"{name}, untrained"
        with self._lock:
            if key not in self._modules:
                self._modules[key] = loading.build_untrained(name, self.device)
            return self._modules[key]

    def _side(self, encoder: nn.Module, name: str, item: Any, untrained: bool) -> tuple[TokenSet, Tower | None]:
        """One side's tokens (B = 1), from the cache where it was read before, and its tower."""
        picture = encoder.modality == "image"
        item = inputs.clean_image(item) if picture else inputs.clean_text(item)
        batch = encoder.prepare([item])
        if untrained:
            with torch.no_grad():
                tokens = encoder(batch.to(self.device)).item(0)
        else:
            cache, kept = (self._pictures, PICTURES_KEPT) if picture else (self._texts, TEXTS_KEPT)
            key = (name, batch.layout[0].size, _digest(batch)) if picture else (name, item)
            (tokens,) = self._cached(cache, kept, [key], encoder, lambda _: batch)
        return tokens, self._tower(encoder, batch.to(self.device), item)

    @staticmethod
    @torch.no_grad()
    def _tower(encoder: nn.Module, batch: Batch, item: Any) -> Tower | None:
        """None for an encoder that cannot be read from its first layer on (a word count, say)."""
        if not encoder.rereads:
            return None
        return Tower(
            start=encoder.start(batch),
            nothing=lambda: encoder.nothing(batch).detach(),
            read=lambda start, kept: encoder.reread(start, batch, kept),
            look=(lambda start: encoder.look(start, batch)) if encoder.looks else None,
            attends=encoder.attends,
            finer=(lambda: encoder.finer(item)) if encoder.reads_finer else None,
        )


def _resolve(head: nn.Module, target: Any, text: str) -> tuple[Target | None, Target | None, str | None]:
    """(what was asked, the name of the number, the rival text or None); None, None, None where nothing was asked.

    Raises:
        ChoiceError: a name that is none of the head's. TextError: two texts of which the first is not the pair's own.
    """
    if target is None:
        return None, None, None
    compares = [name for name in ("similarity", "match") if name in head.targets]
    if isinstance(target, str) and target in head.targets:
        return target, target, None
    pair = tuple(target) if isinstance(target, (tuple, list)) else ()
    if len(pair) != 2 or not all(isinstance(name, str) for name in pair):
        raise ChoiceError("target", target, list(head.targets))
    if all(name in head.targets for name in pair) and "similarity" not in pair:
        return pair, pair, None
    if not compares:
        raise ChoiceError("target", pair[0] if pair[0] not in head.targets else pair[1], list(head.targets))
    first, second = (inputs.clean_text(name) for name in pair)
    if first != text:
        message = f"Expected the first of two texts to be the pair's own, {text[:60]!r}; got {first[:60]!r}."
        raise TextError(message, "rival_without_own", first=first[:60], text=text[:60])
    return (first, second), compares[0], second
