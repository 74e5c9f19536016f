"""A fair lock: whoever has waited longest goes next.

Python's own locks promise no order. A long piece of work that lets go of the lock between its parts would mostly get it
back at once, and everybody else would wait for all of the parts. Read next: `models.py`.
"""

import threading
from collections import deque
from collections.abc import Callable

from mmdemo.serving import current_patience


class FairLock:
    """A lock for `with`; a thread that holds it may take it again.

    Args:
        before_next: called by whoever leaves, while nobody else is inside.

    Raises:
        BusyError: on entering, when the caller's patience has ended (`serving/patience.py`).
    """

    def __init__(self, before_next: Callable[[], None] = lambda: None) -> None:
        self._before_next = before_next
        self._guard = threading.Lock()  # held for a few lines only
        self._owner: int | None = None
        self._depth = 0
        self._waiting: deque[tuple[int, threading.Lock]] = deque()

    @property
    def held(self) -> bool:
        """Whether a thread is inside."""
        return self._owner is not None

    @property
    def depth(self) -> int:
        """How often the thread inside has entered; 0 with nobody inside."""
        return self._depth

    @property
    def waiting(self) -> int:
        """How many threads stand in the line."""
        return len(self._waiting)

    def __enter__(self) -> "FairLock":
        me, patience = threading.get_ident(), current_patience()
        if self._owner != me:
            patience.require()
        with self._guard:
            if self._owner in (None, me):
                self._owner, self._depth = me, self._depth + 1
                return self
            bell = threading.Lock()
            bell.acquire()
            self._waiting.append((me, bell))
        try:
            # rung by the one before, who has made this thread the owner
            while not bell.acquire(timeout=min(patience.seconds_left, threading.TIMEOUT_MAX)):
                patience.require()
            patience.require()
        except BaseException:  # no patience, or Ctrl+C: leave the line, or pass on a turn that has just come
            self._leave(me, bell)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._depth == 1:
                self._before_next()
        finally:
            with self._guard:
                self._depth -= 1
                if self._depth == 0:
                    self._ring()

    def _ring(self) -> None:
        """Give the lock to the one who has waited longest; the guard is held."""
        if not self._waiting:
            self._owner = None
            return
        self._owner, bell = self._waiting.popleft()
        self._depth = 1
        bell.release()

    def _leave(self, me: int, bell: threading.Lock) -> None:
        with self._guard:
            if (me, bell) in self._waiting:
                self._waiting.remove((me, bell))
            else:
                self._depth = 0
                self._ring()
