"""Many visitors at once against the same questions one after another.

Each visitor is a thread that asks `engine.match` with ten texts: about a photo that nobody has seen ("differ"), or
about one of a few that all ask about ("repeat"). In each round the same questions are asked all at once and one after
another, and every answer is compared with the one that was given to a single visitor. What the pictures' tower has read
is forgotten before each; so is it before every single question where the row says "each read anew".
Read next: `memory.py`.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from mmdemo.benchmark.rounds import TEXTS, Setting, photos
from mmdemo.benchmark.rows import Row, row
from mmdemo.engine import Engine
from mmdemo.types import MatchingResult

VISITORS = (1, 8, 32, 64)
FAVOURITES = 4  # photos that all ask about
KINDS = ("differ", "repeat")
FEWER, MORE = 32, 64
CLOSE = 1e-4  # two answers about the same: a batch adds in another order

Ask = Callable[[Image.Image], MatchingResult]
Forget = Callable[[], None]


@dataclass
class Answers:
    """What some visitors got, in their order."""

    seconds: float
    each: list[float] = field(default_factory=list)
    results: list[MatchingResult | Exception] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many got none."""
        return sum(isinstance(one, Exception) for one in self.results)

    def wrong(self, right: "Answers") -> int:
        """How many got another answer than those of `right`."""
        pairs = zip(self.results, right.results, strict=True)
        return sum(not (isinstance(one, Exception) or same(one, other)) for one, other in pairs)


def measure(setting: Setting) -> list[Row]:
    """A row for each kind and number of visitors, and how the most do beside half as many."""
    return measured(setting.engine, setting.few, setting.seed)


def measured(engine: Engine, rounds: int, seed: int = 0, visitors: Sequence[int] = VISITORS) -> list[Row]:
    """The same with an engine and any numbers of visitors; the first of the rounds warms up."""
    fresh = photos(seed)
    favourites = [next(fresh) for _ in range(FAVOURITES)]
    found: dict[tuple[str, int], list[tuple[Answers, ...]]] = {(kind, n): [] for kind in KINDS for n in visitors}
    for turn in range(rounds + 1):
        for (kind, n), kept in found.items():
            some = asked_by(kind, n, fresh, favourites)
            one = one_round(engine, some, kind == "repeat", turn % 2 == 1)
            kept += [one] if turn else []
    rows = [visitors_row(f"{kind}_{n}", some) for (kind, n), some in found.items()]
    rows += [anew_row(f"anew_{n}", some) for (kind, n), some in found.items() if kind == "repeat" and n == FEWER]
    if {FEWER, MORE} <= set(visitors):
        rates = ((n, [n / at_once.seconds for at_once, *_ in found["differ", n]]) for n in (FEWER, MORE))
        fewer, more = (rate for _, rate in rates)
        rows.append(row("more_than_32", [m / f for m, f in zip(more, fewer, strict=True)]))
    return rows


def asked_by(kind: str, visitors: int, fresh: Iterator[Image.Image], favourites: list[Image.Image]) -> list:
    """One photo a visitor."""
    if kind == "differ":
        return [next(fresh) for _ in range(visitors)]
    return [favourites[i % len(favourites)] for i in range(visitors)]


def one_round(engine: Engine, some: list[Image.Image], anew: bool, single_first: bool) -> tuple[Answers, ...]:
    """All at once, one after another, and with `anew` one after another with nothing kept from one to the next."""
    forget = engine.models.pictures.clear

    def ask(photo: Image.Image) -> MatchingResult:
        return engine.match(photo, TEXTS)

    ways: list[Callable[[], Answers]] = [
        lambda: all_at_once(ask, some),
        lambda: one_after_another(ask, some),
        *([lambda: one_after_another(ask, some, forget)] if anew else []),
    ]
    answers: dict[int, Answers] = {}
    for i in sorted(range(len(ways)), reverse=single_first):
        forget()
        answers[i] = ways[i]()
    return tuple(answers[i] for i in range(len(ways)))


def one_after_another(ask: Ask, some: list[Image.Image], forget: Forget = lambda: None) -> Answers:
    """A single visitor asks all; `forget` comes before each question."""
    answers, begin = Answers(0.0), time.perf_counter()
    for photo in some:
        forget()
        start = time.perf_counter()
        answers.results.append(answered(ask, photo))
        answers.each.append(time.perf_counter() - start)
    answers.seconds = time.perf_counter() - begin
    return answers


def all_at_once(ask: Ask, some: list[Image.Image]) -> Answers:
    """The same, a thread for each."""
    count, barrier = len(some), threading.Barrier(len(some) + 1)
    answers = Answers(0.0, [0.0] * count, [None] * count)

    def visit(place: int) -> None:
        barrier.wait()
        start = time.perf_counter()
        answers.results[place] = answered(ask, some[place])
        answers.each[place] = time.perf_counter() - start

    threads = [threading.Thread(target=visit, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    answers.seconds = time.perf_counter() - begin
    return answers


def answered(ask: Ask, photo: Image.Image) -> MatchingResult | Exception:
    """The answer, or whatever came instead: it is counted."""
    try:
        return ask(photo)
    except Exception as error:
        return error


def same(one: MatchingResult, other: MatchingResult | Exception) -> bool:
    """Whether every number that a visitor sees is the same but for rounding."""
    if isinstance(other, Exception):
        return False
    pairs = ((one.similarity, other.similarity), (one.probability, other.probability))
    return all(np.allclose(a, b, rtol=0, atol=CLOSE) for a, b in pairs)


def visitors_row(key: str, rounds: list[tuple[Answers, ...]]) -> Row:
    """How many times as fast all at once are; answers a second, latencies, errors and wrong answers."""
    each = sorted(took for at_once, *_ in rounds for took in at_once.each)
    visitors = len(rounds[0][0].each)
    return row(
        key,
        [alone.seconds / at_once.seconds for at_once, alone, *_ in rounds],
        visitors=visitors,
        a_second_in_turn=visitors / statistics.median(alone.seconds for _, alone, *_ in rounds),
        a_second_at_once=visitors / statistics.median(at_once.seconds for at_once, *_ in rounds),
        p50_ms=1000 * statistics.median(each),
        p95_ms=1000 * each[min(len(each) - 1, 95 * len(each) // 100)],
        errors=sum(at_once.errors for at_once, *_ in rounds),
        wrong=sum(at_once.wrong(alone) for at_once, alone, *_ in rounds),
    )


def anew_row(key: str, rounds: list[tuple[Answers, ...]]) -> Row:
    """All at once against one after another when nothing is kept from one to the next."""
    return row(key, [anew.seconds / at_once.seconds for at_once, _, anew in rounds])
