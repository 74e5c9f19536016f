"""Threads of one team, or one on each core: nobody keeps a team behind whom the others' threads fall asleep."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import mmdemo
from mmdemo.engine import cores
from tests.pictures import picture

VISITORS = 4


def threads() -> int:
    """How many threads the system counts in this process, those of OpenMP included."""
    return len(os.listdir("/proc/self/task"))


@pytest.fixture
def two_cores():
    """As on a machine with two cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def visitors():
    """Threads that stay, as those of a page do."""
    barrier = threading.Barrier(VISITORS)
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(lambda _: barrier.wait(), range(VISITORS)))
        yield pool


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted where Linux lists them")
def test_who_gives_the_device_up_keeps_no_team(two_cores, visitors):
    if not cores.keeps_teams():
        pytest.skip("torch was not built with GNU's OpenMP here: one team serves all")
    engine = mmdemo.load(device="cpu", offline=True)
    engine.match(picture(0), ["a dog"])
    before = threads()
    for seed in range(1, 1 + 2 * VISITORS):  # one after another, in whichever thread is free
        visitors.submit(engine.match, picture(seed), ["a dog", f"{seed} dogs"]).result()
    assert threads() == before


def test_a_team_comes_back_when_it_is_needed(two_cores):
    numbers = torch.rand(512, 512)
    before = numbers @ numbers
    cores.dismiss_team()
    assert torch.equal(numbers @ numbers, before)


def test_threads_of_one_core_each_leave_others_as_they_were():
    before = torch.get_num_threads()
    pool = cores.one_thread_each(2)
    assert list(pool.map(lambda _: torch.get_num_threads(), range(4))) == [1] * 4
    with ThreadPoolExecutor(1) as new:
        assert torch.get_num_threads() == new.submit(torch.get_num_threads).result() == before
    pool.shutdown()
