"""Captions through the engine, over the shipped decoder."""

import math

import numpy as np
import pytest

import mmdemo
from mmdemo.errors import ChoiceError, InputError, TextError
from tests.pictures import picture


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_captions_come_with_their_probability_their_cosine_and_a_map_for_each_word(engine, language):
    found = engine.caption(picture(0), language, count=3)
    assert 1 <= len(found.texts) <= 3 and len(set(found.texts)) == len(found.texts)
    assert all(0 < p <= 1 for p in found.probabilities)
    vectors = engine.encode_texts(found.texts) @ engine.encode_images([picture(0)])[0]
    assert found.cosines == pytest.approx(vectors.tolist(), abs=1e-3)
    scores = [
        math.log(p) / len(w) ** 0.7 + 6 * c
        for p, w, c in zip(found.probabilities, found.words, found.cosines, strict=True)
    ]
    assert scores == sorted(scores, reverse=True)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in text) == (language == "zh") for text in found.texts)
    for text, words in zip(found.texts, found.words, strict=True):
        assert ("" if language == "zh" else " ").join(w.text for w in words if w.text) == text
        assert words[-1].text == "" and all(w.attention.shape == words[0].attention.shape for w in words)


def test_one_comes_word_by_word_and_others_may_ask_between(engine):
    words = engine.spoken(picture(1), "en")
    first = next(words)
    assert first.text and not first.given and np.isclose(first.attention.sum(), 1, atol=1e-2)
    assert engine.match(picture(1), "a circle").texts == ("a circle",)  # the device is free meanwhile
    rest = list(words)
    assert rest[-1].text == "" and len(first.others) == 5


def test_a_start_stands_in_front_as_it_was_given(engine):
    found = engine.caption(picture(0), "en", start="A big red")
    assert found.texts[0].startswith("A big red ") and [w.given for w in found.words[0][:4]] == [True] * 3 + [False]


def test_what_cannot_be_asked_is_said(engine):
    for given, error in (
        ({"language": "fr"}, ChoiceError), ({"count": 0}, InputError), ({"count": 6}, InputError),
        ({"temperature": 3.0}, InputError), ({"start": "a" * 5000}, TextError),
    ):  # fmt: skip
        with pytest.raises(error):
            engine.caption(picture(0), **given)
