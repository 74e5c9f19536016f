"""Each page says its own language: gradio's is English for every one, so it is rewritten on the way out.

Read next: `page.py`; what may come in is decided in `gate/`.
"""

import asyncio
import functools
import gzip
import json
import re

from mmdemo.ui.gate.wire import App, Message, Receive, Send, path_of
from mmdemo.ui.markup import script
from mmdemo.ui.text import HTML_LANGUAGE, Say


class SpeakingServer:
    """An ASGI layer around gradio's app; passes everything on but the addresses of the pages.

    Args:
        app: what is inside.
        pages: address -> the language of the page there ("/" -> English).
    """

    def __init__(self, app: App, pages: dict[str, Say]) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        say = self.pages.get(path_of(scope).rstrip("/") or "/") if scope["type"] == "http" else None
        if say is None:
            await self.app(scope, receive, send)
            return
        held = _Held()
        await self.app(scope, receive, held)
        if held.good:
            held.body = await asyncio.to_thread(speak, held.body, say, self.pages["/"])
        if held.good and b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
            await asyncio.to_thread(held.pack)
        await held.release(send)


class _Held:
    """A `send` that keeps a whole answer back until `release`."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def good(self) -> bool:
        """Whether there is an answer worth changing (an error or a HEAD request has none)."""
        return self.start.get("status") == 200 and bool(self.body)

    def pack(self) -> None:
        """Compress what was held: a page repeats itself, and becomes a tenth of its size."""
        self.body = gzip.compress(self.body, compresslevel=6)
        self.start["headers"] = [*self.start["headers"], (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]

    async def release(self, send: Send) -> None:
        """Send what was held, with the length that it now has."""
        headers = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        await send({**self.start, "headers": [*headers, (b"content-length", str(len(self.body)).encode())]})
        await send({"type": "http.response.body", "body": self.body})


@functools.cache
def again() -> str:
    """The small program that asks again when the queue was full."""
    return script("again.js")


def speak(body: bytes, say: Say, first: Say) -> bytes:
    """The page with its language in `<html lang>`, its title, and the same language for gradio's own labels."""
    language = HTML_LANGUAGE[say.language]
    page = body.decode("utf-8")
    page = re.sub(r'lang="en"', f'lang="{language}"', page, count=1)
    titles = (json.dumps(first("page.title"), ensure_ascii=ascii_only) for ascii_only in (False, True))
    for title in titles:
        page = re.sub(rf'("title":\s*){re.escape(title)}', lambda m: m[1] + json.dumps(say("page.title")), page)
    own = f'Object.defineProperty(navigator,"language",{{get:()=>"{language}"}});'
    own += f"window.mmAgain = {json.dumps(say('page.again'))};\n{again()}"
    return page.replace("<head>", f"<head><title>{say('page.title')}</title><script>{own}</script>", 1).encode("utf-8")
