"""Questions through the engine, over the shipped head."""

import numpy as np
import pytest
import torch
from gradio.media import get_image
from PIL import Image

import mmdemo
from mmdemo.engine.answer import ranked
from mmdemo.errors import ChoiceError, ImageError, InputError, TextError, WeightsError
from tests.pictures import picture

ASKED = "What colour is the ball?"


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.fixture(scope="module")
def lion():
    with Image.open(get_image("lion.jpg")) as image:
        return image.convert("RGB")


def test_answers_fall_and_so_do_those_without_the_photo(engine):
    found, other = (engine.answer(picture(seed), ASKED) for seed in (0, 1))
    for answers in (found.answers, found.without_image):
        chances = [p for _, p in answers]
        assert len(answers) == 8 and sum(chances) <= 1 and chances == sorted(chances, reverse=True)
        assert {name for name, _ in answers} <= set(engine.models.load("answering").answers)
    assert (found.kind, found.language, found.ranked_by) == ("colour", "en", "list") and 0 < found.familiar <= 1
    assert other.without_image == found.without_image and other.answers != found.answers
    asked = engine.ask("answering", picture(0), ASKED)["answering"]
    assert asked[found.best] == pytest.approx(found.answers[0][1], abs=1e-4)


def test_a_chinese_question_has_chinese_answers(engine):
    found = engine.answer(picture(0), "这是什么？")
    assert found.language == "zh" and found.kind == "what"
    assert {name for name, _ in found.answers} <= set(engine.models.load("answering").answers_zh)


def test_answers_that_are_one_word_count_together():
    found = ranked(["狗", "画", "画"], torch.tensor([0.4, 0.35, 0.25]))
    assert dict(found) == {"画": pytest.approx(0.6), "狗": pytest.approx(0.4)} and found[0][0] == "画"


def test_the_map_is_of_the_best_answer_and_its_words_are_the_questions(engine):
    found = engine.answer(picture(0), "Is there a dog?")
    assert found.explanation.model == "answering" and found.explanation.image_map.shape == (60, 90)
    words = [word for word, _ in found.explanation.word_weights]
    assert words == list(engine.words("Is there a dog?")) and found.explanation.patch_map.sum() > 0
    again = engine.explain(picture(0), "Is there a dog?", model="answering", target=found.best)
    assert np.allclose(again.patch_map, found.explanation.patch_map)
    assert engine.targets("answering") == engine.models.load("answering").answers


def test_offers_in_the_list_are_ranked_by_the_head(engine):
    found = engine.answer(picture(0), "Is the ball red or blue?")
    assert (found.ranked_by, found.kind) == ("named", "which")
    assert {name for name, _ in found.answers} == {name for name, _ in found.without_image} == {"red", "blue"}
    assert sum(p for _, p in found.answers) == pytest.approx(1)
    assert engine.answer(picture(0), "球是红色还是蓝色？").best in ("红色", "蓝色")


def test_others_are_ranked_by_how_well_their_statements_fit(engine):
    found = engine.answer(picture(0), "Is the ball red or turquoise?")
    match = engine.match(picture(0), ["the ball is red", "the ball is turquoise"])
    assert found.ranked_by == "statements" and found.without_image == ()
    assert [p for _, p in found.answers] == pytest.approx(sorted(match.share, reverse=True), abs=1e-5)
    assert found.explanation.model == "matching"
    assert found.known == (match.verdict(int(match.share.argmax())) == "match")


def test_it_says_when_it_cannot_tell(engine, lion, monkeypatch):
    monkeypatch.setitem(vars(engine.answer_service), "bounds", {"yes_no": 0.0, "which": 0.0, "what": 1.0})
    assert engine.answer(lion, "Is there a dog?").known and engine.answer(lion, "Is it red or blue?").known
    assert not engine.answer(lion, "What is it?").known
    assert not engine.answer(lion, "How many are there?").known  # none were measured
    assert not engine.answer(lion, "zxqv wkjq pfft?").known  # nobody reads that
    assert not engine.answer(Image.effect_noise((90, 60), 99), "Is there a dog?").known


def test_the_bounds_are_the_cards(monkeypatch):
    service = mmdemo.load(device="cpu", offline=True).answer_service
    assert set(service.bounds) >= {"yes_no", "which", "what"} and all(0 < p <= 1 for p in service.bounds.values())
    monkeypatch.delitem(vars(service), "bounds")
    monkeypatch.setattr("mmdemo.loading.from_card", lambda *_: [])
    with pytest.raises(WeightsError, match="_bound"):
        _ = service.bounds


@pytest.mark.parametrize("question", ["a dog runs on the grass", "¿Dónde está el perro?", "<b>red</b>?", "狗", "?"])
def test_a_statement_and_anything_else_is_answered(engine, question):
    found = engine.answer(picture(0), question)
    assert found.question == question and found.answers


@pytest.mark.parametrize(
    ("question", "error", "code"),
    [
        ("", TextError, "question_missing"),
        (" \u200b\n", TextError, "question_missing"),
        (None, TextError, "question_missing"),
        ("x" * 2001, TextError, "text_too_long"),
        ("Which: " + ", ".join(map(chr, range(97, 119))), InputError, "question_offers"),
    ],
)
def test_what_is_no_question_is_said(engine, question, error, code):
    with pytest.raises(error) as caught:
        engine.answer(picture(0), question)
    assert caught.value.code == code


def test_a_long_question_is_cut_and_says_so(engine):
    assert engine.answer(picture(0), ("Is there a dog " * 130)[:1990]).cut_tokens > 0


def test_without_a_photo_or_with_another_model_it_says_so(engine):
    with pytest.raises(ImageError):
        engine.answer(None, "Is there a dog?")
    with pytest.raises(ChoiceError):
        engine.answer(picture(0), "Is there a dog?", "matching")
