"""When a map is said to find what matters: four comparisons, each clear of chance, and the model's own yes."""

from dataclasses import replace

import numpy as np
import pytest

from mmdemo.errors import ShapeError
from mmdemo.types import Curves, Faithfulness
from mmdemo.types.explaining import CLEAR

SHARE = np.array([0.0, 0.5, 1.0])


def fall(middle: float) -> np.ndarray:
    """From 1 to 0; the area is (1 + 2 middle) / 4."""
    return np.array([1.0, middle, 0.0])


def curves(own: float, random: list[float], centre: float, backwards: bool = False) -> Curves:
    lines = [fall(m)[::-1] if backwards else fall(m) for m in (own, *random, centre)]
    return Curves(SHARE, lines[0], np.mean(lines[1:-1], 0), lines[-1], np.array(lines[1:-1]))


def judged(down: tuple = (0.2, 0.5, 0.5), up: tuple = (0.8, 0.5, 0.5), spread: float = 0.1, denied: str = ""):
    """A test by the middles of its curves: the map's, the random ones' mean, the centre's."""
    pair = [
        curves(own, [random - spread, random, random + spread], centre, backwards)
        for (own, random, centre), backwards in ((down, False), (up, True))
    ]
    return Faithfulness(*pair, *pair, "match", denied)


def test_a_map_that_wins_all_four_comparisons_finds_what_matters():
    found = judged()
    assert found.verdict == found.word_verdict == "finds"
    assert found.deletion.areas == pytest.approx({"map": 0.35, "random": 0.5, "centre": 0.5})


@pytest.mark.parametrize(
    "lost",
    [
        {"down": (0.2, 0.2, 0.5)},
        {"down": (0.2, 0.5, 0.2)},
        {"up": (0.8, 0.8, 0.5)},
        {"up": (0.8, 0.5, 0.8)},
    ],
)
def test_one_comparison_that_is_not_won_is_no_tick(lost):
    assert judged(**lost).verdict == judged(**lost).word_verdict == "blob"


def test_an_insertion_that_wins_by_far_does_not_make_up_for_the_deletion():
    """The case of the issue: deletion .69 against .70 at random."""
    assert judged(down=(0.88, 0.90, 0.95), up=(1.0, 0.2, 0.2)).verdict == "blob"


def test_the_margin_is_how_far_random_orders_differ_and_never_nothing():
    assert judged(spread=0.1).deletion.margin == pytest.approx(0.05)  # middles 0.4 and 0.6: areas 0.45 and 0.55
    assert judged(spread=0).deletion.margin == CLEAR
    assert Curves(SHARE, *[fall(0.5)] * 3).margin == CLEAR
    assert judged(spread=0.27).verdict == "finds"
    assert judged(spread=0.31).verdict == "blob"  # the areas are 0.15 apart, and so is the best of the random ones
    near = {"down": (0.2, 0.5, 0.3), "up": (0.8, 0.5, 0.7)}  # the middle's areas are 0.05 away
    assert judged(**near, spread=0.09).verdict == "finds"
    assert judged(**near, spread=0.11).verdict == "blob"


@pytest.mark.parametrize("denied", ["no", "other"])
def test_no_tick_where_the_model_itself_does_not_give_the_answer(denied):
    assert judged(denied=denied).verdict == judged(denied=denied).word_verdict == denied
    assert judged(down=(0.5, 0.5, 0.5), denied=denied).verdict == denied


def test_where_nothing_can_be_found_that_is_said_first():
    still = Curves(SHARE, *[np.full(3, 0.4)] * 3)
    assert replace(judged(denied="no"), deletion=still, insertion=still).verdict == "flat"


def test_random_orders_have_the_points_of_the_curves():
    with pytest.raises(ShapeError):
        Curves(SHARE, *[fall(0.5)] * 3, np.zeros((3, 2)))
