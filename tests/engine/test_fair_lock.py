"""The lock around the device: one at a time, in the order of asking, and again by its holder."""

import threading
import time

import pytest

from mmdemo.engine.fair_lock import FairLock


def waiting(lock: FairLock, count: int) -> None:
    """Return when so many threads stand in the line."""
    end = time.monotonic() + 10
    while lock.waiting < count:
        assert time.monotonic() < end, "nobody came"
        time.sleep(0.001)


def test_whoever_waited_longest_goes_next():
    lock, order = FairLock(), []

    def work(name: int) -> None:
        with lock:
            order.append(name)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
    with lock:
        for i, thread in enumerate(threads):
            thread.start()
            waiting(lock, i + 1)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_one_that_lets_go_for_a_moment_goes_to_the_end_of_the_line():
    """A second thread asks while the first holds the lock: between two parts of the first it gets in, every time."""
    lock, order = FairLock(), []

    def work(name: str) -> None:
        for _ in range(50):
            with lock:
                order.append(name)

    second = threading.Thread(target=work, args=("second",))
    with lock:
        second.start()
        waiting(lock, 1)
    for i in range(10):
        with lock:
            order.append("first")
            if i < 9:
                waiting(lock, 1)
    second.join()
    assert order[:18] == ["second", "first"] * 9


def test_its_holder_may_take_it_again_and_an_error_lets_it_go():
    lock = FairLock()
    with lock, lock:
        assert lock._depth == 2
    with pytest.raises(ZeroDivisionError), lock, lock:
        raise ZeroDivisionError
    assert not lock.held
    with lock:
        pass


def test_only_one_is_inside_at_a_time():
    lock, inside, most = FairLock(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] and inside == [0]


def test_one_who_stops_waiting_leaves_the_line_or_passes_its_turn_on():
    """What Ctrl+C does: first while still in the line, then with the turn just come."""
    lock, bell = FairLock(), threading.Lock()
    with lock:
        lock._waiting.append((-1, bell))
        lock._leave(-1, bell)
        assert not lock._waiting
    bell.acquire()
    with lock:
        lock._waiting.append((-1, bell))
    assert lock._owner == -1
    lock._leave(-1, bell)
    assert not lock.held


def test_what_comes_before_the_next_is_done_once_and_inside():
    done = []
    lock = FairLock(before_next=lambda: done.append(lock.held))
    with lock:
        with lock:
            pass
        assert done == []
    assert done == [True] and not lock.held


def test_the_next_comes_in_even_if_what_comes_before_him_fails():
    lock = FairLock(before_next=lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError), lock:
        pass
    assert not lock.held
