"""An answer that is the same for everybody, worked out once. Read next: `widgets.py`."""

import threading
from collections.abc import Callable
from typing import Any


class Once:
    """A function without arguments whose first answer is kept; whoever asks meanwhile waits for it.

    Args:
        answer: asked again only after it has raised.
    """

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer
        self._lock = threading.Lock()
        self._known: list[Any] = []

    def __call__(self) -> Any:
        """The answer; raises what `answer` raises."""
        if not self._known:
            with self._lock:
                if not self._known:
                    self._known.append(self.answer())
        return self._known[0]
