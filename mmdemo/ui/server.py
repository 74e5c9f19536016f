"""Between the network and gradio: no upload keeps its metadata, and each page says its own language.

Gradio shows an uploaded file again exactly as it came, place of the shot included, before any of our functions has
seen it. So the answer to an upload is held back until the file on disk is replaced by its upright picture without
metadata. And gradio's page is English for every language; the two lines that say so are rewritten on the way out.
Read next: `page.py`.
"""

import asyncio
import gzip
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from mmdemo import inputs
from mmdemo.errors import MMDemoError
from mmdemo.ui.text import HTML_LANGUAGE, Say

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

UPLOAD = "/gradio_api/upload"
QUALITY = 95


class CleanServer:
    """An ASGI layer around gradio's app; passes everything on but two page addresses and the upload.

    Args:
        app: what is inside.
        pages: address -> the language of the page there ("/" -> English).
    """

    def __init__(self, app: App, pages: dict[str, Say]) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        say = self.pages.get(path or "/")
        if scope["type"] != "http" or (path != UPLOAD and say is None):
            await self.app(scope, receive, send)
            return
        held = _Held()
        await self.app(scope, receive, held)  # returns after gradio's background work, which may still move the file
        if held.good:
            change = clean_uploads if say is None else lambda body: speak(body, say, self.pages["/"])
            held.body = await asyncio.to_thread(change, held.body)
        if held.good and say is not None and b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
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


def speak(body: bytes, say: Say, first: Say) -> bytes:
    """The page with its language in `<html lang>`, its title, and the same language for gradio's own labels."""
    language = HTML_LANGUAGE[say.language]
    page = body.decode("utf-8")
    page = re.sub(r'lang="en"', f'lang="{language}"', page, count=1)
    titles = (json.dumps(first("page.title"), ensure_ascii=ascii_only) for ascii_only in (False, True))
    for title in titles:
        page = re.sub(rf'("title":\s*){re.escape(title)}', lambda m: m[1] + json.dumps(say("page.title")), page)
    own = f'Object.defineProperty(navigator,"language",{{get:()=>"{language}"}});'
    return page.replace("<head>", f"<head><title>{say('page.title')}</title><script>{own}</script>", 1).encode("utf-8")


def clean_uploads(body: bytes) -> bytes:
    """Clean every file that an upload's answer names; the answer stays as it is."""
    for path in json.loads(body):
        clean_file(Path(path))
    return body


def clean_file(path: Path) -> None:
    """Replace a picture by itself: upright, RGB, without metadata.

    A file that is no good picture is left as it is; the event that reads it will refuse it.
    """
    try:
        image = inputs.read_image(path)
    except MMDemoError:
        return
    except Exception:
        logging.getLogger(__name__).exception("An upload could not be cleaned.")
        return
    lossless = path.suffix.lower() in {".png", ".bmp", ".gif"} and image.width * image.height <= 1_000_000
    part = path.with_name(path.name + ".part")
    image.save(part, "PNG") if lossless else image.save(part, "JPEG", quality=QUALITY, subsampling=0)
    os.replace(part, path)
