"""What a row is said to be capable of is true: what fits runs, what does not says so, and nothing was run for it."""

import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.cases import explained_models
from mmdemo.engine.methods import METHODS, explained
from mmdemo.errors import ChoiceError, IncompatibleError
from mmdemo.types import Capabilities
from tests.pictures import picture

SAID = "a dog"
SLOW = ("occlusion", "shifted_relevance", "integrated_gradients")
ONE_OF_EACH_KIND = ("matching", "cross_attention", "sentiment", "bert_resnet", "matching-early")


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.mark.parametrize("model", explained_models())
def test_every_method_that_is_said_to_fit_runs_and_every_other_one_is_refused(engine, model):
    able, case = engine.capabilities(model), engine.case(model, picture(), SAID)
    assert able.default_method in able.methods and able.rival_methods
    assert case.target in able.targets
    for name, how in METHODS.items():
        if name not in able.methods:
            with pytest.raises(IncompatibleError):
                how().explain(case.subject, case.image, case.text)
        elif name not in SLOW or model == "bert_resnet":  # whose picture tower is small
            assert explained(case, name).image_map.shape == (60, 90)


@pytest.mark.parametrize("model", ONE_OF_EACH_KIND)
def test_rather_than_is_for_the_methods_that_are_said_to_know_a_target(engine, model):
    able = engine.capabilities(model)
    rival = (SAID, "a cat") if "text" in able.rivals else able.targets[:2]
    assert [note.name for note in engine.method_notes(model, rival)] == list(able.rival_methods)
    assert engine.explain(picture(), SAID, able.rival_methods[-2], target=rival, model=model).target == rival
    for name in set(able.methods) - set(able.rival_methods):
        with pytest.raises(IncompatibleError):
            engine.explain(picture(), SAID, name, target=rival, model=model)


@pytest.mark.parametrize("model", ["matching", "cross_attention", "matching-early"])
def test_there_are_as_many_layers_and_heads_as_is_said(engine, model):
    for name, counts in engine.capabilities(model).options.items():
        assert set(counts) == set(METHODS[name].options)
        for option, count in counts.items():
            assert engine.explain(picture(), SAID, name, model=model, **{option: count - 1})
            with pytest.raises(ChoiceError) as caught:
                engine.explain(picture(), SAID, name, model=model, **{option: count})
            assert len(caught.value.values["choices"]) == count


def test_targets_and_rivals_are_those_of_the_question(engine):
    matching, feeling = engine.capabilities("matching"), engine.capabilities("sentiment")
    assert (matching.targets, matching.rivals, matching.needs_both) == (("similarity", "match"), ("text",), True)
    assert (feeling.targets, feeling.rivals) == (("negative", "neutral", "positive"), ("label",))
    assert engine.capabilities("matching-gated").rivals == ("label", "text")
    system = engine.capabilities("cnn_lstm")
    assert system == Capabilities("cnn_lstm", ("matching", "sentiment"), False, (), (), (), (), "", {})
    with pytest.raises(ChoiceError):
        engine.capabilities("nobody")
    with pytest.raises(ChoiceError):
        engine.method_notes("sentiment", "match")


def test_what_fits_is_known_without_running_a_model(engine, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a model was run")

    monkeypatch.setattr(torch.nn.Module, "__call__", refuse)
    assert "grad_eclip" not in engine.all_methods and len(engine.all_methods) == len(METHODS) - 1
    for model in explained_models():
        assert {note.name for note in engine.method_notes(model)} == set(engine.capabilities(model).methods)
        assert engine.default_method(model) == CHECKPOINTS[model].default_method


def test_the_page_is_offered_what_fits_before_any_weight_is_read():
    fresh = mmdemo.load(device="cpu", offline=True)
    assert len(fresh.all_methods) == len(METHODS) - 1 and fresh.models.modules == {}
