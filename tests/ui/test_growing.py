"""Answers that come part by part: the newest question's alone, and none after it was stopped."""

import numpy as np
import pytest
from PIL import Image

from mmdemo.ui.stale import StaleGuard, newest_stream
from mmdemo.ui.tabs.attention import answers
from mmdemo.ui.tabs.attention.question import Question
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EN = Say("en")


def test_a_stream_that_was_stopped_ends_within_one_part_of_its_work():
    guard, done = StaleGuard(), []

    def work(count: int):
        for i in range(count):
            done.append(i)
            yield i

    stream = newest_stream(work)(guard, 9)
    assert [next(stream), next(stream)] == [0, 1]
    guard.stop()
    assert len(list(stream)) == 1 and done == [0, 1, 2]  # what it yields then changes nothing


@pytest.mark.parametrize("name", ["methods", "heads"])
def test_tiles_are_shown_one_after_the_other_after_the_words_that_say_so(name, tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)).save(path)
    question = Question(str(path), "a dog", "cross_attention", "cross_attention")
    first, *parts = answers.growing_part(FakeEngine(), EN, question, name, "", 25, 25, 75, 75)
    assert 'data-stop="parts"' in first["running_parts"]
    counts = [part[name].count('data-method="') for part in parts]
    assert len(counts) > 1 and counts == sorted(counts) and counts[0] < counts[-1]
