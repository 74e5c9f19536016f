"""The bounds within which no verdict is given, against known answers."""

import numpy as np
import pytest

from mmdemo.training.measure import verdicts


def pairs(*bands: tuple[float, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(probability, true pairs, false pairs) each -> probabilities and truths."""
    p = np.concatenate([np.full(yes + no, at) for at, yes, no in bands])
    return p, np.concatenate([np.repeat([1, 0], [yes, no]) for _, yes, no in bands])


def test_the_bounds_reach_out_to_the_first_band_whose_verdicts_are_right_often_enough():
    given = pairs((0.12, 9, 1), (0.37, 2, 8), (0.42, 3, 7), (0.47, 8, 2), (0.52, 6, 4), (0.57, 8, 2), (0.62, 1, 9))
    assert verdicts.choose(*given) == (0.4, 0.55)  # the weak bands further out are not joined to one half


def test_there_are_no_bounds_where_every_verdict_is_good():
    assert verdicts.choose(*pairs((0.48, 1, 9), (0.5, 9, 1))) == (0.5, 0.5)


def test_a_verdict_exactly_on_a_bound_belongs_to_the_band_above_it():
    assert verdicts.choose(*pairs((0.45, 1, 1), (0.5, 1, 0))) == (0.45, 0.5)


def test_what_verdicts_are_worth_inside_and_outside():
    figures = verdicts.measure(*pairs((0.1, 1, 9), (0.47, 6, 4), (0.9, 10, 0)))
    assert (figures["undecided_from"], figures["undecided_to"]) == (45, 50)
    assert figures["undecided_share"] == pytest.approx(100 / 3)
    assert (figures["undecided_accuracy"], figures["decided_accuracy"]) == (40, 95)
