"""How long a caller waits: until a moment, or until he has gone.

    with patience(seconds=20, gone=visitor_has_left):
        engine.match(photo, texts)

Whatever waits inside, at whatever depth, gives up in time: it raises, and what only this caller wanted is not computed.
Read next: `batcher.py`.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from mmdemo.errors import BusyError


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Patience:
    """One caller's.

    Args:
        until: the moment on `time.monotonic()`'s clock at which he gives up.
        gone: says whether he has left already; asked from other threads.
    """

    until: float = math.inf
    gone: Callable[[], bool] = _never

    @property
    def seconds_left(self) -> float:
        """At least 0; infinite where there is no such moment."""
        return max(0.0, self.until - time.monotonic())

    @property
    def ended(self) -> bool:
        """Whether his answer is for nobody."""
        return self.seconds_left == 0 or self.gone()

    def require(self) -> None:
        """Raise `BusyError` when it has ended."""
        if self.gone():
            raise BusyError("Whoever asked has left.", "asker_left")
        if self.seconds_left == 0:
            raise BusyError("Expected an answer in time; too many were asked before. Try again soon.", "engine_late")


_ENDLESS = Patience()
_CURRENT: ContextVar[Patience] = ContextVar("patience", default=_ENDLESS)


def current_patience() -> Patience:
    """That of the call in this thread (or task); without an end, where nobody has said one."""
    return _CURRENT.get()


@contextmanager
def patience(seconds: float = math.inf, gone: Callable[[], bool] = _never) -> Iterator[None]:
    """All questions asked inside wait so long at most, and not for one who has gone; within another, the shorter."""
    around = current_patience()
    inner = Patience(min(around.until, time.monotonic() + seconds), lambda: gone() or around.gone())
    token = _CURRENT.set(inner)
    try:
        yield
    finally:
        _CURRENT.reset(token)
