"""The few words of ASGI that the gate speaks: who asks, in which language, and an answer of one sentence.

Read next: `routes.py`.
"""

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mmdemo.errors import MMDemoError
from mmdemo.ui.text import Say

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Refused(MMDemoError):
    """A request that goes no further.

    Args:
        status: of the answer.
        code: of the sentence.
        **values: what the sentence speaks of.
    """

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(f"Refused with {status}: {code}", code, **values)
        self.status = status


def header(scope: Message, name: bytes) -> str:
    """One header of a request, "" without it."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def path_of(scope: Message) -> str:
    """The address within this app."""
    return scope.get("path", "").removeprefix(scope.get("root_path", "")) or "/"


def is_near(address: str) -> bool:
    """Whether an address is this machine's or its own network's; a proxy in front of us has such a one."""
    try:
        return not ipaddress.ip_address(address.split("%")[0]).is_global
    except ValueError:
        return True


def visitor_of(scope: Message) -> str:
    """The address that asks; behind a proxy the one that it names last. Far ones are not believed."""
    address = (scope.get("client") or ("", 0))[0]
    named = header(scope, b"x-forwarded-for").rpartition(",")[2].strip()
    return named if named and is_near(address) else address


def language_of(scope: Message, pages: dict[str, Say]) -> Say:
    """The language of the page that a request comes from."""
    referer = header(scope, b"referer").partition("?")[0].rstrip("/")
    return next((say for address, say in pages.items() if address != "/" and referer.endswith(address)), pages["/"])


async def answer(send: Send, status: int, content: object, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer in JSON."""
    await answer_bytes(send, status, json.dumps(content, ensure_ascii=False).encode(), b"application/json", *headers)


async def answer_bytes(send: Send, status: int, body: bytes, kind: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer of some kind, b"text/plain" say."""
    sent = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, say: Say, refused: Refused) -> None:
    """Send the sentence of a refusal; what may be tried again says when."""
    again = [(b"retry-after", b"3")] if refused.status in (429, 503) else []
    await answer(send, refused.status, {"detail": say.error(refused)}, *again)


def patient(receive: Receive, pause: float, whole: float) -> Receive:
    """A `receive` that waits `pause` seconds for a part of the body and `whole` for all of it.

    Raises:
        Refused: the rest did not come (408).
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + whole

    async def part() -> Message:
        try:
            return await asyncio.wait_for(receive(), min(pause, max(0.01, end - loop.time())))
        except asyncio.TimeoutError:
            raise Refused(408, "call_slow") from None

    return part


async def read_body(receive: Receive, limit: int) -> bytes:
    """A whole body of at most `limit` bytes; a larger one is heard to its end, for a while, and not kept.

    Raises:
        Refused: it is larger (413), came too slowly (408), or the client has gone (400).
    """
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "call_slow")
        size += len(message.get("body", b""))
        if size <= limit:
            body += message.get("body", b"")
        else:
            body.clear()
        if size > 20 * limit or not message.get("more_body"):
            break
    if size > limit:
        raise Refused(413, "call_too_long", limit=limit)
    return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body which has been read already, then what else comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
