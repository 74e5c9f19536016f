"""Items that several callers wait for, read by one forward: whoever has the device reads for those behind him too.

A caller announces what he wants while he stands in the line for the device. When his turn comes he takes it: one
forward reads his items together with those that others have announced by then, and when their turn comes it is there
already. So nobody waits for company while the device is idle, and the busier it is, the larger are the batches
("group commit" of databases, DeWitt et al. 1984; batches that form by themselves, Crankshaw et al. 2017, "Clipper").
The same content wanted by several is read once. Read next: `patience.py`, `sizes.py`, `engine/readings.py`.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, zip_longest
from typing import Any, Protocol

from mmdemo.errors import BusyError
from mmdemo.serving.patience import Patience, current_patience

MOST_WAITING = 1024  # items in one line
COMPANY_S = 0.003  # how long one with the device waits for callers who are about to announce
FORWARDS: Counter[int] = Counter()  # how many there were in this process, by the items they read: see `metrics.py`


class Kept(Protocol):
    """Where results are kept."""

    def kept(self, key: Hashable) -> Any:
        """What was kept under a key, or None."""

    def keep(self, key: Hashable, value: Any) -> None:
        """Keep it, for a while."""


class Flight:
    """One item on its way, wanted by one caller or several."""

    def __init__(self, key: Hashable, item: Any) -> None:
        self.key, self.item = key, item
        self.wanted_by = 0
        self.done = False
        self.value: Any = None
        self.error: Exception | None = None


class Caller:
    """One caller's place in the line."""

    def __init__(self, flights: Mapping[Hashable, Flight], patience: Patience) -> None:
        self.flights, self.patience = flights, patience

    @property
    def waiting(self) -> list[Flight]:
        """What has not been read yet, in his order."""
        return [flight for flight in self.flights.values() if not flight.done]


class Batcher:
    """The line before one network; safe to share between threads.

    Args:
        run: items -> one result each, in their order; called by one thread at a time, which has the device.
        kept: where results go, and where one may lie already.
        size: most items of a forward, asked before each.
    """

    def __init__(self, run: Callable[[Sequence[Any]], Sequence[Any]], kept: Kept, size: Callable[[], int]) -> None:
        self._run, self._kept, self._size = run, kept, size
        self._guard = threading.Condition()  # held for a few lines only
        self._line: dict[Caller, None] = {}  # in the order of coming
        self._flights: dict[Hashable, Flight] = {}  # what nobody has read yet
        self._coming = 0

    @property
    def waiting(self) -> int:
        """How many items nobody has read yet."""
        return len(self._flights)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Whoever prepares items to be announced here soon; one with the device waits for him a few milliseconds."""
        with self._guard:
            self._coming += 1
        try:
            yield
        finally:
            with self._guard:
                self._coming -= 1
                self._guard.notify_all()

    def announce(self, items: Mapping[Hashable, Any]) -> Caller:
        """Stand in the line with some items by their keys; then `take` them, or `leave`.

        Raises:
            BusyError: too much waits already ("engine_busy").
        """
        with self._guard:
            if len(self._flights) >= MOST_WAITING:
                message = f"Expected a shorter line; {len(self._flights)} items wait already. Try again soon."
                raise BusyError(message, "engine_busy")
            caller = Caller({key: self._flight(key, item) for key, item in items.items()}, current_patience())
            self._line[caller] = None
            return caller

    def _flight(self, key: Hashable, item: Any) -> Flight:
        """The item's, perhaps another caller's; the guard is held."""
        flight = self._flights.get(key) or Flight(key, item)
        flight.wanted_by += 1
        flight.value = self._kept.kept(key)  # somebody may have read it a moment ago
        flight.done = flight.value is not None
        if not flight.done:
            self._flights[key] = flight
        return flight

    def take(self, caller: Caller) -> dict[Hashable, Any]:
        """His results by their keys; for one who has the device.

        Raises:
            BusyError: his patience has ended. Whatever reading one of his own items raises; never that of another's.
        """
        try:
            while caller.waiting:
                caller.patience.require()
                with self._guard:
                    self._guard.wait_for(self._complete, COMPANY_S)
                    batch = self._batch(caller, self._size())
                self._read(batch)
        finally:
            self.leave(caller)
        for flight in caller.flights.values():
            if flight.error is not None:
                raise flight.error
        return {key: flight.value for key, flight in caller.flights.items()}

    def leave(self, caller: Caller) -> None:
        """Out of the line; what nobody else wants is not read. Nothing happens the second time."""
        with self._guard:
            if caller not in self._line:
                return
            del self._line[caller]
            for flight in caller.waiting:
                flight.wanted_by -= 1
                if not flight.wanted_by:
                    del self._flights[flight.key]

    def _complete(self) -> bool:
        return not self._coming or len(self._flights) >= self._size()

    def _batch(self, first: Caller, size: int) -> list[Flight]:
        """What is read next: an item of each caller in turn, until it is enough; the guard is held."""
        others = (caller for caller in self._line if caller is not first and not caller.patience.ended)
        turns = zip_longest(first.waiting, *(caller.waiting for caller in others))
        flights = dict.fromkeys(flight for turn in turns for flight in turn if flight is not None)
        return list(islice(flights, size))

    def _read(self, batch: Sequence[Flight]) -> None:
        """One forward; when it fails, one for each item, so that an error stays with whoever caused it."""
        FORWARDS[len(batch)] += 1
        try:
            values = self._run([flight.item for flight in batch])
        except Exception as error:
            if len(batch) > 1:
                for flight in batch:
                    self._read([flight])
                return
            self._settle(batch[0], None, error)
            return
        for flight, value in zip(batch, values, strict=True):
            self._settle(flight, value, None)

    def _settle(self, flight: Flight, value: Any, error: Exception | None) -> None:
        with self._guard:
            if error is None:
                self._kept.keep(flight.key, value)
            flight.value, flight.error, flight.done = value, error, True
            self._flights.pop(flight.key, None)
