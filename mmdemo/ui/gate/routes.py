"""The outermost layer: which addresses there are, how much may be sent to each, and a sentence for whatever goes wrong.

The page needs some thirty addresses; gradio has sixty, for recordings, proxies, custom widgets, links with filled
fields and more. Those that the page does not need are not there. Read next: `bodies.py`, `receive.py`, `places.py`.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from mmdemo.ui.gate import bodies, wire
from mmdemo.ui.gate.bodies import API, JOIN
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.log import note_failure
from mmdemo.ui.gate.places import Places
from mmdemo.ui.gate.receive import Reception
from mmdemo.ui.gate.wire import App, Message, Receive, Refused, Send
from mmdemo.ui.text import Say

JSON_BYTES = 256_000  # the longest list of texts that `inputs` takes, and the form around it
SMALL_BYTES = 4_000  # for what only names a session or an event
PAUSE_SECONDS, WHOLE_SECONDS = 5.0, 10.0  # between two parts of a call, and for all of it
UPLOAD = f"{API}/upload"
METRICS = "/metrics"
FILES = (f"{API}/file=", f"{API}/file/")
READ = ("GET", "HEAD", "OPTIONS")
WRITE = ("POST", "OPTIONS")


@dataclass(frozen=True)
class Rule:
    """What may be done at one address, or at all that begin so.

    Args:
        address: as it stands behind the root path.
        methods: of HTTP.
        limit: most bytes of a body.
        begins: whether longer addresses belong to it.
    """

    address: str
    methods: tuple[str, ...] = READ
    limit: int = 0
    begins: bool = False


RULES = (
    *(Rule(path) for path in ("/config", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json", "/pwa_icon")),
    *(Rule(f"/{name}/", begins=True) for name in ("static", "assets", "svelte", "pwa_icon")),
    *(Rule(f"{API}/{name}") for name in ("info", "openapi.json", "startup-events", "theme.css", "app_id")),
    *(Rule(f"{API}/{name}") for name in ("queue/data", "queue/status", "upload_progress", "user", "login_check")),
    *(Rule(path, begins=True) for path in FILES),
    Rule(JOIN, WRITE, JSON_BYTES),
    Rule(f"{API}/call/", ("GET", "POST", "OPTIONS"), JSON_BYTES, begins=True),
    *(Rule(f"{API}/{name}/", WRITE, JSON_BYTES, begins=True) for name in ("run", "api")),
    *(Rule(f"{API}/{name}", WRITE, SMALL_BYTES) for name in ("cancel", "reset")),
    Rule(UPLOAD, WRITE),
    Rule(METRICS),
)


class Gate:
    """An ASGI layer around gradio's app.

    Args:
        app: what is inside.
        demo: the page that it serves.
        reception: takes uploads.
        places: who waits.
        pages: address -> the language of the page there.
    """

    def __init__(self, app: App, demo: Page, reception: Reception, places: Places, pages: dict[str, Say]) -> None:
        self.app, self.demo, self.reception, self.places, self.pages = app, demo, reception, places, pages
        self.rules = (*(Rule(path) for path in pages), *RULES)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or say why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._answer(scope, receive, _Begun(send))

    async def _answer(self, scope: Message, receive: Receive, send: "_Begun") -> None:
        say = wire.language_of(scope, self.pages)
        try:
            await self._serve(scope, receive, send)
        except Refused as refused:
            if self.demo.metrics is not None:
                self.demo.metrics.refused(refused.code)
            if not send.begun:
                await wire.refuse(send, say, refused)
        except Exception as error:
            note_failure("A request failed", error)
            if not send.begun and bodies.is_call(wire.path_of(scope)):  # answers come later: this is about the call
                await wire.refuse(send, say, Refused(422, "call_kind"))
            elif not send.begun:
                await wire.answer(send, 500, {"detail": say("error.unexpected")})
            elif not send.ended:
                await send({"type": "http.response.body", "body": b""})

    async def _serve(self, scope: Message, receive: Receive, send: "_Begun") -> None:
        path, method = wire.path_of(scope), scope["method"]
        rule = self._rule(path)
        if rule is None or method not in rule.methods:
            raise Refused(404 if rule is None else 405, "call_unknown")
        scope["mmdemo.visitor"] = wire.visitor_of(scope)
        if path.startswith(FILES) and not self.demo.folder.holds(path.removeprefix(FILES[0])):
            raise Refused(403, "image_not_uploaded")
        if path == METRICS:
            await self._tell_metrics(scope, send)
            return
        if method == "POST":
            if self.demo.leaving:
                raise Refused(503, "page_leaving")
            if path == UPLOAD:
                await self.reception(scope, receive, send)
                return
        with contextlib.ExitStack() as held:
            if method == "POST":
                receive = await self._heard(scope, path, rule, receive, held)
            held.enter_context(self._listening(scope, path))
            await self.app(scope, receive, send)

    async def _tell_metrics(self, scope: Message, send: Send) -> None:
        """Only where they were asked for, and only in our own network: they say how busy this server is."""
        if self.demo.metrics is None or not wire.is_near(scope["mmdemo.visitor"]):
            raise Refused(404, "call_unknown")
        told = await asyncio.to_thread(self.demo.metrics.text)
        await wire.answer_bytes(send, 200, told, b"text/plain; version=0.0.4; charset=utf-8")

    def _rule(self, path: str) -> Rule | None:
        bare = path.rstrip("/") or "/"
        exact = next((rule for rule in self.rules if not rule.begins and rule.address == bare), None)
        return exact or next((rule for rule in self.rules if rule.begins and path.startswith(rule.address)), None)

    async def _heard(
        self, scope: Message, path: str, rule: Rule, receive: Receive, held: contextlib.ExitStack
    ) -> Receive:
        """The whole body, read and checked; calls also need a place in the queue."""
        body = await wire.read_body(wire.patient(receive, PAUSE_SECONDS, WHOLE_SECONDS), rule.limit)
        if not bodies.is_call(path):
            bodies.parsed(body)
            return wire.replay(body, receive)
        body, fn, session = bodies.checked_call(self.demo, path, body)
        if fn.queue:
            held.enter_context(self.places.entering(session or None, scope["mmdemo.visitor"]))
        length = (b"content-length", str(len(body)).encode())
        gone = (b"content-length", b"transfer-encoding")
        scope["headers"] = [*((key, value) for key, value in scope["headers"] if key not in gone), length]
        return wire.replay(body, receive)

    @contextlib.contextmanager
    def _listening(self, scope: Message, path: str) -> Iterator[None]:
        """While an answer's stream is open, somebody waits for it."""
        key = ""
        if path == f"{API}/queue/data":
            asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
            key = asked.get("session_hash", [""])[0]
        elif path.startswith(f"{API}/call/") and scope["method"] == "GET":
            key = os.path.basename(path)
        if not key:
            yield
            return
        with self.places.listening(key):
            yield


class _Begun:
    """A `send` that remembers how far the answer has come."""

    def __init__(self, send: Send) -> None:
        self.send, self.begun, self.ended = send, False, False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        self.ended = message["type"] == "http.response.body" and not message.get("more_body")
        await self.send(message)
