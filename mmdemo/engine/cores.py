"""Which threads share a processor's cores: one team that computes, or one thread on each core, never more.

torch shares the work of one layer among a team of threads. OpenMP keeps such a team for every thread that ever asked
for one, and GNU's stops waiting actively for the next layer once all teams together have more threads than there are
cores: then each layer begins with waking threads, and a small network takes twice the time. A page asks from dozens of
threads, so whoever gives the device up sends his team home (`dismiss_team`).

A team also waits, layer by layer, for whichever of its threads has lost its core to somebody else's work. So it serves
one visitor best, and of several pictures each core reads one by itself (`one_thread_each`). Read next: `models.py`.
"""

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec

import torch

SOFT = 1  # omp_pause_soft (OpenMP 5.0, section 3.2.44): what is released comes back with the next parallel region


@cache
def _openmp() -> ctypes.CDLL:
    """The libraries that torch was linked with; a name is looked up in all of them."""
    return ctypes.CDLL(find_spec("torch._C").origin)


@cache
def keeps_teams() -> bool:
    """Whether this torch computes with GNU's OpenMP; that of LLVM and Intel lets all threads share one team."""
    return hasattr(_openmp(), "omp_pause_resource") and not hasattr(_openmp(), "__kmpc_fork_call")


def dismiss_team() -> None:
    """End the threads that share this thread's layers; a fifth of a millisecond, and they come when they are needed."""
    if keeps_teams():
        _openmp().omp_pause_resource(SOFT, _openmp().omp_get_initial_device())


def one_thread_each(count: int) -> ThreadPoolExecutor:
    """So many threads of which none shares its forward with others."""
    barrier = threading.Barrier(count)

    def alone() -> None:
        torch.get_num_threads()  # a thread that is new to torch would take the common number later
        torch.set_num_threads(1)  # of this thread; also of threads that are new to torch, which is taken back below
        barrier.wait()

    pool, before = ThreadPoolExecutor(count, "core"), torch.get_num_threads()
    for waiting in [pool.submit(alone) for _ in range(count)]:
        waiting.result()
    torch.set_num_threads(before)
    return pool
