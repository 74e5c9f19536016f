"""The engine explains any number of any head, says how far a map can be believed, and leaves nothing behind."""

import gc
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.methods import METHODS
from mmdemo.errors import ChoiceError, IncompatibleError, InputError, TextError
from mmdemo.loading import read_card
from mmdemo.training.measure.explain_bench import winner
from mmdemo.types import Explanation, Faithfulness, FusionOutput, TokenSet
from tests.memory import kept_mb
from tests.pictures import picture

SAID = "a dog runs on the beach"


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


# ---- methods, models, targets


@pytest.mark.parametrize("model", ["matching", "cross_attention", "sentiment"])
def test_every_method_that_fits_a_model_gives_a_whole_explanation(engine, model):
    notes = engine.method_notes(model)
    assert len(notes) >= 7
    for note in notes:
        found = engine.explain(picture(), SAID, note.name, model=model)
        assert (found.model, found.method, found.signed) == (model, note.name, note.signed)
        assert found.image_map.shape == (60, 90) and len(found.word_weights) == 6
        assert (found.target == "") != note.targeted
        weights = np.array([w for _, w in found.word_weights])
        assert np.abs(found.patch_map).sum() > 0 or np.abs(weights).sum() > 0
        assert note.signed or (weights >= 0).all()


def test_without_a_word_the_first_page_gets_what_it_always_got(engine):
    default = engine.explain(picture(), SAID)
    assert (default.method, default.model) == (CHECKPOINTS["matching"].default_method, "matching")
    grad = engine.explain(picture(), SAID, "gradcam")
    assert (grad.model, grad.target) == ("matching", "similarity")
    assert set(engine.all_methods) == set(METHODS) - {"grad_eclip"}  # which no row of the table has anything for


@pytest.mark.parametrize("model", ["matching", "cross_attention", "sentiment"])
def test_a_models_default_method_is_the_winner_of_the_table_in_its_card(engine, model):
    assert engine.default_method(model) == winner(read_card(model)["explanations"]["rows"])
    assert engine.explain(picture(), SAID, model=model).method == engine.default_method(model)


def test_a_model_without_a_table_has_a_default_that_fits(engine):
    assert engine.default_method("matching-gated") in [n.name for n in engine.method_notes("matching-gated")]
    with pytest.raises(ChoiceError):
        engine.default_method("nobody")


@pytest.mark.parametrize("target", ["positive", ("positive", "negative"), ("neutral", "positive")])
def test_a_feeling_is_explained_by_the_sentiment_head(engine, target):
    found = engine.explain(picture(), "what a lovely day", target=target)
    assert (found.model, found.target) == ("sentiment", target)


def test_why_this_and_not_that_turns_round_when_the_two_change_places(engine):
    one, other = (
        engine.explain(picture(), "lovely but sad", "integrated_gradients", target=t)
        for t in (("positive", "negative"), ("negative", "positive"))
    )
    assert np.allclose(one.patch_map, -other.patch_map, atol=1e-5)
    assert one.word_weights[0][1] == pytest.approx(-other.word_weights[0][1], abs=1e-5)


def test_why_this_text_and_not_that(engine):
    pair = ("a dog", "a cat")
    found = engine.explain(picture(), "a dog", "gradcam", target=pair)
    assert found.target == pair and found.model == "matching"
    alone = engine.explain(picture(), "a dog", "gradcam")
    assert not np.allclose(found.patch_map, alone.patch_map, atol=1e-3)
    with pytest.raises(TextError) as caught:
        engine.explain(picture(), "a dog", target=("a cow", "a cat"))
    assert caught.value.code == "rival_without_own"
    with pytest.raises(IncompatibleError) as caught:
        engine.explain(picture(), "a dog", "cross_attention", target=pair)
    assert caught.value.code == "method_does_not_fit" and "gradcam" in caught.value.values["choices"]


def test_match_and_similarity_of_the_dual_encoder_have_one_map(engine):
    """The second is the first through a rising function, so the gradients point the same way."""
    a, b = (engine.explain(picture(), SAID, "gradcam", target=t, model="matching") for t in ("similarity", "match"))
    assert np.allclose(a.patch_map, b.patch_map, atol=1e-5)


