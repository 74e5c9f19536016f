"""The bench through the front door, with the shipped weights: every fusion, either side missing, honest books."""

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.errors import ChoiceError, InputError, TextError
from mmdemo.tasks.fused import FUSIONS
from mmdemo.types import LABELS
from tests.regression.test_regression import drawn_picture

TEXT = "a dog runs on the beach"
TASKS = list(LABELS)


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return drawn_picture()


def test_the_table_holds_every_fusion_for_both_tasks():
    assert [name for name, row in CHECKPOINTS.items() if row.folder == "fusions"] == [
        f"{task}-{fusion}" for task in TASKS for fusion in FUSIONS
    ]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("missing", [None, "image", "text"])
def test_every_fusion_answers_in_order_with_a_side_missing_or_not(engine, picture, task, missing):
    image, text = (None if missing == "image" else picture), (None if missing == "text" else TEXT)
    found = engine.compare(image, text, task)
    assert [r.name for r in found] == list(engine.fusions) == list(FUSIONS)
    for result in found:
        assert result.labels == LABELS[task]
        assert result.probabilities.sum() == pytest.approx(1, abs=1e-4)
        assert result.missing == missing
        assert result.parameters > 10_000 and result.milliseconds > 0


@pytest.mark.parametrize("missing", ["image", "text"])
def test_imputations_differ_from_each_other_and_from_the_learned_vector(engine, picture, missing):
    image, text = (None, TEXT) if missing == "image" else (picture, None)
    answers = [
        np.stack([r.probabilities for r in engine.compare(image, text, "sentiment", how)])
        for how in (None, *engine.imputations)
    ]
    for i, one in enumerate(answers):
        for other in answers[:i]:
            assert np.abs(one - other).max() > 1e-4


def test_an_imputation_changes_nothing_where_nothing_is_missing(engine, picture):
    plain, imputed = (engine.compare(picture, TEXT, "matching", how) for how in (None, "mean"))
    assert all(np.array_equal(a.probabilities, b.probabilities) for a, b in zip(plain, imputed, strict=True))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("fusion", list(FUSIONS))
def test_the_books_balance_and_agree_with_compare(engine, picture, fusion, task):
    book = engine.shapley_values(picture, TEXT, fusion, task)
    assert book.image_share + book.text_share == pytest.approx(book.both - book.none, abs=1e-5)
    assert book.interaction == pytest.approx(book.both - book.image - book.text + book.none, abs=1e-5)
    result = next(r for r in engine.compare(picture, TEXT, task) if r.name == fusion)
    assert book.label == result.label
    assert book.both == pytest.approx(result.probabilities.max(), abs=1e-4)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("fusion", list(FUSIONS))
def test_a_trace_ends_in_the_answer_that_compare_gives(engine, picture, fusion, task):
    trace = engine.trace(picture, TEXT, fusion, task)
    names = [step.name for step in trace.steps]
    assert names[0].startswith("image.") and names[-3:] == ["joint", "logits", "probabilities"]
    assert all(np.isfinite([s.norm, s.mean]).all() for s in trace.steps)
    assert trace.steps[-1].shape == (len(LABELS[task]),)
    result = next(r for r in engine.compare(picture, TEXT, task) if r.name == fusion)
    assert trace.result.probabilities == pytest.approx(result.probabilities, abs=1e-5)
    assert (trace.alpha is None) == (fusion != "weighted_sum")


def test_alpha_at_its_ends_hears_one_side_only(engine, picture):
    texts = (TEXT, "two cats on a red sofa")

    def answer(text, alpha):
        return engine.trace(picture, text, "weighted_sum", "sentiment", alpha=alpha).result.probabilities

    assert answer(texts[0], 0.0) == pytest.approx(answer(texts[1], 0.0), abs=1e-6)
    assert np.abs(answer(texts[0], 1.0) - answer(texts[1], 1.0)).max() > 1e-3
    learned = engine.trace(picture, TEXT, "weighted_sum", "sentiment").alpha
    assert answer(TEXT, learned) == pytest.approx(answer(TEXT, None), abs=1e-5)


@pytest.mark.parametrize("alpha", [-0.1, 1.01, float("nan"), "half", True])
def test_an_alpha_that_is_no_share_is_refused(engine, picture, alpha):
    with pytest.raises(InputError, match="from 0 to 1"):
        engine.trace(picture, TEXT, "weighted_sum", alpha=alpha)


def test_an_alpha_for_another_fusion_is_refused(engine, picture):
    with pytest.raises(InputError, match="Only the fusion 'weighted_sum' has an alpha"):
        engine.trace(picture, TEXT, "gated", alpha=0.5)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda e, p: e.compare(p, TEXT, "colour"), "'matching', 'sentiment'"),
        (lambda e, p: e.compare(p, None, "matching", "guess"), "'zeros', 'mean', 'nearest', 'predicted'"),
        (lambda e, p: e.shapley_values(p, TEXT, "sum"), "'weighted_sum'"),
        (lambda e, p: e.shapley_values(p, TEXT, "gated", "sentiment", "match"), "'neutral'"),
        (lambda e, p: e.trace(p, TEXT, "../../etc"), "'cross_attention'"),
        (lambda e, p: e.alpha_curve("colour"), "'matching', 'sentiment'"),
    ],
)
def test_unknown_names_are_answered_with_the_choices(engine, picture, call, named):
    with pytest.raises(ChoiceError, match=named):
        call(engine, picture)


def test_nothing_at_all_is_refused(engine):
    for text in (None, "", "  "):
        with pytest.raises(TextError, match="neither"):
            engine.compare(None, text)


def test_a_ledger_needs_both_sides(engine, picture):
    with pytest.raises(TextError, match="missing"):
        engine.shapley_values(picture, " ")
    with pytest.raises(TextError, match="missing"):
        engine.shapley_values(None, TEXT)


@pytest.mark.parametrize("task", TASKS)
def test_the_alpha_curve_is_a_measured_one(engine, task):
    curve = engine.alpha_curve(task)
    assert (curve.alphas[0], curve.alphas[-1]) == (0, 1)
    assert (np.diff(curve.alphas) > 0).all()
    assert 0 < curve.learned < 1 and curve.path[0] == pytest.approx(0.5, abs=0.02)
    assert "seed 0" in curve.source and len(set(curve.accuracy.tolist())) > 3


@pytest.mark.parametrize("task", TASKS)
def test_every_row_of_the_table_beats_always_answering_the_commonest_class(engine, task):
    rows = [r for r in engine.fusion_table() if r["task"] == task]
    assert {r["fusion"] for r in rows} >= set(FUSIONS)
    for row in rows:
        if row["fusion"] in FUSIONS:
            assert row["accuracy"][0] > row["commonest"], row
