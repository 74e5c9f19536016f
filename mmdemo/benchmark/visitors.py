"""Many visitors at once against the same questions one after another, in one run.

    python -m mmdemo.benchmark.visitors [--rounds 5] [--device cpu] [--visitors 1 8 32 64] [--json FILE]

Each visitor is a thread that asks `engine.match` with ten texts: about a photo that nobody has seen ("differing"), or
about one of a few that all ask about ("repeating"). In each round the same questions are asked one after another and
all at once; their ratio is taken round by round, so that a busy moment of the machine falls on both.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

import mmdemo
from mmdemo.benchmark import TEXTS, photos
from mmdemo.engine import Engine

VISITORS = (1, 8, 32, 64)
FAVOURITES = 4  # photos that all ask about
KINDS = ("differing", "repeating")

Ask = Callable[[Image.Image], object]


def one_after_another(ask: Ask, asked: list[Image.Image]) -> tuple[float, list[float]]:
    """Seconds for all, and for each."""
    begin, took = time.perf_counter(), []
    for photo in asked:
        start = time.perf_counter()
        ask(photo)
        took.append(time.perf_counter() - start)
    return time.perf_counter() - begin, took


def all_at_once(ask: Ask, asked: list[Image.Image]) -> tuple[float, list[float]]:
    """The same, a thread for each.

    Raises:
        Exception: whatever one of them met.
    """
    took, errors, barrier = [], [], threading.Barrier(len(asked) + 1)

    def visit(photo: Image.Image) -> None:
        barrier.wait()
        start = time.perf_counter()
        try:
            ask(photo)
        except Exception as error:
            errors.append(error)
        took.append(time.perf_counter() - start)

    threads = [threading.Thread(target=visit, args=(photo,)) for photo in asked]
    for thread in threads:
        thread.start()
    barrier.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - begin, took


def asked_by(kind: str, visitors: int, fresh: Iterator[Image.Image], favourites: list[Image.Image]) -> list:
    """One photo a visitor."""
    if kind == "differing":
        return [next(fresh) for _ in range(visitors)]
    return [favourites[i % len(favourites)] for i in range(visitors)]


def measure(engine: Engine, rounds: int, visitors: tuple[int, ...] = VISITORS) -> list[dict[str, Any]]:
    """A row for each kind and number of visitors, from `rounds` rounds of all of them."""
    fresh = photos(7)
    favourites = [next(fresh) for _ in range(FAVOURITES)]
    kept: dict[tuple[str, int], list[tuple]] = {(kind, n): [] for kind in KINDS for n in visitors}

    def ask(photo: Image.Image) -> object:
        return engine.match(photo, TEXTS)

    for turn in range(rounds + 1):
        for (kind, n), rows in kept.items():
            ways = [one_after_another, all_at_once][:: 1 if turn % 2 else -1]
            found = {way: way(ask, asked_by(kind, n, fresh, favourites)) for way in ways}
            if turn:  # the first warms up
                rows.append((found[one_after_another], found[all_at_once]))
    return [row(kind, n, rows) for (kind, n), rows in kept.items()]


def row(kind: str, visitors: int, rounds: list[tuple]) -> dict[str, Any]:
    """Ratio, answers a second and latencies of some rounds of ((seconds, each), (seconds, each))."""
    ratios = [alone / together for (alone, _), (together, _) in rounds]
    each = sorted(took for _, (_, some) in rounds for took in some)
    return {
        "kind": kind,
        "visitors": visitors,
        "times_as_fast": quartiles(ratios),
        "a_second_one_after_another": visitors / statistics.median(alone for (alone, _), _ in rounds),
        "a_second_at_once": visitors / statistics.median(together for _, (together, _) in rounds),
        "p50_ms": 1000 * statistics.median(each),
        "p95_ms": 1000 * each[min(len(each) - 1, 95 * len(each) // 100)],
    }


def quartiles(values: list[float]) -> list[float]:
    """[lower quartile, median, upper quartile]."""
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def report(rows: list[dict[str, Any]]) -> str:
    """The rows as a table for people."""
    lines = ["photos     visitors   times as fast (quartiles)   a second: in turn   at once   p50 ms   p95 ms"]
    for r in rows:
        low, middle, high = r["times_as_fast"]
        lines.append(
            f"{r['kind']:<11}{r['visitors']:8}{middle:13.2f} ({low:.2f} to {high:.2f})"
            f"{r['a_second_one_after_another']:18.1f}{r['a_second_at_once']:10.1f}{r['p50_ms']:9.0f}{r['p95_ms']:9.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", help="cpu, cuda or mps; the best one here if not given")
    parser.add_argument("--visitors", type=int, nargs="+", default=VISITORS)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    engine = mmdemo.load(device=args.device)
    engine.warm_up().join()
    rows = measure(engine, args.rounds, tuple(args.visitors))
    print(report(rows))
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
