"""`engine.match` beside the bare forwards of its two towers.

Read next: `page.py`.
"""

import itertools
from collections.abc import Callable

import torch

from mmdemo.benchmark.rounds import TEXTS, Calls, Setting, new_texts, photos, take_turns
from mmdemo.benchmark.rows import Row, per_round
from mmdemo.checkpoints import find
from mmdemo.engine import Engine
from mmdemo.types import Batch

IMAGE, TEXT, TEN = "image forward", "text forward", "text forward, ten"
MODEL = "matching"


def measure(setting: Setting) -> list[Row]:
    """What is known costs little, and what is new costs the forward of what is new."""
    calls = bare_calls(setting.engine) | match_calls(setting)
    times = take_turns(calls, setting.rounds)
    cold = [image + text for image, text in zip(times[IMAGE], times[TEN], strict=True)]
    return [
        per_round("forward_text", times[TEXT], times[IMAGE]),
        per_round("forward_ten_texts", times[TEN], times[IMAGE]),
        per_round("match_cold", times["cold"], cold),
        per_round("match_new_photo", times["new photo"], times[IMAGE]),
        per_round("match_new_text", times["new text"], times[TEXT]),
        per_round("match_warm", times["warm"], times[IMAGE]),
    ]


def bare_calls(engine: Engine) -> Calls:
    """The two encoders of the match alone: batches prepared beforehand, no cache, no head."""
    row, device = find(MODEL), engine.models.device
    image, text = (engine.models.load(name) for name in (row.image_encoder, row.text_encoder))
    return {
        IMAGE: bare_forward(image, image.prepare([next(photos())]).to(device)),
        TEXT: bare_forward(text, text.prepare(TEXTS[:1]).to(device)),
        TEN: bare_forward(text, text.prepare(TEXTS).to(device)),
    }


def bare_forward(encoder: torch.nn.Module, batch: Batch) -> Callable[[], object]:
    """One forward of a batch that lies on the device; it returns when a GPU is done."""

    @torch.no_grad()
    def call() -> None:
        encoder(batch)
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    return call


def match_calls(setting: Setting) -> Calls:
    """Ten texts each time: nothing known, the texts, all but one text, all. What is new is new to the others too."""
    engine, numbers = setting.engine, itertools.count()
    cold, fresh, texts = setting.stock(1), setting.stock(2), new_texts()
    known = next(setting.stock(3))
    return {
        "cold": lambda: engine.match(next(cold), next(texts)),
        "warm": lambda: engine.match(known, TEXTS),
        "new photo": lambda: engine.match(next(fresh), TEXTS),
        "new text": lambda: engine.match(known, [*TEXTS[1:], f"{next(numbers)} times {TEXTS[0]}"]),
    }
