"""Which models of the Hub are needed now, and which was used least recently: that one makes room for another.

Read next: `models.py`.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class InUse:
    """Loaded rows of the Hub, the longest unused first; for whoever holds the device."""

    def __init__(self) -> None:
        self.rows: dict[str, None] = {}
        self._asked: set[str] = set()  # by the call that has the device now
        self._guard = threading.Lock()  # of the next line
        self._pinned: Counter[str] = Counter()  # by work in parts, between which others have the device

    def begin(self) -> None:
        """A new call has the device, and needs nothing yet."""
        self._asked.clear()

    def use(self, name: str) -> None:
        """The call needs this row: it becomes the one used last."""
        self.rows[name] = self.rows.pop(name, None)
        self._asked.add(name)

    @contextmanager
    def pinned(self, name: str) -> Iterator[None]:
        """Work in parts needs this row until its end."""
        self._pin(name, 1)
        try:
            yield
        finally:
            self._pin(name, -1)

    def _pin(self, name: str, more: int) -> None:
        with self._guard:
            self._pinned[name] += more

    def unused(self) -> list[str]:
        """Rows that nobody needs now, the longest unused first."""
        return [name for name in self.rows if name not in self._asked and not self._pinned[name]]
