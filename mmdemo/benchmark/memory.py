"""What the process keeps after a thousand and two thousand calls, each about a new photo and a new text.

A process of its own: what other parts of the run left behind would hide it. Read next: `start_up.py`.
"""

import ctypes
import gc
import itertools
import json
import subprocess
import sys
from pathlib import Path

import mmdemo
from mmdemo.benchmark.rounds import TEXTS, Setting, photos
from mmdemo.benchmark.rows import Row, row

COUNTS = (1000, 2000)
KINDS = 10  # calls of which one is of another kind than a match
SMALL = (192, 144)  # as quickly drawn and decoded as anything
STATUS = Path("/proc/self/status")


def measure(setting: Setting, counts: tuple[int, int] = COUNTS) -> list[Row]:
    """MB after the second count as a multiple of those after the first."""
    given = f"{counts}, {setting.device!r}, {setting.seed}"
    run = [sys.executable, "-c", f"from mmdemo.benchmark.memory import kept_after; kept_after({given})"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=Path(mmdemo.__file__).parents[1], check=True)
    first, second = json.loads(done.stdout.splitlines()[-1])
    return [row("memory", [second / first], mb=[first, second], calls=list(counts))]


def kept_after(counts: tuple[int, ...], device: str | None, seed: int) -> None:
    """Print the MB kept after so many calls, as JSON."""
    engine = mmdemo.load(device=device)
    engine.warm_up().join()
    fresh, numbers, kept = photos(seed), itertools.count(), []
    for number in range(max(counts)):
        photo, text = next(fresh).resize(SMALL), f"{TEXTS[number % len(TEXTS)]} {next(numbers)}"
        ask = {1: engine.sentiment, 2: engine.explain, 3: engine.answer}.get(number % KINDS, engine.match)
        ask(photo, text)
        if number + 1 in counts:
            kept.append(kept_mb())
    sys.stdout.write(json.dumps(kept) + "\n")


def kept_mb() -> float:
    """MB in use now; garbage is collected and what the C library holds free is handed back first.

    Raises:
        OSError: the system does not tell.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim is not None:
        trim(0)
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