def test_layers_and_heads_can_be_chosen_where_there_are_any(engine):
    first, last = (engine.explain(picture(), SAID, "self_attention", layer=i, head=0).word_weights for i in (0, 3))
    assert first != last
    heads = [engine.explain(picture(), SAID, head=h) for h in range(4)]  # by a method that has heads
    assert {h.method for h in heads} == {"cross_attention"}
    assert np.allclose(np.mean([h.patch_map for h in heads], 0).sum(), 1, atol=1e-4) and heads[2].head == 2
    with pytest.raises(ChoiceError):
        engine.explain(picture(), SAID, head=4)
    with pytest.raises(ChoiceError):
        engine.explain(picture(), SAID, "self_attention", layer=12)
    with pytest.raises(InputError) as caught:
        engine.explain(picture(), SAID, "gradcam", layer=0)
    assert caught.value.code == "no_such_option"


@pytest.mark.parametrize(
    ("options", "listed"),
    [
        ({"model": "resnet50000"}, "cross_attention"),
        ({"model": "e5"}, "matching"),
        ({"target": "happy"}, "similarity"),
        ({"target": 7}, "similarity"),
        ({"target": ("positive", "happy"), "model": "sentiment"}, "negative"),
        ({"target": ("a",), "model": "matching"}, "similarity"),
        ({"method": "magic"}, "gradcam"),
    ],
)
def test_unknown_names_list_the_choices(engine, options, listed):
    with pytest.raises(ChoiceError) as caught:
        engine.explain(picture(), SAID, **options)
    assert listed in caught.value.values["choices"]


def test_words_of_a_place_are_weights_over_the_words(engine):
    for method in (None, "gradcam", "relevance", "integrated_gradients"):
        found = engine.words_at(picture(), SAID, 2, 3, method)
        assert [w for w, _ in found] == SAID.split()
        assert 0 < sum(abs(w) for _, w in found) <= 1 + 1e-5
    assert engine.words_at(picture(), SAID, 0, 0) != engine.words_at(picture(), SAID, 7, 7)


@pytest.mark.parametrize("place", [(18, 0), (0, 18), (-1, 0), ("a", 0), (0.5, 1)])
def test_a_place_outside_the_map_is_refused(engine, place):
    with pytest.raises(InputError) as caught:
        engine.words_at(picture(), SAID, *place)
    assert caught.value.code == "outside_grid" and caught.value.values["rows"] == 18  # the finer grid


# ---- tests of a map

VERDICTS = ("finds", "blob", "flat", "no", "other")


@pytest.mark.parametrize("model", ["matching", "cross_attention", "sentiment", "matching-gated", "sentiment-gated"])
def test_the_values_of_targets_are_the_numbers_that_are_explained(engine, model):
    values = engine.target_values(picture(), SAID, model)
    assert tuple(values) == engine.targets(model)
    for target, value in values.items():
        case = engine.case(model, picture(), SAID, target)
        assert value == pytest.approx(float(case.subject.shown(case.subject.score(case.image, case.text))), abs=1e-5)


def test_what_the_model_does_not_answer_is_denied(engine):
    def denied(model, target):
        explanation = engine.explain(picture(), SAID, "gradcam", target=target, model=model)
        return engine.faithfulness(picture(), SAID, explanation, steps=2).denied

    feelings = engine.target_values(picture(), SAID, "sentiment")
    best, *_, worst = sorted(feelings, key=feelings.get, reverse=True)
    assert [denied("sentiment", t) for t in (best, worst, (best, worst), (worst, best))] == ["", "other", "", "other"]
    match = engine.target_values(picture(), SAID, "matching")["match"]
    assert denied("matching", "match") == denied("matching", "similarity") == ("no" if match < 0.5 else "")
    fused = engine.target_values(picture(), SAID, "matching-gated")["match"]
    assert denied("matching-gated", "mismatch") == ("no" if fused < 0.5 else "other")


