"""Calls that take turns, and the ratios between them: a busy moment of the machine falls on all of them alike.

No time is compared with one of another round; of the ratios of all rounds the quartiles are kept. Read next: `rows.py`.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

import mmdemo
from mmdemo.engine import Engine

TEXTS = [
    "a dog runs on a beach",
    "two cats sleep on a sofa",
    "a child in a red coat jumps over a puddle",
    "a plate of noodles with egg",
    "people wait for a bus in the rain",
    "一只狗在沙滩上跑",
    "两个孩子在踢足球",
    "雪山前的一座木屋",
    "a man plays the guitar on a stage",
    "a yellow taxi in front of tall buildings",
]
WARM = 2  # rounds that are thrown away

Calls = dict[str, Callable[[], object]]
Times = dict[str, list[float]]


def take_turns(calls: Calls, repeats: int, clock: Callable[[], float] = time.perf_counter) -> Times:
    """Milliseconds of every call, `repeats` rounds of all of them, after two rounds that are thrown away."""
    times: Times = {name: [] for name in calls}
    for round_number in range(repeats + WARM):
        for name, call in calls.items():
            start = clock()
            call()
            took = 1000 * (clock() - start)
            if round_number >= WARM:
                times[name].append(took)
    return times


def quartiles(values: Sequence[float]) -> list[float]:
    """[lower quartile, median, upper quartile]."""
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3


def photos(seed: int = 0) -> Iterator[Image.Image]:
    """Photos of 640 x 480 that no cache has seen: noise around a new colour each."""
    random = np.random.default_rng(seed)
    grain = random.integers(0, 64, (480, 640, 3), np.uint8)
    while True:
        yield Image.fromarray(grain + random.integers(0, 192, 3, np.uint8))


def new_photos(count: int, seed: int) -> Iterator[Image.Image]:
    """So many of them, drawn beforehand: drawing one takes time that is not the network's."""
    return iter(list(itertools.islice(photos(seed), count)))


def new_texts() -> Iterator[list[str]]:
    """The ten texts with a number at the end, so that no cache has seen them; the number adds a token or two."""
    return ([f"{text} {i}" for text in TEXTS] for i in itertools.count())


def measure_sizes(engine: Engine, model: str) -> None:
    """How many items a forward of a model's towers takes; otherwise measured beside the first calls."""
    for side in ("image", "text"):
        engine.models.readings.measure(engine.models.tower(model, side))


@dataclass(frozen=True)
class Setting:
    """What every part of a run is measured with.

    Args:
        folder: for files that go with the run.
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        rounds: of calls that take a fraction of a second; what takes longer has fewer.
        seed: of photos and random weights.
    """

    folder: Path
    device: str | None = None
    rounds: int = 20
    seed: int = 0

    @cached_property
    def engine(self) -> Engine:
        """One for all parts, every model of its own loaded and the sizes of its batches measured."""
        engine = mmdemo.load(device=self.device)
        engine.warm_up().join()
        measure_sizes(engine, "matching")
        return engine

    @cached_property
    def files(self) -> list[Path]:
        """Two photos that a visitor might upload."""
        paths = [self.folder / name for name in ("photo.jpg", "another.jpg")]
        for path, photo in zip(paths, photos(self.seed), strict=False):
            photo.save(path, quality=90)
        return paths

    @property
    def few(self) -> int:
        """Rounds of what takes seconds."""
        return max(1, self.rounds // 4)

    def stock(self, kind: int = 0) -> Iterator[Image.Image]:
        """A new photo for each round of a call; another `kind`, other photos."""
        return new_photos(self.rounds + WARM, 1000 * (self.seed + 1) + kind)
