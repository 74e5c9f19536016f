"""What the page adds to the engine's answer, beside an endpoint of gradio that does nothing, over HTTP both.

A call of the page is: upload a photo, join the queue, wait for the answer. From its time goes what the engine's method
took within that very call; what is left is upload, queue, checks, decoding and JSON. The empty endpoint is uploaded the
same photo, joins the same kind of queue, and answers {}. Read next: `zero_shot.py`.
"""

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mmdemo.benchmark.rounds import TEXTS, WARM, Setting
from mmdemo.benchmark.rows import Row, row
from mmdemo.engine import Engine

METHODS = ("match", "sentiment", "explain", "compare", "shapley_values", "reconstruct", "caption", "answer", "index")
PHOTO, SEVERAL = "one_photo", "two_photos"  # names of the empty endpoints
ENDPOINTS: dict[str, tuple[Any, ...]] = {  # what each is asked beside the photo
    "match": (TEXTS,),
    "sentiment": (TEXTS[0],),
    "attention": (TEXTS[0],),
    "compare": (TEXTS[0],),
    "ledger": (TEXTS[0],),
    "reconstruct": (TEXTS[0],),
    "caption": (),
    "answer": ("Is it a dog or a cat?",),
    "search": (TEXTS[0],),
}
TWO_PHOTOS = ("search",)
LONGEST_S = 120.0


def measure(setting: Setting) -> list[Row]:
    """A row for each endpoint, and one for their mean."""
    spent = Spent()
    with served(setting, spent) as (page, empty):
        rounds = [one_round(setting, page, empty, spent) for _ in range(setting.rounds + WARM)][WARM:]
    rows = [row("page_empty", [1.0], [1000 * r["floor"][PHOTO] for r in rounds])]
    beyond = {name: [r[name] / r["floor"][uploaded(name)] for r in rounds] for name in ENDPOINTS}
    rows += [row(f"page_{name}", beyond[name], [1000 * r[name] for r in rounds]) for name in ENDPOINTS]
    return [*rows, row("page_mean", [statistics.mean(some) for some in zip(*beyond.values(), strict=True)])]


def uploaded(endpoint: str) -> str:
    """How many photos it is sent."""
    return SEVERAL if endpoint in TWO_PHOTOS else PHOTO


class Spent:
    """Seconds within the engine's methods."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def within(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The same method, its time added up."""

        @functools.wraps(method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


def one_round(setting: Setting, page: Callable, empty: Callable, spent: Spent) -> dict[str, Any]:
    """Seconds beyond the engine of every endpoint; under "floor" those of the empty one, before and after them."""
    floors: dict[str, list[float]] = {PHOTO: [], SEVERAL: []}
    found: dict[str, Any] = {}
    for name, asked in ENDPOINTS.items():
        floors[uploaded(name)].append(timed(empty, uploaded(name), TEXTS[0]))
        spent.seconds = 0.0
        found[name] = timed(page, name, *asked) - spent.seconds
    return found | {"floor": {kind: statistics.median(some) for kind, some in floors.items()}}


def timed(call: Callable[..., object], *args: Any) -> float:
    """Seconds."""
    start = time.perf_counter()
    call(*args)
    return time.perf_counter() - start


@contextlib.contextmanager
def watched(engine: Engine, spent: Spent) -> Iterator[None]:
    """The engine, each of its methods timed; as it was afterwards."""
    for name in METHODS:
        setattr(engine, name, spent.within(getattr(engine, name)))
    try:
        yield
    finally:
        for name in METHODS:
            delattr(engine, name)


@contextlib.contextmanager
def served(setting: Setting, spent: Spent) -> Iterator[tuple[Callable, Callable]]:
    """(calls an endpoint of the page by its name, calls an empty one), each on a server of its own."""
    from mmdemo.ui.page import build_page  # isort: skip  # first: it keeps gradio from calling out
    from mmdemo.ui.start import find_port, launch

    with watched(setting.engine, spent), contextlib.ExitStack() as servers:
        page, empty = build_page(setting.engine), build_empty()
        for demo in (page, empty):
            servers.callback(demo.close, verbose=False)
        _, url, _ = launch(page, server_port=0, quiet=True)
        _, floor, _ = empty.launch(server_port=find_port(0), quiet=True, prevent_thread_lock=True, ssr_mode=False)
        yield asker(url, setting.files), asker(floor, setting.files)


def build_empty() -> Any:
    """Two endpoints of plain gradio that do nothing with what they are sent."""
    import gradio as gr

    def one(image: gr.FileData, text: str) -> dict:
        return {}

    def several(photos: list[gr.FileData], text: str) -> dict:
        return {}

    with gr.Blocks(analytics_enabled=False) as demo:
        gr.api(one, api_name=PHOTO)
        gr.api(several, api_name=SEVERAL)
    return demo


def asker(url: str, files: Sequence[Path]) -> Callable[..., Any]:
    """Asks an endpoint of a server by its name: a photo, or both, is uploaded each time."""
    from gradio_client import Client, handle_file

    quiet = {"verbose": False, "download_files": False, "analytics_enabled": False}
    client = Client(url, **quiet, ssl_verify=False, httpx_kwargs={"timeout": LONGEST_S})  # no TLS here

    def ask(endpoint: str, *asked: Any) -> Any:
        several = SEVERAL in (endpoint, uploaded(endpoint))
        given = [handle_file(path) for path in files] if several else handle_file(files[0])
        return client.predict(given, *asked, api_name=f"/{endpoint}")

    return ask
