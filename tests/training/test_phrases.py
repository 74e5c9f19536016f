"""Phrases made by rule: each feeling as often as the others, no short text among them, negation turns the feeling."""

from collections import Counter

import pytest

from mmdemo.training.data.phrases import grammar, template_lines, weak_feeling, weak_lines
from mmdemo.training.data.sentiment_lines import capped
from mmdemo.training.data.short_texts import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    is_kept_apart,
    listed,
    read,
    squeezed,
)

VALENCES = {"good": 1.9, "love": 3.2, "awful": -2.0, "late": -0.4}


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_phrases_are_many_even_over_the_feelings_and_the_same_every_time(language):
    lines = template_lines(language, 900)
    counts = Counter(line["label"] for line in lines)
    assert set(counts) == {NEGATIVE, NEUTRAL, POSITIVE} and min(counts.values()) > 0.6 * max(counts.values())
    assert len({line["text"] for line in lines}) == len(lines) > 600
    assert lines == template_lines(language, 900) and lines != template_lines(language, 900, seed=1)
    assert not [line["text"] for line in lines if "{" in line["text"]], "a slot was left open"


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_no_short_text_is_among_the_phrases(language):
    apart = {squeezed(text) for texts in map(read, ("measured", "development")) for text, _ in listed(texts, language)}
    assert not apart & {squeezed(line["text"]) for line in template_lines(language, 3600)}


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_a_word_under_negation_gets_the_other_feeling(language):
    label_of = {squeezed(line["text"]): line["label"] for line in template_lines(language, 3600)}
    seen = 0
    for said, other in ((POSITIVE, NEGATIVE), (NEGATIVE, POSITIVE)):
        for frame in grammar()[language]["turns"]:
            for word in grammar()[language]["words"][said]:
                found = label_of.get(squeezed(frame.replace("{w}", word)))
                seen += found is not None
                assert found in (None, other), (frame, word)
    assert seen > 20


def test_no_emoji_has_two_feelings():
    counts = Counter(emoji for some in grammar()["emoji"].values() for emoji in some)
    assert max(counts.values()) == 1


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("This is a table.", NEUTRAL),
        ("I love good books.", POSITIVE),
        ("What awful weather.", NEGATIVE),
        ("I do not love it.", None),
        ("An awful day, but good food.", None),
        ("The bus is late.", None),
    ],
)
def test_a_sentence_gets_a_weak_label_only_where_its_words_are_clear(text, label):
    assert weak_feeling(text, VALENCES) == label


def test_weak_lines_give_both_halves_of_a_pair_the_same_label_and_stop_at_the_count():
    couples = [("I love it so.", "我非常爱它。"), ("Love is good.", "爱是好的。"), ("It is a table!", "这是张桌子。")]
    found = weak_lines(couples, VALENCES, count=1)
    assert [line["label"] for line in found["English"]] == [line["label"] for line in found["Chinese"]] == [POSITIVE]
    assert is_kept_apart("It is a table!"), "the third pair is left out because its English half is a short text"


def test_a_large_corpus_gives_no_more_than_the_cap_of_each_label():
    lines = [{"dataset": "a", "label": POSITIVE, "text": str(i)} for i in range(50)]
    lines += [{"dataset": name, "label": NEGATIVE, "text": str(i)} for name in "ab" for i in range(3)]
    assert Counter((x["dataset"], x["label"]) for x in capped(lines, 10)) == {
        ("a", POSITIVE): 10, ("a", NEGATIVE): 3, ("b", NEGATIVE): 3,
    }  # fmt: skip