def test_faithfulness_compares_with_chance_and_the_middle(engine):
    found = engine.faithfulness(picture(), SAID, engine.explain(picture(), SAID, model="cross_attention"), steps=4)
    assert isinstance(found, Faithfulness) and found.verdict in VERDICTS
    assert found.deletion.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert (
        found.deletion.map[0] == found.insertion.map[-1] == pytest.approx(engine.match_pair(picture(), SAID), abs=1e-4)
    )
    assert found.deletion.map[0] == found.deletion.random[0] == found.deletion.centre[0]
    assert found.word_deletion.map[0] == pytest.approx(found.deletion.map[0], abs=1e-4)
    assert found.word_verdict in VERDICTS and found.target == "match"


def test_a_test_grows_from_coarse_to_fine_and_ends_as_the_whole(engine):
    explanation = engine.explain(picture(), SAID)
    parts = list(engine.growing_faithfulness(picture(), SAID, explanation, steps=6))
    points = [len(found.deletion.share) for _, found in parts]
    done = [share for share, _ in parts]
    assert points[:3] == [3, 5, 7] and points == sorted(points) and done == sorted(done) and done[-1] == 1
    assert parts[0][1].word_deletion is None and parts[-1][1].word_deletion is not None
    whole = engine.faithfulness(picture(), SAID, explanation, steps=6)
    for kind in ("map", "random", "centre"):
        assert getattr(whole.insertion, kind) == pytest.approx(getattr(parts[-1][1].insertion, kind), abs=1e-5)
    assert len(engine.faithfulness(picture(), SAID, explanation).deletion.share) >= 10


def test_other_questions_go_between_two_parts_of_a_test(engine):
    """While the test pauses its lock is free; a question asked while a part is computed goes before the next part."""
    explanation, order = engine.explain(picture(), SAID), []
    parts = engine.growing_faithfulness(picture(), SAID, explanation, steps=6)
    next(parts)
    assert not engine.models.lock.held

    def ask() -> None:
        engine.match(picture(1), ["two cats"])
        order.append("match")

    other = threading.Thread(target=ask)
    with engine.models.lock:  # stands for a part that is being computed
        other.start()
        while not engine.models.lock.waiting:
            pass
    order.extend("part" for _ in parts)
    other.join()
    assert order[0] == "match"
    assert engine.status().last_call[0] == "faithfulness"


def test_faithfulness_of_one_word_and_of_a_run_of_words_speaks_of_the_picture_only(engine):
    for text, word, run in ((SAID, "dog", 1), ("海滩上的小狗", "的小狗", 2)):
        explanation = engine.explain(picture(), text, "gradcam", word)
        assert explanation.run == run
        found = engine.faithfulness(picture(), text, explanation, steps=2)
        assert found.word_deletion is None and np.isfinite(found.deletion.map).all()


def test_an_explanation_of_another_pair_is_refused(engine):
    explanation = engine.explain(picture(), SAID)
    with pytest.raises(InputError) as caught:
        engine.faithfulness(picture(), "two cats", explanation)
    assert caught.value.code == "other_explanation"
    for steps in (1, 101, 2.5, True):
        with pytest.raises(InputError) as caught:
            engine.faithfulness(picture(), SAID, explanation, steps)
        assert caught.value.code == "bad_steps"


def test_the_twin_with_random_weights_draws_another_map_and_is_the_same_twin_each_time(engine):
    explanation = engine.explain(picture(), SAID, "gradcam")
    one, two = engine.sanity(picture(), SAID, explanation), engine.sanity(picture(), SAID, explanation)
    assert one.correlation == two.correlation and -1 <= one.correlation <= 1
    assert not np.allclose(one.random.patch_map, explanation.patch_map, atol=1e-3)
    assert one.alike == (one.correlation >= 0.5)
    untrained, trained = engine.models.load("matching", untrained=True), engine.models.load("matching")
    one, other = (head.fusion.readings[0].image.straight.weight for head in (untrained, trained))
    assert not torch.equal(one, other)


