"""Where a run of Chinese is cut: known answers, and that the dictionary waits until it is needed."""

import subprocess
import sys
from math import log

import pytest

from mmdemo.encoders import chinese
from mmdemo.training.data.chinese_words import word_list


def test_the_likeliest_cut_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = {"": log(0.001), "a": log(0.1), "b": log(0.2), "c": log(0.3), "ab": log(0.01), "bc": log(0.1)}
    monkeypatch.setattr(chinese, "dictionary", lambda: (chances, 2))
    assert chinese.cut("abc") == ["a", "bc"]  # .1 x .1, and not .01 x .3 or .1 x .2 x .3
    assert chinese.cut("xab") == ["x", "a", "b"]  # .1 x .2 is more than .01
    assert chinese.cut("") == []


@pytest.mark.parametrize("run", ["石头上趴着一只狮子", "龘龘鱻", "的" * 300, "孩子们在踢足球"])
def test_the_words_together_are_the_run(run: str) -> None:
    assert "".join(chinese.cut(run)) == run


def test_every_word_is_listed_once_with_a_chance_below_one() -> None:
    chances, longest = chinese.dictionary()
    assert len(chances) > 100_000 and longest == max(map(len, chances))
    assert all(chance < 0 for chance in chances.values())
    assert min(chances.values()) == chances[""]


def test_the_dictionary_is_read_when_the_first_chinese_comes_and_not_before() -> None:
    code = "from mmdemo.encoders import chinese, words\n"
    code += "for text in ('a lion', '狗', '狮子'):\n    words.word_spans(text)\n"
    code += "    print(chinese.dictionary.cache_info().currsize)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "0", "1"]  # a single character needs no dictionary


def test_names_phrases_and_rare_words_are_left_out_of_the_list() -> None:
    lines = ["狮子 300 n", "泳帽 3 n", "跳跃 300 vn", "B超 300 n", "趴在 484 v", "存在 900 v", "一个男孩 3 n", "罕 1 a"]
    assert list(word_list([*lines, "罕用 19 v"])) == ["900\t存在", "300\t狮子 跳跃", "3\t泳帽", "1\t罕"]
