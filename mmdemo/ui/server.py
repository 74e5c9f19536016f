"""Between the network and gradio: no upload keeps its metadata, and each page says its own language.

Gradio shows an uploaded file again exactly as it came, place of the shot included, before any of our functions has
seen it. So the answer to an upload is held back until the file on disk is replaced by its upright picture without
metadata. And gradio's page is English for every language; the two lines that say so are rewritten on the way out.
Read next: `page.py`.
"""

import asyncio
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
        if scope["type"] == "http" and path == UPLOAD:
            await self.app(scope, receive, _Rewriter(send, clean_uploads))
        elif scope["type"] == "http" and say is not None:
            await self.app(scope, receive, _Rewriter(send, lambda body: speak(body, say, self.pages["/"])))
        else:
            await self.app(scope, receive, send)


class _Rewriter:
    """A `send` that collects the whole body of a good answer, changes it in a thread, and sends it with its new length."""

    def __init__(self, send: Send, change: Callable[[bytes], bytes]) -> None:
        self.send, self.change = send, change
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        if message["type"] != "http.response.body" or self.start is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        if self.start["status"] == 200 and self.body:
            self.body = await asyncio.to_thread(self.change, self.body)
        headers = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await self.send({**self.start, "headers": headers})
        await self.send({"type": "http.response.body", "body": self.body})


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
    """Replace a picture by itself: upright, RGB, without metadata. A file that is no good picture is left for `inputs` to refuse."""
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
