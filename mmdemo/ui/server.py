"""Each page says its own language: gradio's is English for every one, so it is rewritten on the way out.

Read next: `page.py`; what may come in is decided in `gate/`.
"""

import asyncio
import functools
import json
import re

from markupsafe import Markup
from starlette.middleware.gzip import GZipMiddleware

from mmdemo.ui.gate.wire import App, Message, Receive, Send, path_of
from mmdemo.ui.markup import render, script
from mmdemo.ui.text import HTML_LANGUAGE, Say

PROGRAMS = (
    "again.js",
    "cut.js",
    "gradio_words.js",
    "visit.js",
    "save.js",
    "history.js",
    "keys.js",
)  # of the page as a whole, run before it is built


class SpeakingServer:
    """An ASGI layer around gradio's app; passes everything on but the addresses of the pages.

    A page repeats itself, and travels as a tenth of its size. Nothing else is compressed: answers come as streams.

    Args:
        app: what is inside.
        pages: address -> the language of the page there ("/" -> English).
    """

    def __init__(self, app: App, pages: dict[str, Say]) -> None:
        self.app = app
        self.pages = pages
        self.page = GZipMiddleware(self._speaking, compresslevel=6)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (self.page if self._say(scope) else self.app)(scope, receive, send)

    def _say(self, scope: Message) -> Say | None:
        return self.pages.get(path_of(scope).rstrip("/") or "/") if scope["type"] == "http" else None

    async def _speaking(self, scope: Message, receive: Receive, send: Send) -> None:
        told: list[Message] = []

        async def hold(message: Message) -> None:
            told.append(message)

        await self.app(scope, receive, hold)
        start, body = told[0], b"".join(message.get("body", b"") for message in told[1:])
        if start["status"] == 200 and body:  # an error or a HEAD request has nothing worth changing
            body = await asyncio.to_thread(speak, body, self._say(scope), self.pages["/"])
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


def speak(body: bytes, say: Say, first: Say) -> bytes:
    """The page with its language in `<html lang>`, its title, and the same language for gradio's own labels."""
    page = body.decode("utf-8")
    page = re.sub(r'lang="en"', f'lang="{HTML_LANGUAGE[say.language]}"', page, count=1)
    titles = (json.dumps(first("page.title"), ensure_ascii=ascii_only) for ascii_only in (False, True))
    for title in titles:
        page = re.sub(rf'("title":\s*){re.escape(title)}', lambda m: m[1] + json.dumps(say("page.title")), page)
    return page.replace("<head>", head(say), 1).encode("utf-8")


@functools.cache
def head(say: Say) -> str:
    """How the page's head begins: its title, its language, and the programs of the page as a whole."""
    programs = [Markup(script(name)) for name in PROGRAMS]
    return str(render("language.html", say=say, language=HTML_LANGUAGE[say.language], programs=programs))
