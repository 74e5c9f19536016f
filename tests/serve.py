"""Serves the page for the tests that call it from outside: `python -m tests.serve fake|slow|real|hub`.

In a process of its own, because gradio leaves sockets and event loops open when it stops, and this suite takes every
warning for an error.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Running:
    """A server in a process of its own.

    Args:
        address: where its page is.
        process: to be told to stop.
        log: what it writes to stderr, where that is asked for.
        uploads: its folder for uploads.
    """

    address: str
    process: subprocess.Popen[str]
    log: Path | None
    uploads: Path


@contextmanager
def running(engine: str, uploads: Path, log: Path | None = None, **environment: str) -> Iterator[Running]:
    """A page over the fake or the real engine, for as long as the block runs; `environment` is added to our own."""
    given = {"GRADIO_TEMP_DIR": str(uploads), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1", "GRADIO_SERVER_PORT": "0"}
    command = [sys.executable, "-m", "tests.serve", engine]
    with contextlib.ExitStack() as stack:
        heard = stack.enter_context(log.open("w")) if log else None
        settings = {"cwd": ROOT, "env": os.environ | given | environment, "stdout": subprocess.PIPE, "stderr": heard}
        process = stack.enter_context(subprocess.Popen(command, text=True, **settings))
        try:
            line = next((text for text in process.stdout if text.startswith("http")), "")
            assert line, f"{command} ended with {process.wait()} before it served a page"
            yield Running(line.strip(), process, log, uploads)
        finally:
            process.stdout.close()
            process.terminate()


@contextmanager
def served(engine: str, uploads: Path) -> Iterator[str]:
    """The address of a page over the fake or the real engine, for as long as the block runs."""
    with running(engine, uploads) as found:
        yield found.address


def main() -> None:
    """Serve until told to stop; the first line of output is the address."""
    from mmdemo.ui.start import serve

    if sys.argv[1] == "real":
        import mmdemo

        engine = mmdemo.load()
    elif sys.argv[1] == "hub":
        from tests import hub_engine

        engine = hub_engine.load()
    elif sys.argv[1] == "slow":
        from tests.slow_engine import SlowEngine

        engine = SlowEngine()
    else:
        from tests.fakes import FakeEngine

        engine = FakeEngine()
    port = int(os.environ.get("GRADIO_SERVER_PORT", "0"))
    serve(engine, lambda url: print(url, flush=True), server_name="127.0.0.1", server_port=port, quiet=True)


if __name__ == "__main__":
    main()
