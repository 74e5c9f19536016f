"""A caller waits as long as he said, at the lock too, and not at all when he has gone."""

import threading
import time

import pytest

from mmdemo.engine.fair_lock import FairLock
from mmdemo.errors import BusyError
from mmdemo.serving import current_patience, patience


def held(lock: FairLock) -> tuple[threading.Thread, threading.Event]:
    """Another thread inside, until the event."""
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            inside.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    return thread, leave


def test_within_another_the_shorter_counts():
    with patience(seconds=100), patience(seconds=1000):
        assert 99 < current_patience().seconds_left <= 100
    with patience(gone=lambda: True), patience():
        assert current_patience().ended
    assert not current_patience().ended and current_patience().seconds_left == float("inf")


def test_whoever_waits_too_long_at_the_lock_leaves_the_line():
    lock = FairLock()
    thread, leave = held(lock)
    start = time.monotonic()
    with pytest.raises(BusyError) as late, patience(seconds=0.05), lock:
        pass
    assert late.value.code == "engine_late" and 0.04 < time.monotonic() - start < 10 and not lock.waiting
    leave.set(), thread.join()
    with patience(seconds=10), lock:
        pass
    assert not lock.held


def test_whoever_has_gone_passes_his_turn_on_and_one_inside_is_not_disturbed():
    lock, gone = FairLock(), threading.Event()
    thread, leave = held(lock)
    raised, order = [], []

    def go() -> None:
        try:
            with patience(gone=gone.is_set), lock:
                order.append("gone")
        except BusyError as error:
            raised.append(error.code)

    def stay() -> None:
        with lock:
            order.append("stayed")

    threads = []
    for number, work in enumerate((go, stay)):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        while lock.waiting <= number:
            time.sleep(0.001)
    gone.set(), leave.set()
    for one in (thread, *threads):
        one.join()
    assert raised == ["asker_left"] and order == ["stayed"] and not lock.held
    with lock, patience(gone=lambda: True), lock:
        pass
