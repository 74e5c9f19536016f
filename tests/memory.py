"""How much memory one call needs, measured in a process of its own: a long test run's heap would hide it."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path


def resident_peak_mb(reset: bool = False) -> float:
    """Most memory this process had since the last reset, in MB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _measured(function: Callable[..., object], arguments: tuple[object, ...]) -> float:
    before = resident_peak_mb(reset=True)
    function(*arguments)
    return resident_peak_mb() - before


def peak_mb_of(function: Callable[..., object], *arguments: object) -> float:
    """Extra MB that `function(*arguments)` needs at its highest, in a fresh process; 0 where the system does not tell.

    Args:
        function: importable by name from a test file.
        arguments: of kinds that pickle.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, function, arguments).result()
