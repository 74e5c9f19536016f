"""What several wait for is read by one forward: who shares a batch, whose error it is, and who is not read at all."""

import threading
import time

import pytest

from mmdemo.engine.fair_lock import FairLock
from mmdemo.engine.readings import BoundedCache
from mmdemo.errors import BusyError
from mmdemo.serving import Batcher, batcher, patience


class Network:
    """Says every item in capital letters; remembers its batches; fails at "bad"."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, items: list[str]) -> list[str]:
        self.batches.append(list(items))
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def line(network: Network) -> Batcher:
    return Batcher(network, BoundedCache(100), lambda: 4)


def announced(line: Batcher, *items: str) -> object:
    return line.announce({item: item for item in items})


def test_whoever_has_the_device_reads_for_those_behind_him(line, network):
    first, second, third = announced(line, "a"), announced(line, "b"), announced(line, "c")
    assert line.take(first) == {"a": "A"}
    assert line.take(second) == {"b": "B"} and line.take(third) == {"c": "C"}
    assert network.batches == [["a", "b", "c"]] and line.waiting == 0


def test_one_with_much_leaves_room_for_the_others(line, network):
    greedy, modest = announced(line, *"abcdefgh"), announced(line, "x")
    other = announced(line, "y")
    assert line.take(greedy) == {c: c.upper() for c in "abcdefgh"}
    assert network.batches[0] == ["a", "x", "y", "b"]
    assert line.take(modest) == {"x": "X"} and line.take(other) == {"y": "Y"}
    assert sum(map(len, network.batches)) == 10


def test_the_one_with_the_device_comes_first_wherever_he_stands(line, network):
    announced(line, *"abcdefgh")
    assert line.take(announced(line, "z")) == {"z": "Z"}
    assert network.batches == [["z", "a", "b", "c"]]


def test_the_same_content_wanted_by_several_is_read_once_and_then_kept(line, network):
    callers = [announced(line, "a", "b"), announced(line, "b", "a"), announced(line, "a")]
    assert [line.take(caller) for caller in callers] == [{"a": "A", "b": "B"}, {"b": "B", "a": "A"}, {"a": "A"}]
    assert line.take(announced(line, "b")) == {"b": "B"}
    assert network.batches == [["a", "b"]]


def test_an_error_stays_with_whoever_caused_it(line, network):
    good, bad, both, other = (announced(line, *some) for some in (["a"], ["bad"], ["b", "bad"], ["c"]))
    assert line.take(good) == {"a": "A"} and line.take(other) == {"c": "C"}
    for caller in (bad, both):
        with pytest.raises(ValueError, match="bad"):
            line.take(caller)
    assert network.batches == [["a", "bad", "b", "c"], ["a"], ["bad"], ["b"], ["c"]]
    with pytest.raises(ValueError, match="bad"):  # an error is not kept
        line.take(announced(line, "bad"))
    assert network.batches[-1] == ["bad"] and line.waiting == 0


def test_an_interrupted_forward_is_read_again_by_the_next(line, network, monkeypatch):
    first, second = announced(line, "a"), announced(line, "b")
    interrupted = pytest.MonkeyPatch()
    interrupted.setattr(line, "_run", lambda items: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        line.take(first)
    interrupted.undo()
    assert line.take(second) == {"b": "B"} and network.batches == [["b"]]


def test_a_full_line_is_refused_and_free_again_when_it_has_been_read(line, monkeypatch):
    monkeypatch.setattr(batcher, "MOST_WAITING", 3)
    crowd = announced(line, *"abcde")  # one alone may want more than that
    with pytest.raises(BusyError) as refused:
        announced(line, "x")
    assert refused.value.code == "engine_busy"
    line.take(crowd)
    assert line.take(announced(line, "x")) == {"x": "X"}


def test_what_a_caller_who_has_gone_wanted_is_not_read_unless_others_want_it(line, network):
    gone = threading.Event()
    with patience(gone=gone.is_set):
        visitor = announced(line, "his", "shared")
    other, third = announced(line, "shared", "own"), announced(line, "more")
    gone.set()
    line.take(other)
    assert network.batches == [["shared", "more", "own"]]
    with pytest.raises(BusyError) as refused:
        line.take(visitor)
    assert refused.value.code == "asker_left" and line.waiting == 0
    assert line.take(third) == {"more": "MORE"}


def test_a_caller_who_leaves_takes_along_what_only_he_wanted(line, network):
    visitor, other = announced(line, "his", "shared"), announced(line, "shared")
    line.leave(visitor), line.leave(visitor)
    assert line.waiting == 1 and line.take(other) == {"shared": "SHARED"}
    assert network.batches == [["shared"]]


def test_one_with_the_device_waits_a_moment_for_those_who_are_coming(line, network, monkeypatch):
    monkeypatch.setattr(batcher, "COMPANY_S", 30)
    first, preparing = announced(line, "a"), threading.Event()

    def come() -> None:
        with line.coming():
            preparing.set()
            time.sleep(0.05)
            announced(line, "b")

    thread = threading.Thread(target=come)
    thread.start()
    preparing.wait(10)
    assert line.take(first) == {"a": "A"}
    thread.join()
    assert network.batches == [["a", "b"]]


def test_thirty_two_threads_behind_one_lock_get_their_own(line, network):
    lock, got = FairLock(), {}

    def ask(number: int) -> None:
        for turn in range(5):
            wanted = [f"{number}-{turn}", f"all-{turn}"]
            caller = announced(line, *wanted)
            with lock:
                got[number, turn] = line.take(caller) == {w: w.upper() for w in wanted}

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(32)]
    with lock:
        for thread in threads:
            thread.start()
        while lock.waiting < 32:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert len(got) == 160 and all(got.values())
    assert sorted(sum(network.batches, [])) == sorted({w for n, t in got for w in (f"{n}-{t}", f"all-{t}")})
    assert len(network.batches) < 80 and line.waiting == 0
