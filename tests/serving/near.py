"""A replica in this process: its answers as a road to it, and its HTTP as a client of it.

`python -m tests.serving.near PORT` serves one over the stand-in engine.
"""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mmdemo.serving.client import LostError
from mmdemo.serving.replica import Replica
from mmdemo.serving.seam import PHOTOS


class Near:
    """A road to replicas of this process, asked in turn; a replica `dies` after so many frames of its first answer.

    Args:
        replicas: of which the second is asked first.
        dies: frames after which each is lost, None for one that lives.
    """

    def __init__(self, *replicas: Replica, dies: tuple[int | None, ...] = ()) -> None:
        self.replicas, self.dies = list(replicas), list(dies or (None,) * len(replicas))
        self.asked: list[tuple[str, int]] = []  # (question, bytes of its message)

    def frames(self, name: str, message: bytes, seconds: float) -> Iterator[bytes]:
        """All of them up to its death."""
        self.asked.append((name, len(message)))
        if not self.replicas:
            raise LostError("nobody is left")
        turn = len(self.asked) % len(self.replicas)
        replica, dies = self.replicas[turn], self.dies[turn]

        async def answer() -> list[bytes]:
            return [frame async for frame in replica.ask(name, message, seconds)]

        with ThreadPoolExecutor(1) as pool:  # this thread may run a loop already: a browser's
            frames = pool.submit(asyncio.run, answer()).result()
        yield from frames[:dies]
        if dies is not None and frames[0][:1] != PHOTOS:
            del self.replicas[turn], self.dies[turn]
            raise LostError("it died")


def app(replica: Replica) -> Starlette:
    """Its HTTP, as Ray Serve's proxy calls it."""

    async def answer(request: Request) -> Response:
        return await replica(request)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


def web(replica: Replica) -> TestClient:
    """An HTTP client of a replica."""
    return TestClient(app(replica))


if __name__ == "__main__":
    import uvicorn

    from tests.fakes import FakeEngine

    uvicorn.run(app(Replica(FakeEngine)), port=int(sys.argv[1]), log_level="warning")
