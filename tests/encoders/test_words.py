"""Words as a reader sees them, and whose piece is whose."""

import time

import pytest

from mmdemo.encoders.words import split_words, word_spans, words_of_pieces
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


def test_spans_are_where_the_words_stand_equal_words_included() -> None:
    text = "a cat, a 猫"
    assert word_spans(text) == [(0, 1), (2, 5), (5, 6), (7, 8), (9, 10)]
    assert [text[begin:end] for begin, end in word_spans(text)] == split_words(text)


def test_a_piece_belongs_to_the_word_it_lies_in() -> None:
    words, owners = words_of_pieces("running dogs.", [(0, 3), (3, 7), (7, 11), (11, 12), (12, 13)])
    assert words == ("running", "dogs", ".")
    assert owners == (0, 0, 1, 1, 2)


def test_characters_that_one_piece_holds_together_are_one_word() -> None:
    words, owners = words_of_pieces("一只狮子跑", [(0, 1), (1, 2), (2, 4), (4, 5)])
    assert words == ("一", "只", "狮子", "跑")
    assert owners == (0, 1, 2, 3)


def test_a_piece_that_reaches_over_three_characters_joins_all_three() -> None:
    assert words_of_pieces("自行车", [(0, 3)]) == (("自行车",), (0,))


def test_a_piece_that_begins_at_the_space_belongs_to_the_word_after_it() -> None:
    _, owners = words_of_pieces("ab cde", [(0, 2), (2, 6)])
    assert owners == (0, 1)


def test_two_pieces_of_one_character_both_belong_to_its_word() -> None:
    assert words_of_pieces("a ½", [(0, 1), (2, 3), (2, 3), (2, 3)]) == (("a", "½"), (0, 1, 1, 1))


def test_a_long_text_is_cut_in_a_time_that_grows_with_its_length_not_with_its_square() -> None:
    pieces = [(i, i + 1) for i in range(20_000)]
    begin = time.process_time()
    words, owners = words_of_pieces("狗" * 20_000, pieces)
    assert len(words) == 20_000 and owners == tuple(range(20_000))
    assert time.process_time() - begin < 5  # by its square, minutes


def test_a_piece_that_stands_for_no_character_belongs_to_nobody() -> None:
    assert words_of_pieces("dog", [(0, 0), (0, 3), (3, 3)])[1] == (None, 0, None)
    assert words_of_pieces("", [(0, 0)]) == ((), (None,))


def test_a_word_without_a_piece_stays_a_word() -> None:
    assert words_of_pieces("a dog", [(0, 1)]) == (("a", "dog"), (0,))


def test_a_word_list_is_read_line_by_line(tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("a\n\u2028\n狗\n", encoding="utf-8")  # a line separator is a word here, not a line
    assert lines(path.read_bytes()) == ["a", "\u2028", "狗"]
