"""From nothing to the first page and to the first answer, beside importing gradio, torch and transformers alone.

Fresh processes, by turns: the bare imports, and `app.py` asked over HTTP as soon as it answers. Read next: `table.py`.
"""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from mmdemo.benchmark.page import LONGEST_S, asker
from mmdemo.benchmark.rounds import TEXTS, Setting
from mmdemo.benchmark.rows import Row, per_round
from mmdemo.loading import WEIGHTS

IMPORTS = "import gradio, torch, transformers"
APP = WEIGHTS.parent / "app.py"
STARTS, PAUSE_S = 5, 0.02


def measure(setting: Setting) -> list[Row]:
    """Each start as a multiple of the imports just before it."""
    imports, pages, answers = zip(*(one_start(setting) for _ in range(STARTS)), strict=True)
    return [
        per_round("start_page", pages, imports),
        per_round("start_answer", answers, imports),
    ]


def one_start(setting: Setting) -> tuple[float, float, float]:
    """Milliseconds of the imports, to the first page, and to the first answer."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, capture_output=True)
    imports, begin = time.perf_counter() - begin, time.perf_counter()
    with started() as url:
        page = time.perf_counter() - begin
        asker(url, setting.files)("match", TEXTS)
        answer = time.perf_counter() - begin
    return 1000 * imports, 1000 * page, 1000 * answer


@contextlib.contextmanager
def started() -> Iterator[str]:
    """The app in a process of its own; its address, once the page was there."""
    from mmdemo.ui.start import find_port

    port = find_port(0)
    settings = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, str(APP)], cwd=APP.parent, env=settings, **quiet)
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Ask again and again until the page comes.

    Raises:
        TimeoutError: it has ended, or it took too long.
    """
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            with urllib.request.urlopen(url, timeout=LONGEST_S) as answer:
                answer.read()
            return
        time.sleep(PAUSE_S)
    raise TimeoutError(f"Expected a page at {url} within {LONGEST_S:.0f} s of the start.")
