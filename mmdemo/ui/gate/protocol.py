"""HTTP that does not wait for ever: a connection has a few seconds for the head of its request.

Uvicorn waits without end for the rest of a head that was sent in part; a few thousand such connections, one letter a
minute each, and nobody else gets one. Read next: `wire.py`, which does the same for bodies.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 8.0


class PatientProtocol(H11Protocol):
    """Uvicorn's own HTTP, closing what keeps it waiting for a head."""

    head_seconds = HEAD_SECONDS
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A new connection: its first head is due."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Some bytes: the head is there, or it is still due."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.cycle is not None and self.conn.trailing_data[0]:
            self._expect()  # the beginning of another request on the same connection
        elif self.conn.their_state is not h11.IDLE:
            self._arrived()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.head_seconds, self._give_up)

    def _arrived(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()
