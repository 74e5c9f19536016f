"""The time machine with the shipped weights: five systems in order, missing sides, the gallery."""

import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.timeline import systems
from mmdemo.errors import ImageError, InputError, TextError, WeightsError
from mmdemo.loading import figure, read_card
from mmdemo.types import Sides
from tests.pictures import picture


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def test_the_five_systems_come_oldest_first(engine):
    found = engine.timeline(picture(), "a dog runs on the beach")
    assert [system.name for system in found] == ["pixels_tfidf", "cnn_lstm", "resnet_lstm", "bert_resnet", "matching"]
    years = [system.year for system in found]
    assert years == sorted(years)
    assert all(system.milliseconds > 0 and system.parameters > 0 and system.note == "" for system in found)


def test_answers_are_probabilities_and_figures_those_of_the_cards(engine):
    for system in engine.timeline(picture(), "a dog runs on the beach"):
        assert set(system.figure) == set(system.answers)
        assert "matching" in system.answers
        for task, answer in system.answers.items():
            labels = {"matching": ["mismatch", "match"], "sentiment": ["negative", "neutral", "positive"]}[task]
            assert list(answer) == labels and sum(answer.values()) == pytest.approx(1, abs=1e-4)
        values = [row["value"] for row in read_card(system.name)["metrics"] if row["metric"] == "AUC"]
        assert system.figure["matching"] in values and system.figure["matching"] > 0.5
        if "sentiment" in system.figure:
            assert system.figure["sentiment"] > 59.6  # always answering the commonest class


@pytest.mark.parametrize("missing", ["image", "text"])
def test_every_system_takes_a_missing_side(engine, missing):
    pair = (None, "what a lovely day") if missing == "image" else (picture(), "  ")
    for system in engine.timeline(*pair):
        cosine = CHECKPOINTS[system.name].needs_both
        assert ("matching" in system.answers) == (not cosine)
        assert system.note == ("needs_both" if cosine else "")
        assert system.answers


HALVES = [(picture(), None), (picture(4), None), (None, "two cats on a red sofa"), (None, "一只狗在海滩上跑")]


@pytest.mark.parametrize("half", HALVES)
def test_a_pair_that_is_half_there_matches_about_as_often_as_not(engine, half):
    """Half of the pairs in training were true ones, and one side alone does not tell."""
    for system in engine.timeline(*half):
        if "matching" in system.answers:
            assert 0.3 < system.answers["matching"]["match"] < 0.7, system.name


def test_nothing_given_is_said_clearly(engine):
    for ask in (engine.timeline, engine.recognise):
        with pytest.raises(TextError) as caught:
            ask(None, " ")
        assert caught.value.code == "nothing_given"
    with pytest.raises(ImageError):
        engine.timeline("no picture", "a dog")


def test_the_dual_encoder_says_what_match_and_sentiment_say(engine):
    image, text = picture(3), "a cat on a sofa"
    last = engine.timeline(image, text)[-1]
    match = engine.match(image, text)  # its probability is that of the head times "understood"
    assert last.answers["matching"]["match"] * match.understood[0] == pytest.approx(match.probability[0], abs=1e-5)
    said = engine.sentiment(image, text)
    assert list(last.answers["sentiment"].values()) == pytest.approx(said.probabilities.tolist(), abs=1e-5)


def test_parameters_count_the_encoders_too(engine):
    by_name = {system.name: system.parameters for system in engine.timeline(None, "a dog")}

    def size(name: str) -> int:
        return sum(p.numel() for p in engine.models.load(name).parameters())

    assert by_name["resnet_lstm"] == size("resnet_lstm") + size("resnet") + size("lstm")
    assert by_name["matching"] == sum(map(size, ("matching", "efficientnet", "e5", "sentiment")))
    assert by_name["cnn_lstm"] < size("cnn_lstm")  # the levels that answer, not all four


def test_the_best_level_of_the_table_is_the_best_of_the_card():
    rows = {row["metric"]: row["value"] for row in read_card("cnn_lstm")["metrics"]}
    accuracy = {name: rows[f"{name}_both_accuracy"] for name in ("data", "feature", "model", "multitask")}
    assert accuracy[CHECKPOINTS["cnn_lstm"].config["best"]] == max(accuracy.values())


def test_a_stored_description_is_recognised_first(engine):
    captions, stored = engine.timeline_service.gallery
    assert len(captions) == len(stored) == 400 and all(len(pair) == 2 for pair in captions)
    for i in (0, 123, 399):
        best = engine.recognise(None, " ".join(captions[i]), k=3)
        assert (best[0].english, best[0].chinese) == tuple(captions[i])
        assert best[0].similarity == pytest.approx(1, abs=1e-3)
        assert [b.similarity for b in best] == sorted((b.similarity for b in best), reverse=True)


def test_recognition_of_a_pair_is_between_that_of_its_sides(engine):
    image, text = picture(5), "two dogs play in the snow"
    with torch.no_grad():
        head, (_, stored) = engine.models.load("pixels_tfidf"), engine.timeline_service.gallery
        sides = engine.models.read_anew(Sides(image, text), "pixels_tfidf")
        both, one, other = (head.recognise(*p, stored) for p in (sides, (sides[0], None), (None, sides[1])))
    torch.testing.assert_close(both, (one + other) / 2)
    best = engine.recognise(image, text, k=1)[0]
    assert best.similarity == pytest.approx(both.max().item(), abs=1e-5)


@pytest.mark.parametrize("k", [0, 401, 1.5, True, "three"])
def test_a_k_outside_the_gallery_is_said_with_its_limits(engine, k):
    with pytest.raises(InputError, match="from 1 to 400") as caught:
        engine.recognise(picture(), "a dog", k=k)
    assert caught.value.code == "bad_k"


def test_every_system_has_a_figure_for_each_question_that_stands_once_in_a_card():
    for row in systems():
        assert set(row.figures) == {*row.tasks, *(task for name in row.uses for task in CHECKPOINTS[name].tasks)}
        for entry in row.figures.values():
            assert figure(entry) > 0
    with pytest.raises(WeightsError, match="has 0 figures"):
        figure(systems()[0].figures["matching"]._replace(metric="luck"))
