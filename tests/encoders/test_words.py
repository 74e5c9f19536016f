"""Words as a reader sees them, and whose piece is whose."""

import time

import pytest

from mmdemo.encoders.words import layout_of, split_words, unit_spans, word_spans
from mmdemo.loading import lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rock'n'roll", ["rock'n'roll"]),
        ("’tis dogs' 'a'", ["’", "tis", "dogs", "'", "'", "a", "'"]),
        ("5pm!?", ["5pm", "!", "?"]),
        ("x_y", ["x", "_", "y"]),
        ("हिन्दी", ["हिन्दी"]),
        ("a\x00b", ["a", "b"]),
        ("一只狗，dog狗", ["一", "只", "狗", "，", "dog", "狗"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("a \ud800 b", ["a", "b"]),
        ("", []),
    ],
)
def test_words_are_split_as_a_reader_would(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def owners(text: str, pieces: list[tuple[int, int]]) -> tuple[tuple[str, ...], tuple[int | None, ...]]:
    layout = layout_of(text, [""] * len(pieces), pieces)
    return layout.words, layout.word_ids


def words(text: str) -> list[str]:
    return [text[begin:end] for begin, end in word_spans(text)]


def test_spans_are_where_the_words_stand_equal_words_included() -> None:
    text = "a cat, a 猫"
    assert word_spans(text) == unit_spans(text) == [(0, 1), (2, 5), (5, 6), (7, 8), (9, 10)]
    assert words(text) == split_words(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("石头上趴着一只狮子", "石头 上 趴 着 一只 狮子"),
        ("一辆红色的公交车", "一辆 红色 的 公交车"),
        ("一只 lion 在石头上, sleeping", "一只 lion 在 石头 上 , sleeping"),
        ("太威风了！今天在动物园真开心！", "太 威风 了 ！ 今天 在 动物园 真 开心 ！"),
        ("🦁狮子 😀", "🦁 狮子 😀"),
        ("狗\ufe0f跑", "狗\ufe0f 跑"),
        ("사자가 자고 있다", "사자가 자고 있다"),
        ("สิงโตนอน", "สิงโตนอน"),
        ("الأسد نائم", "الأسد نائم"),
        ("\u3400\U00020000", "\u3400 \U00020000"),
    ],
)
def test_a_reader_of_chinese_sees_words_not_characters(text: str, read: str) -> None:
    assert words(text) == read.split(" ")


def test_a_piece_belongs_to_the_word_it_lies_in() -> None:
    found = owners("running dogs.", [(0, 3), (3, 7), (7, 11), (11, 12), (12, 13)])
    assert found == (("running", "dogs", "."), (0, 0, 1, 1, 2))


def test_a_word_of_several_pieces_owns_them_all() -> None:
    assert owners("自行车", [(0, 1), (1, 3)]) == (("自行车",), (0, 0))


def test_a_piece_that_reaches_over_two_words_is_shared_by_characters() -> None:
    layout = layout_of("跑的小狗", ["跑", "的小", "狗"], [(0, 1), (1, 3), (3, 4)])
    assert layout.words == ("跑", "的", "小狗") and layout.word_ids == (0, 1, 2)  # it fills 的 whole, 小狗 by half
    assert layout.shared == ((1, 1, 0.5), (1, 2, 0.5))
    assert sorted(layout.parts()) == [(0, 0, 1.0), (1, 1, 0.5), (1, 2, 0.5), (2, 2, 1.0)]
    assert owners("在自行车", [(0, 3), (3, 4)])[1] == (1, 1)  # the most characters


def test_a_piece_that_begins_at_the_space_belongs_to_the_word_after_it() -> None:
    assert owners("ab cde", [(0, 2), (2, 6)])[1] == (0, 1)


def test_two_pieces_of_one_character_both_belong_to_its_word() -> None:
    assert owners("a ½", [(0, 1), (2, 3), (2, 3), (2, 3)]) == (("a", "½"), (0, 1, 1, 1))


def test_a_long_text_is_cut_in_a_time_that_grows_with_its_length_not_with_its_square() -> None:
    pieces = [(i, i + 1) for i in range(20_000)]
    begin = time.process_time()
    found = owners("鱻" * 20_000, pieces)
    assert found == (("鱻",) * 20_000, tuple(range(20_000)))
    assert time.process_time() - begin < 5  # by its square, minutes


def test_a_piece_that_stands_for_no_character_belongs_to_nobody() -> None:
    assert owners("dog", [(0, 0), (0, 3), (3, 3), (1, 1)])[1] == (None, 0, None, None)
    assert owners("", [(0, 0)]) == ((), (None,))


def test_a_word_without_a_piece_stays_a_word() -> None:
    assert owners("a dog", [(0, 1)]) == (("a", "dog"), (0,))


def test_a_word_list_is_read_line_by_line(tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("a\n\u2028\n狗\n", encoding="utf-8")  # a line separator is a word here, not a line
    assert lines(path.read_bytes()) == ["a", "\u2028", "狗"]
