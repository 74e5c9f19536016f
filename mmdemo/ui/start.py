"""From a page to a server: port and folder tried first, gradio's settings, and a sentence for what stands in the way.

Read next: `gate/life.py`, `gate/leaving.py`.
"""

import argparse
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from mmdemo.errors import BusyError, MMDemoError
from mmdemo.ui import theme
from mmdemo.ui.gallery import photos
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.gate.headers import known_hosts
from mmdemo.ui.gate.leaving import stay
from mmdemo.ui.gate.life import be_patient, life
from mmdemo.ui.gate.log import FAILURES
from mmdemo.ui.gate.memory import few_heaps, settle
from mmdemo.ui.gate.receive import HEARD
from mmdemo.ui.gate.sessions import SESSIONS
from mmdemo.ui.page import PAGES, build_page
from mmdemo.ui.server import SpeakingServer
from mmdemo.ui.text import HTML_LANGUAGE
from mmdemo.ui.widgets import thumbnails

if TYPE_CHECKING:
    from mmdemo.engine import Engine

PORT = 7860


class StartError(MMDemoError):
    """The server cannot start; the sentence says why and what to do."""


def read_command(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What `app.py` is told: `engine`, the address of one that runs elsewhere, or None."""
    parser = argparse.ArgumentParser("app.py")
    elsewhere = "http://HOST:PORT or ray://HOST:PORT of an engine elsewhere; this machine then needs no torch"
    parser.add_argument("--engine", metavar="ADDRESS", help=elsewhere)
    return parser.parse_args(given)


def serve(engine: "Engine", told: Callable[[str], None] | None = None, **options: Any) -> None:
    """Serve the page until told to stop.

    Args:
        engine: its models are loaded once the page stands; who asks before waits for those that his question needs.
        told: called with the address once it can be opened.
        **options: as `launch`.

    Raises:
        SystemExit: port or folder cannot be had, or no engine elsewhere answers; a sentence in both languages has been
            printed.
    """
    few_heaps()
    try:
        options["server_port"] = find_port(options.get("server_port"))
        check_folder()
        demo = build_watched(engine)
        demo.warming = threading.current_thread()  # so the server is not called ready before the next line but one
        _, url, _ = launch(demo, **options, prevent_thread_lock=True)
        demo.warming = engine.warm_up()  # once the page stands: before, both would share one interpreter
    except (StartError, BusyError) as error:
        for say in PAGES.values():
            print(say.error(error), file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    if told is not None:
        told(url)
    threading.Thread(target=work_out_openings, args=(demo,), name="openings").start()
    stay(demo)


def build_watched(engine: "Engine") -> Page:
    """The page; with MMDEMO_METRICS=1 one whose questions are timed, see `mmdemo/serving/metrics.py`."""
    if os.environ.get("MMDEMO_METRICS") != "1":
        return build_page(engine)
    from mmdemo.serving.metrics import Metrics  # nobody else pays for its import

    metrics = Metrics(engine)
    demo = build_page(metrics.engine)
    demo.metrics, metrics.failures = metrics, FAILURES
    metrics.lines["page"] = lambda: len(demo._queue)
    return demo


def work_out_openings(demo: Page) -> None:
    """What every tab opens with, before the first visitor asks; stops when the server is told to leave."""
    for opening in demo.openings:
        if demo.leaving:
            return
        with contextlib.suppress(Exception):  # a missing weight file, say: the page says so when it is opened
            opening()
    settle()


def launch(demo: Page, **options: Any) -> tuple[Any, str, str]:
    """Serve the page and return at once with gradio's own answer: app, address, shared address ("").

    Args:
        demo: from `build_page`.
        **options: gradio's own; the host comes from GRADIO_SERVER_NAME, the port from GRADIO_SERVER_PORT; 0 is any free
            port.

    Raises:
        StartError: the port is taken, or the folder for uploads cannot be written.
    """
    name = options.get("server_name") or os.environ.get("GRADIO_SERVER_NAME")
    options["server_port"] = find_port(options.get("server_port"))
    check_folder()
    examples = [save_file_to_cache(path, str(demo.folder.root)) for path in photos()]
    demo.folder.begin(examples)
    settings = {
        "theme": theme.build_theme(),
        "css_paths": theme.CSS_FILES,
        "css": thumbnails() + theme.error_titles({HTML_LANGUAGE[s.language]: s("error.title") for s in PAGES.values()}),
        "ssr_mode": False,
        "run_history": False,
        "footer_links": ["api"],
        "show_error": False,
        "share": False,
        "max_file_size": HEARD,  # the page's own stop, in English; ours is lower and has a sentence
        "state_session_capacity": SESSIONS,
        "enable_monitoring": False,
        "app_kwargs": {
            "middleware": [Middleware(SpeakingServer, pages=PAGES)],
            "lifespan": life(demo, PAGES, known_hosts(name)),
        },
        "allowed_paths": sorted({str(Path(path).parent) for path in photos()}),
        "prevent_thread_lock": True,
    }
    try:
        found = demo.launch(**(settings | options))
    except OSError as error:
        if error.errno is not None:
            raise
        raise port_taken(options["server_port"]) from None
    except ValueError as error:  # gradio could not reach its own page: a proxy for localhost, or a machine at its limit
        raise StartError("The page was served but could not be reached on this machine.", "unreached") from error
    be_patient(demo)
    return found


def find_port(asked: int | None = None) -> int:
    """The port to listen on, 0 replaced by a free one.

    Raises:
        StartError: somebody listens there already.
    """
    port = int(os.environ.get("GRADIO_SERVER_PORT", PORT)) if asked is None else asked
    name = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1").strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in name else socket.AF_INET) as trial:
        if os.name == "posix":  # a port just left is free; elsewhere the same option would take one that is in use
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((name, port))
        except OSError:
            raise port_taken(port) from None
        return trial.getsockname()[1]


def check_folder() -> None:
    """Try the folder for uploads.

    Raises:
        StartError: it is full, or cannot be written.
    """
    root = get_upload_folder()
    try:
        Folder(root).check()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        message = f"Expected a folder for uploads that can be written; {root}: {why}. Set GRADIO_TEMP_DIR to another."
        raise StartError(message, "folder_closed", folder=str(root), why=why) from None


def port_taken(port: int) -> StartError:
    """Somebody listens on that port."""
    message = f"Port {port} is taken. Stop what runs there, or set GRADIO_SERVER_PORT to another one."
    return StartError(message, "port_taken", port=str(port))