def test_agreement_gives_a_matrix_and_the_mean_map(engine):
    found = engine.agreement(picture(), SAID, ("gradcam", "relevance", "layercam"), model="sentiment")
    assert found.patches.shape == found.words.shape == (3, 3)
    assert found.patches[0, 1] == pytest.approx(1, abs=1e-6)  # one map where a mean is read (`relevance.py`)
    assert isinstance(found.mean, Explanation) and found.mean.method == "mean"
    assert found.mean.patch_map.sum() == pytest.approx(1, abs=1e-4)
    everything = engine.agreement(picture(), SAID, model="cross_attention")
    assert "occlusion" not in everything.methods and len(everything.methods) >= 7
    with pytest.raises(IncompatibleError):
        engine.agreement(picture(), SAID, ("gradcam", "token_similarity"), model="cross_attention")


def test_what_is_explained_already_is_not_explained_again_for_agreement(engine, monkeypatch):
    names = ("gradcam", "relevance", "layercam")
    whole = engine.agreement(picture(), SAID, names, model="sentiment")
    assert [e.method for e in whole.explanations] == list(names)
    monkeypatch.setattr("mmdemo.engine.methods.explained", None)
    again = engine.agreement(picture(), SAID, whole.explanations, model="sentiment")
    assert again.methods == names and np.array_equal(again.patches, whole.patches)


# ---- nothing stays behind


def test_two_hundred_explanations_leave_no_gradient_no_hook_and_no_growth(engine):
    names = [n for n in METHODS if n not in ("occlusion", "grad_eclip")]
    for i in range(40):  # after which the allocator has what it needs
        engine.explain(picture(), SAID, names[i % len(names)])
    tensors, memory = alive(), kept_mb()
    for i in range(200):
        engine.explain(picture(), SAID, names[i % len(names)])
    assert alive() <= tensors + 8
    assert kept_mb() <= 1.02 * memory
    assert_nothing_left(engine)


@pytest.mark.parametrize("name", ["cross_attention", "gradcam", "layercam", "integrated_gradients", "occlusion"])
def test_an_explanation_that_breaks_off_leaves_nothing_behind(engine, name):
    """The model's answer fails after the towers were read: the first one, and one in the middle of the method."""

    class Broken(RuntimeError):
        pass

    case = engine.case("cross_attention", picture(), SAID)
    for after in (0, 1) if name == "occlusion" else (0,):
        left = [after]

        def breaks(image: TokenSet, text: TokenSet, left: list[int] = left) -> FusionOutput:
            left[0] -= 1
            if left[0] < 0:
                raise Broken
            return case.subject.fuse(image, text)

        with pytest.raises(Broken):
            METHODS[name]().explain(replace(case.subject, fuse=breaks), case.image, case.text)
        assert_nothing_left(engine)
        assert case.image.tokens.grad is None and not case.image.tokens.requires_grad


def assert_nothing_left(engine) -> None:
    """No hook on any module, no gradient on any parameter, gradients switched on again, the lock free."""
    modules = [m for module in engine.models.modules.values() for m in module.modules()]
    assert len(modules) > 100
    for module in modules:
        hooks = [h for name, h in vars(module).items() if name.endswith("_hooks")]
        assert len(hooks) >= 4 and not any(hooks)
        assert all(p.grad is None and not p.requires_grad for p in module.parameters(recurse=False))
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    assert not engine.models.lock.held


def alive() -> int:
    gc.collect()
    return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())


def test_threads_get_their_own_maps_and_their_own_tests(engine):
    asked = [(i % 3, list(METHODS)[i % 5], SAID if i % 2 else "two cats") for i in range(12)]
    model = "cross_attention"

    def answer(k: int) -> tuple[np.ndarray, np.ndarray]:
        i, name, text = asked[k]
        found = engine.explain(picture(i), text, name, model=model)
        tested = engine.faithfulness(picture(i), text, found, 2) if k % 4 == 0 else None
        return found.patch_map, tested.deletion.map if tested else np.zeros(1)

    alone = [answer(k) for k in range(len(asked))]
    assert not np.allclose(alone[0][0], alone[1][0], atol=1e-3)
    found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    threads = [threading.Thread(target=lambda k=k: found.update({k: answer(k)})) for k in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, (patch_map, curve) in enumerate(alone):
        assert np.allclose(found[k][0], patch_map, atol=1e-6)
        assert np.allclose(found[k][1], curve, atol=1e-5)
