"""Downloads that somebody on the page has asked for: each has a thread that keeps how far it has come.

Every page that looks at a row asks once a second; so two visitors, and one who reloads, see the same, and nobody ends
what another one waits for.
Read next: `picker.py`, `mmdemo/engine/hub.py`.
"""

import threading
import time
from typing import TYPE_CHECKING

from mmdemo.errors import WeightsError
from mmdemo.types import FetchProgress
from mmdemo.ui.gate.log import note_failure

if TYPE_CHECKING:
    from mmdemo.engine import Engine

WAITS = 5.0  # seconds since a page's last look at a row, after which nobody waits for it there


class Downloads:
    """What the page knows of downloads, one for all visitors.

    Args:
        engine: which fetches.
    """

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._latest: dict[str, FetchProgress] = {}
        self._running: set[str] = set()
        self._looked: dict[str, dict[str, float]] = {}  # row -> session -> when it looked last
        self._refused: set[tuple[str, str]] = set()  # (row, session) that could not end what others wait for

    def start(self, name: str) -> None:
        """Fetch a row, or go on with one that is on its way already; returns at once."""
        with self._lock:
            if name in self._running:
                return
            self._running.add(name)
            self._refused = {pair for pair in self._refused if pair[0] != name}
            self._latest[name] = FetchProgress(name, 0, 0)
        threading.Thread(target=self._follow, args=(name,), name=f"fetch {name}", daemon=True).start()

    def look(self, name: str, session: str) -> None:
        """One page looks at a row that is on its way, and so waits for it."""
        with self._lock:
            now = time.monotonic()
            looked = self._looked.get(name, {}) | {session: now}
            self._looked[name] = {who: when for who, when in looked.items() if now - when < WAITS}

    def cancel(self, name: str, session: str) -> None:
        """Stop one that is on its way, unless other pages wait for it too; what came stays for the next time."""
        self.look(name, session)
        if len(self._looked[name]) == 1:
            self._refused.discard((name, session))
            self.engine.cancel_fetch(name)
        else:
            self._refused.add((name, session))

    def goes_on_for_others(self, name: str, session: str) -> bool:
        """Whether this page has tried to stop one that goes on for others."""
        return (name, session) in self._refused

    def latest(self, name: str) -> FetchProgress | None:
        """How far it has come, or how the last try ended; None where nobody has tried."""
        return self._latest.get(name)

    def _follow(self, name: str) -> None:
        try:
            for progress in self.engine.fetch(name):
                self._latest[name] = progress
        except Exception as error:  # a known failure is the last progress, not raised
            note_failure("A download failed", error)
            problem = WeightsError("It ended unexpectedly.", "fetch_broke", title=name, name=name)
            self._latest[name] = FetchProgress(name, 0, 0, "", "failed", problem)
        finally:
            with self._lock:
                self._running.discard(name)
