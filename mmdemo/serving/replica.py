"""One engine that answers in bytes: over HTTP as an ASGI-style callable, or over handles as a stream of frames.

Nothing here knows Ray; `ray.py` deploys it. An answer is a stream of frames, each one kind and a message:

    VALUE a value, ERROR what is raised where it was asked, PHOTOS the hashes of photos to send, END after the last

A photo's bytes come with the first question about it, or when PHOTOS has asked for them (status 409 over HTTP), and
are kept for the next questions. Read next: `wire.py`, `client.py`.
"""

import asyncio
import logging
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PIL import Image
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from mmdemo.errors import MMDemoError
from mmdemo.serving import wire
from mmdemo.serving.patience import patience
from mmdemo.serving.seam import ASKED, END, ERROR, FACTS, PHOTOS, SECONDS, STREAMS, VALUE

AT_ONCE = 32  # questions that one replica works on together, so that its batcher has something to gather
PHOTO_BYTES = 512_000_000  # of photos that a replica keeps
_NOTHING = object()


class Photos:
    """The photos that were sent last, by their hashes; safe to share between threads."""

    def __init__(self, most: int = PHOTO_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, tuple[Image.Image, int]] = OrderedDict()
        self.came = 0  # how many were ever sent

    def keep(self, sent: dict[str, bytes]) -> dict[str, Image.Image]:
        """Those just sent, as pictures; the oldest kept ones go.

        Raises:
            WireError: one is not what its hash says.
        """
        pictures = {name: _picture(name, message) for name, message in sent.items()}
        with self._guard:
            for name, picture in pictures.items():
                self._bytes += len(sent[name]) - self._kept.pop(name, (None, 0))[1]
                self._kept[name] = picture, len(sent[name])
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1][1]
            self.came += len(pictures)
        return pictures

    def known(self) -> dict[str, Image.Image]:
        """All of them."""
        with self._guard:
            return {name: picture for name, (picture, _) in self._kept.items()}


def _picture(name: str, message: bytes) -> Image.Image:
    if wire.content_hash(message) != name:
        raise wire.WireError("Expected a photo whose content is what its hash says.", "wire_strange")
    return wire.loads(message)


class Replica:
    """An engine behind bytes.

    Args:
        build: makes the engine; its models are loaded before the first question is taken.
        at_once: questions that it works on together.
        core: of the machine, to which this process is bound; None leaves it to the system.
    """

    def __init__(self, build: Callable[[], Any], at_once: int = AT_ONCE, core: int | None = None) -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})
        self.engine, self.photos = build(), Photos()
        loading = self.engine.warm_up()
        if loading is not None:
            loading.join()
        self._pool = ThreadPoolExecutor(at_once, "question")

    async def __call__(self, request: Request) -> Response:
        """`POST /ask/NAME`, `GET /health` and `GET /ready`: whoever is asked has loaded his models."""
        before, _, name = request.url.path.rstrip("/").rpartition("/")  # perhaps below an address of its own
        if name in ("health", "ready"):
            return PlainTextResponse("ok")
        if name not in ASKED or not before.endswith("/ask") or request.method != "POST":
            return PlainTextResponse("Expected POST /ask/NAME with a question of the engine.", 404)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > wire.LONGEST:
                return PlainTextResponse(f"Expected at most {wire.LONGEST} bytes.", 413)
        frames = self.ask(name, bytes(body), float(request.headers.get(SECONDS, math.inf)))
        first = await anext(frames)
        return StreamingResponse(_framed(first, frames), 409 if first[:1] == PHOTOS else 200)

    async def ask(self, name: str, message: bytes, seconds: float = math.inf) -> AsyncIterator[bytes]:
        """The frames that answer a question; what only this caller waited for is given up when he goes."""
        gone = threading.Event()
        run = asyncio.get_running_loop().run_in_executor
        frames = self._answer(name, message, time.monotonic() + seconds, gone.is_set)
        try:
            while frame := await run(self._pool, next, frames, b""):
                yield frame
        finally:
            gone.set()

    async def ask_whole(self, name: str, message: bytes, seconds: float = math.inf) -> list[bytes]:
        """All frames at once, for a connection that carries no streams."""
        return [frame async for frame in self.ask(name, message, seconds)]

    def _answer(self, name: str, message: bytes, until: float, gone: Callable[[], bool]) -> Iterator[bytes]:
        def step(work: Callable[..., Any], *given: Any) -> Any:
            with patience(until - time.monotonic(), gone):  # of one part: the next may run in another thread
                return work(*given)

        try:
            value = step(self._asked, name, message)
            parts = value if name in STREAMS else iter([value])
            while (part := step(next, parts, _NOTHING)) is not _NOTHING:
                yield VALUE + wire.dumps(part)
            yield END + wire.dumps(None)
        except wire.PhotosMissing as error:
            yield PHOTOS + wire.dumps(error.hashes)
        except MMDemoError as error:
            yield ERROR + wire.dumps(error)
        except Exception as error:
            logging.getLogger(__name__).exception("the question %r failed", name)
            yield ERROR + wire.dumps(MMDemoError(f"The engine failed: {type(error).__name__}."))

    def _asked(self, name: str, message: bytes) -> Any:
        """What the engine gives: a value, or an iterator over one."""
        if name not in ASKED:
            raise wire.WireError(f"Expected a question of the engine; got {name[:80]!r}.", "wire_strange")
        question, sent = wire.loads(message)
        args, named = wire.loads(question, self.photos.known() | self.photos.keep(sent))
        asked = getattr(self.engine, name)
        return asked if name in FACTS else asked(*args, **named)


async def _framed(first: bytes, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Each frame behind its length, 8 bytes."""
    yield len(first).to_bytes(8, "big") + first
    async for frame in frames:
        yield len(frame).to_bytes(8, "big") + frame
