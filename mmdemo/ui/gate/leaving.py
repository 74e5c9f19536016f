"""Leaving well: a server that is told to stop takes no new work, gives the answers that are due, and goes.

Read next: `life.py`.
"""

import os
import signal
import sys
import threading
import time
from types import FrameType

from mmdemo.ui.gate.calls import Page

DRAIN_SECONDS = 7.0  # with what the server needs to close, at most ten in all
LAST_WORDS_SECONDS = 0.3
SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Windows'


def stay(demo: Page) -> None:
    """Block until the process is told to stop, then leave; told twice, it goes at once."""
    told = threading.Event()

    def hear(number: int, _: FrameType | None) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), hear)
    while not told.wait(0.2):
        if not demo.is_running:
            return
    leave(demo)


def leave(demo: Page, seconds: float = DRAIN_SECONDS) -> None:
    """Answer what was asked, for at most `seconds`, then close and delete every upload.

    Work that does not end in time is cut off with the process: unwinding a thread out of torch would abort.
    """
    demo.leaving = True
    end = time.monotonic() + seconds
    while is_busy(demo) and time.monotonic() < end:
        time.sleep(0.05)
    late = is_busy(demo)
    if not late:
        time.sleep(LAST_WORDS_SECONDS)  # the last answer is on its way
    demo.close(verbose=False)
    demo.folder.empty()
    others = [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()]
    if late or others:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def is_busy(demo: Page) -> bool:
    """Whether anything waits, is at work, or has not been fetched by somebody who listens."""
    queue = demo._queue
    if len(queue) or any(job for job in list(queue.active_jobs)):
        return True
    return any(
        not messages.empty() and demo.places is not None and demo.places.is_heard(session)
        for session, messages in list(queue.pending_messages_per_session.items())
    )
