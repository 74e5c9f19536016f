"""An engine that is elsewhere, with the methods of the one that is here; imports neither torch nor Ray.

    engine = RemoteEngine("http://10.0.0.7:8000")
    engine.match(photo, ["a dog on a beach"])

A question is asked again of another replica when the one that had it is lost: questions change nothing, and an answer
that came in part goes on where it stopped. A photo goes along with the first question about it, and by its hash with
those that follow; a replica that lacks it asks for it.
Read next: `seam.py`, `replica.py`.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, Protocol

import httpx
import numpy as np
from PIL import Image

from mmdemo import inputs, types
from mmdemo.engine.index import Index
from mmdemo.errors import BusyError, ChoiceError
from mmdemo.serving import wire
from mmdemo.serving.patience import current_patience
from mmdemo.serving.seam import END, ERROR, FACTS, PHOTOS, QUESTIONS, SECONDS, STREAMS, VALUE

LONGEST_S = 120.0  # an answer, where whoever asks has not said how long he waits
CONNECT_S = 5.0
AGAIN = (0.1, 1.0)  # seconds before each further try; a question that ends its replica may not end them all
TOGETHER = 8  # photos of one message
AT_ONCE = 32  # questions of one page under way
TOLD = 4096  # hashes of photos sent, that are remembered


class LostError(Exception):
    """The replica that had a question went away before its answer was whole."""


class Road(Protocol):
    """A way to the replicas."""

    def frames(self, name: str, message: bytes, seconds: float) -> Iterator[bytes]:
        """What one replica answers.

        Raises:
            LostError: it went away. BusyError: too much waits there.
        """


class Http:
    """Over HTTP; safe to share between threads.

    Args:
        address: "http://HOST:PORT".
        client: another way to speak HTTP, for tests.
    """

    def __init__(self, address: str, client: httpx.Client | None = None) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self._client = client or httpx.Client(base_url=address, limits=limits, trust_env=False)

    def frames(self, name: str, message: bytes, seconds: float) -> Iterator[bytes]:
        """As `Road.frames`."""
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_S))
        headers = {SECONDS: repr(seconds)}
        try:
            with self._client.stream("POST", f"/ask/{name}", content=message, headers=headers, timeout=timeout) as said:
                if said.status_code == 503:
                    raise BusyError("Expected a shorter line at the replicas. Try again soon.", "engine_busy")
                if said.status_code >= 500:
                    raise LostError(f"status {said.status_code}")
                if said.status_code not in (200, 409):
                    raise wire.WireError(f"Expected an engine at this address; it answered {said.status_code}.")
                yield from _unframed(said.iter_bytes())
        except httpx.TransportError as error:
            raise LostError(type(error).__name__) from error


def _unframed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The frames of a stream of bytes."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= 8 and len(held) >= (end := 8 + int.from_bytes(held[:8], "big")):
            yield bytes(held[8:end])
            del held[:end]


class RemoteEngine:
    """The engine's methods, each asked of a replica; see `engine.Engine` for what they take and give.

    What it has not: `fetch`, `cancel_fetch`, `unload` and `case`; models come where the replicas are.

    Args:
        address: "http://HOST:PORT" of the replicas, or "ray://HOST:PORT" of a cluster that serves them.
        road: another way to them, for tests.

    Raises:
        BusyError: from every method: no replica answers ("engine_away"), or not in time ("engine_late").
        Whatever the engine's own method raises.
    """

    def __init__(self, address: str, road: Road | None = None) -> None:
        self.address = address
        self._road = road or road_to(address)
        self._facts: dict[str, Any] = {}
        self._told: dict[str, None] = {}
        self._guard = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if name in FACTS:
            if name not in self._facts:
                self._facts[name] = self._ask(name)
            return self._facts[name]
        if name in QUESTIONS:
            return partial(self._ask, name)
        if name in STREAMS:
            return partial(self._stream, name)
        raise AttributeError(f"A remote engine has no {name!r}.")

    def at_once(self) -> int:
        """How many questions to let in together: replicas share them, nobody here knows among how many."""
        return AT_ONCE

    def warm_up(self) -> None:
        """Nothing: replicas load their models before they are asked."""

    def hub_models(self) -> tuple[types.HubModel, ...]:
        """As the engine's; what is not there cannot be fetched from here."""
        rows = self._ask("hub_models")
        away = {"state": "refused", "why": "not_offered"}
        return tuple(replace(row, **away) if row.state in ("missing", "fetching") else row for row in rows)

    def encode_images(self, images: Sequence[Image.Image], model: str = "matching") -> np.ndarray:
        """As the engine's, a few photos at a time."""
        parts = [images[i : i + TOGETHER] for i in range(0, len(images), TOGETHER)] or [images]
        return np.concatenate([self._ask("encode_images", part, model=model) for part in parts])

    def index(
        self, images: Sequence[Image.Image], names: Sequence[str] | None = None, model: str = "matching"
    ) -> Index:
        """A gallery whose vectors lie here and whose questions are encoded there."""
        called = tuple(names) if names is not None else tuple(str(i + 1) for i in range(len(images)))
        encode = (partial(way, model=model) for way in (self.encode_images, self.encode_texts))
        return Index(called, self.encode_images(images, model), model, *encode)

    def _ask(self, name: str, *args: Any, **named: Any) -> Any:
        (answer,) = self._stream(name, *args, **named)
        return answer

    def _stream(self, name: str, *args: Any, **named: Any) -> Iterator[Any]:
        """The parts of an answer, whoever gives them."""
        photos: dict[str, bytes] = {}
        question, given = wire.dumps((_clean(args), _clean(named)), photos), 0
        until = time.monotonic() + min(LONGEST_S, current_patience().seconds_left)
        for pause in (0.0, *AGAIN):
            time.sleep(pause)
            current_patience().require()
            try:
                for part in islice(self._parts(name, question, photos, until), given, None):
                    given += 1
                    yield part
                return
            except LostError:
                continue
        message = f"Expected an engine at {self.address}; no replica answers. Try again soon."
        raise BusyError(message, "engine_away", address=self.address)

    def _parts(self, name: str, question: bytes, photos: dict[str, bytes], until: float) -> Iterator[Any]:
        """One replica's answer from its beginning."""
        sent = self._new(photos)
        while True:
            left, kind, value = until - time.monotonic(), b"", None
            if left <= 0:
                raise BusyError("Expected an answer in time; none came. Try again soon.", "engine_late")
            with closing(self._road.frames(name, wire.dumps((question, sent)), left)) as frames:
                for frame in frames:
                    kind, value = frame[:1], wire.loads(frame[1:])
                    if kind == VALUE:
                        yield value
            if kind == END:
                return
            if kind == ERROR:
                raise value
            if kind != PHOTOS or sent is photos:
                raise LostError("the answer was cut off")
            sent = photos if sent else {key: photos[key] for key in value}  # the second time another replica asks

    def _new(self, photos: dict[str, bytes]) -> dict[str, bytes]:
        """Those that never went anywhere; from now on they did."""
        with self._guard:
            new = {key: photo for key, photo in photos.items() if key not in self._told}
            self._told |= dict.fromkeys(new)
            for key in list(self._told)[:-TOLD]:
                del self._told[key]
        return new


def road_to(address: str) -> Road:
    """The way that an address names.

    Raises:
        ChoiceError: it names none.
    """
    scheme = address.partition("://")[0]
    if scheme in ("http", "https"):
        return Http(address)
    if scheme == "ray":
        from mmdemo.serving.ray import ClusterRoad  # an extra

        return ClusterRoad(address)
    raise ChoiceError("engine", address, ["http://HOST:PORT", "https://HOST:PORT", "ray://HOST:PORT"])


def _clean(value: Any) -> Any:
    """The same with its pictures as the engine would read them: upright, of bounded size, without metadata."""
    if isinstance(value, Image.Image):
        return inputs.read_image(value)
    if isinstance(value, (tuple, list)):
        return type(value)(map(_clean, value))
    return {key: _clean(part) for key, part in value.items()} if isinstance(value, dict) else value
