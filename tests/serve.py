"""Serves the page for the tests that call it from outside: `python -m tests.serve fake|real`.

In a process of its own, because gradio leaves sockets and event loops open when it stops, and this suite takes every
warning for an error.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served(engine: str, uploads: Path) -> Iterator[str]:
    """The address of a page over the fake or the real engine, for as long as the block runs."""
    environment = os.environ | {"GRADIO_TEMP_DIR": str(uploads), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "tests.serve", engine]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = next((text for text in process.stdout if text.startswith("http")), "")
            assert line, f"{command} ended with {process.wait()} before it served a page"
            yield line.strip()
        finally:
            process.stdout.close()
            process.terminate()


def main() -> None:
    """Serve until told to stop; the first line of output is the address."""
    from mmdemo.ui.page import build_page, launch

    if sys.argv[1] == "real":
        import mmdemo

        engine = mmdemo.load()
    else:
        from tests.fakes import FakeEngine

        engine = FakeEngine()
    demo = build_page(engine)
    _, url, _ = launch(demo, prevent_thread_lock=True, server_name="127.0.0.1", quiet=True)
    print(url, flush=True)
    demo.block_thread()


if __name__ == "__main__":
    main()
