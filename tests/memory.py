"""How much memory one call needs at its highest, and how much this process keeps."""

import ctypes
import gc
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path


def kept_mb() -> float:
    """MB in use now, where the system tells; otherwise the most so far.

    Garbage is collected and what the C library holds free is handed back first: its heap grows now and then by pieces
    too scattered to be used again, which is nothing that anybody keeps.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim is not None:
        trim(0)
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
    """Extra MB that `function(*arguments)` needs at its highest; 0 where the system does not tell.

    In a process of its own: the heap of a long test run would hide it.

    Args:
        function: importable by name from a test file.
        arguments: of kinds that pickle.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, function, arguments).result()
