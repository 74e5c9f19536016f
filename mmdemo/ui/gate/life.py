"""What lives as long as the server: the layers around gradio's app, and the rounds that are made every few minutes.

Gradio puts its own layers around whatever is given to it; ours must be the outermost, so they are put on when the
server starts, before the first connection. Read next: `routes.py`, `leaving.py`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.middleware.trustedhost import TrustedHostMiddleware

from mmdemo.inputs.kept import KEPT
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.folder import SWEEP_SECONDS
from mmdemo.ui.gate.headers import SafeHeaders
from mmdemo.ui.gate.health import Health
from mmdemo.ui.gate.memory import give_back
from mmdemo.ui.gate.places import Places
from mmdemo.ui.gate.protocol import PatientProtocol
from mmdemo.ui.gate.receive import Reception
from mmdemo.ui.gate.routes import Gate
from mmdemo.ui.gate.sessions import LeanSessions
from mmdemo.ui.text import Say

CONNECTIONS = 1000  # at once; a page holds one while it asks, a browser six at most
GOODBYE_SECONDS = 2  # for streams to end once all answers are given


def life(demo: Page, pages: dict[str, Say], hosts: list[str]) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """A lifespan for the app that gradio makes of a page.

    Args:
        demo: the page.
        pages: address -> language.
        hosts: the names that are answered.
    """

    @contextlib.asynccontextmanager
    async def living(app: Any) -> AsyncIterator[None]:
        places = Places(demo)
        inside = getattr(app.middleware_stack, "app", app.middleware_stack)  # without Starlette's own last resort
        gate = Gate(inside, demo, Reception(demo.folder), places, pages)
        app.middleware_stack = SafeHeaders(Health(TrustedHostMiddleware(gate, hosts, www_redirect=False), demo))
        app.state_holder = sessions = LeanSessions()
        app.state_holder.set_blocks(demo)
        demo.places = places
        rounds = [asyncio.create_task(places.watch()), asyncio.create_task(sweep(demo, sessions))]
        try:
            yield
        finally:
            for task in rounds:
                task.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)
            await asyncio.to_thread(demo.folder.empty)

    return living


async def sweep(demo: Page, sessions: LeanSessions) -> None:
    """Delete photos and sessions whose hour is over and give memory back, every few minutes, until cancelled."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sessions.forget()
        KEPT.forget()
        await asyncio.to_thread(demo.folder.sweep)
        await asyncio.to_thread(give_back)


def be_patient(demo: Page) -> None:
    """Settings of the running server for which gradio has no argument; connections from now on have them."""
    config = demo.server.config
    config.http_protocol_class = PatientProtocol
    config.limit_concurrency = CONNECTIONS
    config.timeout_graceful_shutdown = GOODBYE_SECONDS
    demo._queue.ANAYLTICS_CACHE_FREQUENCY = 1 << 30  # nobody reads the table that it would draw for every answer
    demo._queue.ANALYTICS_MAX_EVENTS = 1
