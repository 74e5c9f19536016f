"""Places in the queue: at most a few for each visitor, and none for whoever has left.

Gradio keeps one line for everybody, in which one visitor may stand a hundred times, and goes on working for a caller
who has hung up. Here each visitor has a few places; an event that nobody listens to loses its place or, when it is at
work already, is told to stop (see `asker.py`). Read next: `routes.py`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from gradio.queueing import Event

from mmdemo.ui.gate.wire import Refused, is_near

YOURS = 8  # of one page, or of one caller without a page: the Attention tab asks four things for one click
ADDRESS = 32  # of one address out in the world: half of the queue, so that no single one fills it
LEFT_SECONDS = 15.0  # a caller posts first and listens then; later than this nobody comes
FORGOTTEN_SECONDS = 60.0  # an answer that nobody fetched
LOOK_SECONDS = 2.0


class Places:
    """Who waits for what.

    Args:
        demo: the page, whose queue this is about.
    """

    def __init__(self, demo: gr.Blocks) -> None:
        self.demo = demo
        self._listening: Counter[str] = Counter()
        self._entering: Counter[tuple[str | None, str]] = Counter()
        self._last: dict[str, float] = {}

    @contextmanager
    def entering(self, session: str | None, visitor: str) -> Iterator[None]:
        """A place is held for one more question as long as the block runs, until gradio has put it in the queue.

        Args:
            session: of a page, or None for a call without one.
            visitor: the address.

        Raises:
            Refused: too many wait, of all or of this visitor.
        """
        self._check(session, visitor)
        key = (session, visitor if session is None else "")
        self._entering[key] += 1
        try:
            yield
        finally:
            self._entering[key] -= 1
            if self._entering[key] <= 0:
                del self._entering[key]

    def _check(self, session: str | None, visitor: str) -> None:
        events = [event for event in self.events() if event.alive]  # work that nobody waits for holds no place
        waiting = len(self.demo._queue) + self._entering.total()
        if self.demo._queue.max_size is not None and waiting >= self.demo._queue.max_size:
            raise Refused(429, "places_taken")
        if session is not None:
            mine = sum(event.session_hash == session for event in events)
        else:
            mine = sum(event.session_hash == event._id and address_of(event) == visitor for event in events)
        if mine + self._entering[session, visitor if session is None else ""] >= YOURS:
            raise Refused(429, "places_yours", most=YOURS)
        if not is_near(visitor) and sum(address_of(event) == visitor for event in events) >= ADDRESS:
            raise Refused(429, "places_yours", most=ADDRESS)

    def events(self) -> Iterator[Event]:
        """All that wait, then all at work."""
        queue = self.demo._queue
        for line in list(queue.event_queue_per_concurrency_id.values()):
            yield from list(line.queue)
        for job in list(queue.active_jobs):
            yield from job or ()

    @contextmanager
    def listening(self, key: str) -> Iterator[None]:
        """Somebody listens to a session, or to one event, as long as the block runs."""
        self._listening[key] += 1
        try:
            yield
        finally:
            self._listening[key] -= 1
            if self._listening[key] <= 0:
                del self._listening[key]
                self._last[key] = time.monotonic()

    def is_heard(self, key: str) -> bool:
        """Whether somebody listens to a session or an event now."""
        return key in self._listening

    async def watch(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self, now: float | None = None) -> None:
        """Take the places of those who have left, and forget answers that nobody came for."""
        now = time.monotonic() if now is None else now
        queue = self.demo._queue
        for event in list(self.events()):
            keys = (event.session_hash, event._id)
            heard = max(event.enqueue_time, *(self._last.get(key, 0.0) for key in keys))
            if not any(key in self._listening for key in keys) and now - heard > LEFT_SECONDS:
                await queue.clean_events(event_id=event._id)
                queue.pending_event_ids_session.get(event.session_hash, set()).discard(event._id)
        self._last = {key: at for key, at in self._last.items() if now - at < 10 * FORGOTTEN_SECONDS}
        self._forget(now)

    def _forget(self, now: float) -> None:
        queue = self.demo._queue
        asking = {event.session_hash for event in self.events()}
        for session in list(queue.pending_messages_per_session):
            if session in asking or session in self._listening:
                self._last.pop(f"idle {session}", None)
            elif now - self._last.setdefault(f"idle {session}", now) > FORGOTTEN_SECONDS:
                queue.pending_messages_per_session.pop(session, None)
                queue.pending_event_ids_session.pop(session, None)
                self._last.pop(f"idle {session}", None)


def address_of(event: Event) -> str:
    """The address that asked for an event, as the gate wrote it down."""
    return event.request.scope.get("mmdemo.visitor", "") if event.request is not None else ""
