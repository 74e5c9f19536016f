"""The probability that no text of a list fits: known answers, and lists drawn for choosing the exponent."""

import numpy as np
import pytest

from mmdemo.tasks.none_of_these import none_of_these
from mmdemo.training.measure.none_of_these import choose_exponent, draw_lists, measure

OWNER = np.repeat(np.arange(30), 3)  # 30 photos, 3 captions each
VECTORS = np.random.default_rng(0).normal(size=(90, 8))


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0.0, 0.2), (1.0, 0.2 * 0.5 * 0.9), (0.5, 0.2 * (0.5 * 0.9) ** 0.5)]
)
def test_the_exponent_leads_from_the_best_alone_to_the_product(exponent, expected):
    assert none_of_these(np.array([0.1, 0.8, 0.5]), exponent) == pytest.approx(expected)


def test_one_text_needs_no_exponent():
    assert none_of_these(np.array([0.3]), 0.0) == none_of_these(np.array([0.3]), 1.0) == pytest.approx(0.7)


def test_a_sure_text_leaves_no_doubt_and_order_does_not_matter():
    assert none_of_these(np.array([0.2, 1.0, 0.2]), 0.7) == 0
    assert none_of_these(np.array([0.2, 0.6]), 0.7) == none_of_these(np.array([0.6, 0.2]), 0.7)


def test_lists_hold_a_true_caption_exactly_where_they_say_so():
    lists = draw_lists(OWNER, VECTORS, 200, seed=0)
    for one in lists:
        own = OWNER[one.texts] == one.photo
        assert own.any() != one.none
        assert 2 <= len(one.texts) == len(set(one.texts.tolist())) <= 8
    assert {len(one.texts) for one in lists} == set(range(2, 9))
    assert 60 < sum(one.none for one in lists) < 140
    assert any((OWNER[one.texts] == one.photo).sum() == 2 for one in lists)


def test_the_exponent_follows_the_probabilities():
    """A head that knows everything needs none; where every text is as likely as the base rate, the product is right."""
    lists = draw_lists(OWNER, VECTORS, 400, seed=1)
    perfect = np.where(np.arange(30)[:, None] == OWNER[None], 0.99, 0.01)
    figures = measure(lists, perfect, choose_exponent(lists, perfect))
    assert figures["none_of_these_AUC"] == 1 and figures["none_of_these_wrong"] == 0
    dull = np.full((30, 90), 0.13)  # (1 - 0.13)^5 = 0.5, half of the lists
    assert choose_exponent(lists, dull) > 0.6
    certain = measure(lists, 1 - perfect, 0.0)
    assert certain["none_of_these_wrong"] > 40 and certain["none_of_these_calibration_error"] > 0.3
