"""From a name, a picture and a text to what can be explained: one pair as one model reads it.

Here heads, towers and targets are put together into a `Subject`, so that the methods need know none of them.
Read next: `methods.py`, `tasks/targets.py`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from PIL import Image

from mmdemo import inputs, loading
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.models import Models, Tower
from mmdemo.errors import ChoiceError, TextError
from mmdemo.explain import base
from mmdemo.tasks.targets import Target, shown
from mmdemo.types import Batch, TokenSet


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
    subject: base.Subject
    image: TokenSet
    text: TokenSet


def explained_models() -> tuple[str, ...]:
    """Names of every row whose answers can be explained, of the Hub's those that are here and offered."""
    return tuple(name for name, row in CHECKPOINTS.items() if row.default_method and loading.is_usable(row))


def require_explained(model: str) -> None:
    """Raise `ChoiceError` unless it is one of `explained_models`."""
    if model not in explained_models():
        raise ChoiceError("model", model, list(explained_models()))


def build_case(
    models: Models, model: str, image: Image.Image, text: str, target: Target | None = None, untrained: bool = False
) -> Case:
    """One pair as one model reads it; with `untrained` the same model with random weights.

    Raises:
        ChoiceError: no such model or target. TextError: two texts of which the first is not the pair's own.
        ImageError, TextError: one of them cannot be used.
    """
    require_explained(model)
    task = models.load(model, untrained)
    towers = {side: models.tower(model, side, untrained) for side in ("image", "text")}
    seen, image_tower = _read(models, towers["image"], inputs.clean_image(image), untrained)
    read, text_tower = _read(models, towers["text"], inputs.clean_text(text), untrained)
    asked, number, rival = resolve(task.targets, target, read.layout[0].text)
    if asked is None:
        with torch.no_grad():
            asked = number = task.own_target(task.fuse(seen, read))
    subject = base.Subject(
        fuse=task.fuse,
        judge=partial(task.judge, target=number),
        rival=None if rival is None else _read(models, towers["text"], rival, untrained)[0],
        shown=partial(shown, target=number),
        image=image_tower,
        text=text_tower,
        task_traits=task.traits,
        places=getattr(task, "place_similarity", None),
    )
    return Case(model, asked, subject, seen, read)


@torch.no_grad()
def target_values(models: Models, case: Case) -> dict[str, float]:
    """Every number of the model's answer by its target, as a person sees it: a cosine, or a probability."""
    task = models.load(case.model)
    fused = task.fuse(case.image, case.text)
    return {name: float(shown(task.judge(fused, name).float(), name)[0]) for name in task.targets}


@torch.no_grad()
def denied(models: Models, case: Case) -> str:
    """Whether the model stands by what is explained; see `Faithfulness.denied`. One half is where a match begins."""
    values, target = target_values(models, case), case.target
    pair = isinstance(target, tuple)
    if values.get("match", 1) < 0.5:
        return "no"
    if pair and float(case.subject.score(case.image, case.text)[0]) < 0:
        return "other"
    labels = set(values) - {"similarity"}
    name = target[0] if pair else target
    return "other" if len(labels) > 1 and name in labels and name != max(labels, key=values.__getitem__) else ""


def resolve(
    targets: tuple[str, ...], target: Any, text: str | None = None
) -> tuple[Target | None, Target | None, str | None]:
    """What is asked of a model's answer.

    Args:
        targets: the numbers that it has.
        target: one of them, two of its labels, two texts where it compares, or None.
        text: the pair's own, which must be the first of two texts; None lets any be the first.

    Returns:
        (what was asked, the name of the number, the rival text or None); three times None where nothing was asked.

    Raises:
        ChoiceError: a name that is none of the targets. TextError: two texts of which the first is not the pair's own.
    """
    if target is None:
        return None, None, None
    compares = [name for name in ("similarity", "match") if name in targets]
    if isinstance(target, str) and target in targets:
        return target, target, None
    pair = tuple(target) if isinstance(target, (tuple, list)) else ()
    if len(pair) != 2 or not all(isinstance(name, str) for name in pair):
        raise ChoiceError("target", target, list(targets))
    if all(name in targets for name in pair) and "similarity" not in pair:
        return pair, pair, None
    if not compares:
        raise ChoiceError("target", pair[0] if pair[0] not in targets else pair[1], list(targets))
    first, second = (inputs.clean_text(name) for name in pair)
    if text not in (None, first):
        message = f"Expected the first of two texts to be the pair's own, {text[:60]!r}; got {first[:60]!r}."
        raise TextError(message, "rival_without_own", first=first[:60], text=text[:60])
    return (first, second), compares[0], second


@torch.no_grad()
def _read(models: Models, tower: Tower, item: Image.Image | str, untrained: bool) -> tuple[TokenSet, base.Tower | None]:
    """One clean item's tokens (B = 1), kept where it was read before, and how they came to be."""
    batch = tower.encoder.prepare([item])
    on_device = batch.to(models.device)
    tokens = tower.encoder(on_device).item(0) if untrained else models.read_prepared(tower, item, batch)
    return tokens, _entered(tower.encoder, on_device, item)


def _entered(encoder: Any, batch: Batch, item: Any) -> base.Tower | None:
    """None for an encoder that cannot be entered at its first layer (a word count, say)."""
    traits, pools = encoder.traits, "attention_pooling" in encoder.traits
    if "reread" not in traits:
        return None
    return base.Tower(
        start=encoder.start(batch),
        nothing=lambda: encoder.nothing(batch).detach(),
        read=lambda start, kept: encoder.reread(start, batch, kept),
        traits=traits,
        last_attention=(lambda start: encoder.encode_with_attention(start, batch)) if pools else None,
        finer=partial(encoder.finer, item) if "finer" in traits else None,
    )
