"""The examples on the shipped weights: they are got right, and each lesson is the failure that it is said to be."""

import re

import pytest

import mmdemo
from mmdemo import inputs
from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM
from mmdemo.ui import gallery
from mmdemo.ui.text import LANGUAGES, Say

KEYS = [*gallery.TABLE, *gallery.LESSONS]
FEELINGS = {
    "sunset": "positive", "tower": "positive", "pizza": "positive", "rain": "negative", "boat": "negative",
    "groot": "negative", "stop": "neutral",
}  # fmt: skip


@pytest.fixture(scope="module")
def shown():
    """{language: {key: example}}."""
    return {language: {e.key: e for e in gallery.examples(Say(language))} for language in LANGUAGES}


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.fixture(scope="module")
def matched(engine, shown):
    """{key: (its match with its own sentences and all true ones, {sentence: probability})}; a photo is read once."""
    true = [example.true for one in shown.values() for example in one.values()]
    found = {}
    for key in KEYS:
        own = [text for one in shown.values() for text in (one[key].true, one[key].near, one[key].false)]
        texts = list(dict.fromkeys(own + true))
        result = engine.match(inputs.read_image(shown["en"][key].path), texts)
        found[key] = result, dict(zip(texts, result.probability.tolist(), strict=True))
    return found


def test_there_are_ten_examples_and_a_lesson_of_each_kind():
    assert len(gallery.TABLE) >= 10 and list(gallery.LESSONS) == ["counting", "negation", "roles"]
    assert not set(gallery.TABLE) & set(gallery.LESSONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_are_in_the_language_and_no_photo_is_shown_twice(shown, language):
    examples = list(shown[language].values())
    assert [e.lesson for e in examples if e.lesson] == list(gallery.LESSONS)
    assert len({e.photo for e in examples}) == len(examples)
    assert gallery.photos() == tuple(e.path for e in examples)
    for example in examples:
        for text in (example.name, example.true, example.near, example.false):
            assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language == "zh"), text


@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_is_found_in_the_other_language_from_either_page(shown, key):
    for name in ("true", "near", "false"):
        english, chinese = (getattr(shown[language][key], name) for language in ("en", "zh"))
        for typed in (english, chinese, f" {english}\n"):
            assert gallery.in_other_language(typed, Say("en")) == chinese
            assert gallery.in_other_language(typed, Say("zh")) == english
    assert gallery.in_other_language(f"{shown['en'][key].true} today", Say("en")) is None


@pytest.mark.parametrize("key", KEYS)
def test_photo_and_sentences_are_of_a_kind_that_is_understood(engine, shown, matched, key):
    assert matched[key][0].familiar >= FAMILIAR_FROM
    texts = [text for one in shown.values() for text in (one[key].true, one[key].near, one[key].false)]
    assert engine.understood(texts).min() >= UNDERSTOOD_FROM


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", gallery.TABLE)
def test_the_true_sentence_fits_and_neither_of_the_others_does(shown, matched, key, language):
    example, (_, probability) = shown[language][key], matched[key]
    true, near, false = (probability[text] for text in (example.true, example.near, example.false))
    assert true >= 0.5 > max(near, false)
    assert max(shown[language].values(), key=lambda other: probability[other.true]) is example


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", FEELINGS)
def test_a_sentence_with_a_feeling_is_felt(engine, shown, key, language):
    example = shown[language][key]
    result = engine.sentiment(inputs.read_image(example.path), example.true)
    assert result.label == FEELINGS[key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_example_is_clear_and_its_sides_agree(engine, shown, language):
    first = next(iter(shown[language].values()))
    result = engine.sentiment(inputs.read_image(first.path), first.true)
    assert not first.lesson and result.note == "" and result.probabilities.max() > 0.75


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_of_the_first_example_finds_what_matters(engine, shown, language):
    first = next(iter(shown[language].values()))
    image = inputs.read_image(first.path)
    test = engine.faithfulness(image, first.true, engine.explain(image, first.true))
    assert test.verdict == "finds"


@pytest.mark.parametrize("language", LANGUAGES)
def test_photo_and_words_disagree_about_the_boat(engine, shown, language):
    example = shown[language]["boat"]
    result = engine.sentiment(inputs.read_image(example.path), example.true)
    image, text = (result.labels[side.argmax()] for side in (result.image_only, result.text_only))
    assert (image, text, result.note) == ("positive", "negative", "disagree")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["counting", "negation"])
def test_the_lesson_is_a_failure_the_wrong_sentence_wins(shown, matched, key, language):
    example, (_, probability) = shown[language][key], matched[key]
    assert probability[example.near] > probability[example.true]
    assert probability[example.near] >= 0.5 > probability[example.false]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lesson_is_a_failure_roles_changed_over_make_no_difference(shown, matched, language):
    example, (_, probability) = shown[language]["roles"], matched["roles"]
    assert abs(probability[example.near] - probability[example.true]) < 0.05
    assert probability[example.near] >= 0.5 > probability[example.false]
