"""Memory that is free is given back: with forty threads, the C library would keep a heap for each.

Where this is not glibc nothing happens. Read next: `life.py`.
"""

import ctypes
import gc
import platform

M_ARENA_MAX = -8  # of glibc's malloc.h
ARENAS = 2  # one thread has the device, the others mostly wait


def few_heaps() -> None:
    """At most two heaps for all threads that begin from now on."""
    library = _glibc()
    if library is not None:
        library.mallopt(M_ARENA_MAX, ARENAS)


def keep_all() -> None:
    """Look for no garbage until `settle`: what a start makes stays, and looking through it is a fifth of its time."""
    gc.disable()


def settle() -> None:
    """What is here now stays: give the rest back, and look for garbage only in what comes from now on."""
    give_back()
    gc.freeze()
    gc.enable()


def give_back() -> None:
    """Collect garbage and hand free memory back to the system."""
    gc.collect()
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
