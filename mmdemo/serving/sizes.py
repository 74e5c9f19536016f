"""How many items one forward should take here: measured on the device, once a network.

On a GPU a forward of eight takes hardly longer than one of one; on two cores of a CPU it may take eight times as long,
and then waiting for eight helps nobody. The smallest size is taken at which an item costs hardly more than at the best.
Read next: `batcher.py`.
"""

import time
from collections.abc import Callable, Mapping

SIZES = (1, 2, 4, 8, 16, 32)
UNMEASURED = 8
HARDLY = 1.08  # times the time of an item at the best size
LONGEST_S = 0.5  # a forward: no larger ones are tried, so that nobody waits for long
TRIES = 2


def choose_size(seconds: Mapping[int, float]) -> int:
    """The smallest size whose time an item is near the least. seconds: of one forward, by its size."""
    least = min(took / size for size, took in seconds.items())
    return min(size for size, took in seconds.items() if took / size <= HARDLY * least)


def measure_size(forward: Callable[[int], None], at_least: int = 1) -> int:
    """The size to take, by a few forwards of growing size.

    Args:
        forward: reads so many items and waits until the device is done; it may hold the device meanwhile.
        at_least: no smaller size is tried, where so many cores stand ready.
    """
    seconds: dict[int, float] = {}
    for size in filter(lambda size: size >= min(at_least, SIZES[-1]), SIZES):
        seconds[size] = min(_timed(forward, size) for _ in range(TRIES))
        if seconds[size] > LONGEST_S:
            break
    return choose_size(seconds)


def _timed(forward: Callable[[int], None], size: int) -> float:
    start = time.perf_counter()
    forward(size)
    return time.perf_counter() - start
