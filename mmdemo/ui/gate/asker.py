"""Whether whoever asked is still there: long work looks between its parts, and stops when nobody waits for it.

Read next: `calls.py`, which says who asks, and `places.py`, which notices that they left.
"""

from collections.abc import Callable
from contextvars import ContextVar

from mmdemo.errors import MMDemoError

WAITS: ContextVar[Callable[[], bool] | None] = ContextVar("whoever asked still waits", default=None)


class AskerLeft(MMDemoError):
    """Nobody waits for this answer any more."""


def still_wanted() -> None:
    """Go on, or stop.

    Raises:
        AskerLeft: whoever asked has left.
    """
    waits = WAITS.get()
    if waits is not None and not waits():
        raise AskerLeft("Whoever asked has left.", "asker_left")
