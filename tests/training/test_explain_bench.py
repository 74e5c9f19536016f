"""The table of explanation methods: intervals, doubles, differences to the baselines, and one pair measured whole."""

import json

import numpy as np
import pytest
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.training.measure.explain_bench import (
    BASELINES,
    FIGURES,
    MODELS,
    _without_doubles,
    format_rows,
    interval,
    measure_pair,
    summarise,
    winner,
    write_cards,
)
from mmdemo.training.measure.explain_places import GROUND, HALF, INSET, beside, hits, inset, placed, share_inside
from tests.pictures import picture


@pytest.fixture(scope="module")
def engine():
    return Engine(device="cpu", offline=True)


def test_a_bootstrap_interval_holds_the_mean_and_shrinks_with_the_count():
    rng = np.random.default_rng(1)
    values = rng.normal(2.0, 1.0, 400)
    mean, low, high = interval(values.tolist())
    assert low < mean < high and mean == pytest.approx(values.mean())
    error = values.std() / 20
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)  # what the normal distribution says
    assert interval([3.0, 3.0]) == [3.0, 3.0, 3.0]


def test_equal_maps_are_read_once():
    places, keys = _without_doubles({("a", "x"): b"1", ("a", "y"): b"2", ("b", "x"): b"1"})
    assert keys == [("a", "x"), ("a", "y")] and places == {("a", "x"): 0, ("a", "y"): 1, ("b", "x"): 0}


def test_a_pair_gives_every_method_its_areas_and_equal_maps_equal_ones(engine):
    found = measure_pair(engine, picture(), "a dog runs on the beach", steps=3, seed=0)
    assert {model for model, _ in found} == set(MODELS)
    for model in MODELS:
        for name in BASELINES:
            assert set(found[model, name]) == set(FIGURES)
        assert found[model, "gradcam"]["milliseconds"] > 0 and set(FIGURES) <= set(found[model, "gradcam"])
    relevance, gradcam = found["sentiment", "relevance"], found["sentiment", "gradcam"]
    assert relevance["deletion"] == pytest.approx(gradcam["deletion"], abs=1e-3)  # one map, see `relevance.py`
    assert "deletion" not in found["matching", "rollout"]  # says nothing of the picture
    assert not any(name == "occlusion" for _, name in found)


def test_areas_are_those_of_the_engines_own_test(engine):
    image, text = picture(), "a dog runs on the beach"
    found = measure_pair(engine, image, text, steps=4, seed=0)["cross_attention", "cross_attention"]
    own = engine.faithfulness(image, text, engine.explain(image, text, "cross_attention"), steps=4)
    assert found["deletion"] == pytest.approx(own.deletion.areas["map"], abs=1e-3)
    assert found["word_insertion"] == pytest.approx(own.word_insertion.areas["map"], abs=1e-3)


def test_the_share_on_the_own_photo_turns_round_with_the_photos(engine):
    rng = np.random.default_rng(0)
    one = placed(engine, picture(0), picture(1), "a dog", True, rng, ("occlusion",))
    other = placed(engine, picture(1), picture(0), "a dog", False, rng, ("occlusion",))  # the very same two halves
    named = "own_half_energy"
    assert {k for k in one if named in one[k]} == {k for k in other if named in other[k]}
    assert all(one[key][named] == pytest.approx(100 - other[key][named]) for key in one if named in one[key])
    assert ("sentiment", "gradcam") not in one and ("matching", "rollout") not in one
    assert not any(name == "occlusion" for _, name in one)


def test_pictures_of_two_photos_show_each_where_its_box_says():
    own, other = Image.new("RGB", (50, 50), "red"), Image.new("RGB", (50, 50), "blue")
    boxes = [beside(own, other, True), beside(own, other, False)]
    assert [box for _, box in boxes] == [(HALF[0], 0, 2 * HALF[0], HALF[1]), (0, 0, HALF[0], HALF[1])]
    boxes += [inset(own, other, np.random.default_rng(seed)) for seed in range(5)]
    for shown, (left, top, right, bottom) in boxes:
        red = np.array(shown)[..., 0] > 128
        assert red[top:bottom, left:right].all() and red.sum() == (right - left) * (bottom - top)
    assert shown.size == GROUND and (right - left, bottom - top) == INSET
    assert len({box for _, box in boxes[2:]}) == 5


def test_the_pointing_game_by_hand():
    drawn = np.zeros((4, 6))
    drawn[1, 2], drawn[3, 5], drawn[0, 0] = 3.0, 1.0, -9.0
    assert hits(drawn, (2, 1, 3, 2)) and not hits(drawn, (3, 1, 6, 4))
    assert share_inside(drawn, (2, 1, 3, 2)) == 0.75 and share_inside(-drawn.clip(0), (0, 0, 2, 2)) is None


def method(name: str, insertion: float, deletion: float, own_half: float | None = None, pairs: int = 9) -> dict:
    row = {"model": "m", "method": name, "pairs": pairs, "insertion": [insertion] * 3, "deletion": [deletion] * 3}
    return row | ({} if own_half is None else {"own_half": [own_half] * 3})


def test_the_winner_has_the_largest_gap_among_those_that_lie_right_and_were_asked_everywhere():
    rows = [method("centre", 0.9, 0.0), method("lost", 0.8, 0.1, 60), method("slow", 0.8, 0.1, 90, pairs=2)]
    rows += [method("good", 0.6, 0.2, 90), method("better", 0.6, 0.1, 86)]
    assert winner(rows) == "better"


def test_cards_get_their_models_rows(tmp_path):
    for name in MODELS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text('{"name": "' + name + '", "kept": "字"}', encoding="utf-8")
    write_cards({"seed": 0, "rows": [method("a", 1 / 3, 0) | {"model": name} for name in MODELS]}, tmp_path)
    for name in MODELS:
        card = json.loads((tmp_path / name / "card.json").read_text(encoding="utf-8"))
        assert card["kept"] == "字" and card["explanations"]["seed"] == 0
        assert [(r["method"], r["insertion"][0]) for r in card["explanations"]["rows"]] == [("a", 0.3333)]


def test_differences_to_the_baselines_are_taken_pair_by_pair():
    areas = [(0.2, 0.5, 0.4), (0.6, 0.8, 0.9)]  # map, random, centre
    measured = [
        {
            ("m", "how"): {"deletion": a, "milliseconds": 7.0},
            ("m", "random"): {"deletion": b},
            ("m", "centre"): {"deletion": c},
        }
        for a, b, c in areas
    ]
    rows = {row["method"]: row for row in summarise(measured, [{("m", "how"): {"own_half": v}} for v in (100.0, 0.0)])}
    how = rows["how"]
    assert how["deletion"][0] == pytest.approx(0.4) and how["milliseconds"] == 7.0 and how["pairs"] == 2
    assert how["deletion_minus_random"][0] == pytest.approx(-0.25)
    assert how["deletion_minus_centre"][1:] == pytest.approx([-0.3, -0.2])
    assert how["own_half"][0] == 50 and "box_hit" not in how
    text = format_rows({"rows": list(rows.values())})
    assert "how" in text and "-0.250" in text
