"""The table of explanation methods: intervals, doubles, differences to the baselines, and one pair measured whole."""

import numpy as np
import pytest
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.training.explain_bench import (
    BASELINES,
    FIGURES,
    MODELS,
    _without_doubles,
    format_rows,
    interval,
    measure_pair,
    summarise,
    two_photos,
)


@pytest.fixture(scope="module")
def engine():
    return Engine(device="cpu", offline=True)


def picture(seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((90, 60), Image.Resampling.BICUBIC)


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
    found = measure_pair(engine, picture(), "a dog runs on the beach", steps=3, seed=0, slow=False)
    assert {model for model, _ in found} == set(MODELS)
    for model in MODELS:
        for name in BASELINES:
            assert set(found[model, name]) == set(FIGURES)
        assert found[model, "gradcam"]["milliseconds"] > 0 and set(FIGURES) <= set(found[model, "gradcam"])
    relevance, gradcam = found["matching", "relevance"], found["matching", "gradcam"]
    assert relevance["deletion"] == pytest.approx(gradcam["deletion"], abs=1e-3)  # one map, see `relevance.py`
    assert "deletion" not in found["matching", "rollout"]  # says nothing of the picture
    assert not any(name == "occlusion" for _, name in found)


def test_areas_are_those_of_the_engines_own_test(engine):
    image, text = picture(), "a dog runs on the beach"
    found = measure_pair(engine, image, text, steps=4, seed=0, slow=False)["cross_attention", "cross_attention"]
    own = engine.faithfulness(image, text, engine.explain(image, text), steps=4)
    assert found["deletion"] == pytest.approx(own.deletion.areas["map"], abs=1e-3)
    assert found["word_insertion"] == pytest.approx(own.word_insertion.areas["map"], abs=1e-3)


def test_the_share_on_the_own_photo_turns_round_with_the_photos(engine):
    one = two_photos(engine, picture(0), picture(1), "a dog", on_right=True, slow=False)
    other = two_photos(engine, picture(1), picture(0), "a dog", on_right=False, slow=False)  # the very same picture
    assert set(one) == set(other) and all(one[key] == pytest.approx(1 - other[key]) for key in one)
    assert ("sentiment", "gradcam") not in one and ("matching", "rollout") not in one


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
    rows = {row["method"]: row for row in summarise(measured, [{("m", "how"): 0.7}, {("m", "how"): 0.4}])}
    how = rows["how"]
    assert how["deletion"][0] == pytest.approx(0.4) and how["milliseconds"] == 7.0 and how["pairs"] == 2
    assert how["deletion_minus_random"][0] == pytest.approx(-0.25)
    assert how["deletion_minus_centre"][1:] == pytest.approx([-0.3, -0.2])
    assert how["own_half"][0] == 50 and how["own_half_energy"][0] == pytest.approx(55)
    text = format_rows({"rows": list(rows.values())})
    assert "how" in text and "-0.250" in text
