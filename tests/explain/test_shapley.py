"""The two-player Shapley values against cases worked out by hand."""

import itertools

import pytest

from mmdemo.explain.shapley import shapley_values


def test_shares_of_a_case_worked_out_by_hand():
    book = shapley_values("gated", "matching", "match", none=0.2, image=0.3, text=0.5, both=0.9)
    assert book.image_share == pytest.approx(0.25)  # ((0.3 - 0.2) + (0.9 - 0.5)) / 2
    assert book.text_share == pytest.approx(0.45)  # ((0.5 - 0.2) + (0.9 - 0.3)) / 2
    assert book.interaction == pytest.approx(0.3)
    assert not book.conflict


def test_the_shares_are_the_mean_over_both_orders_of_arrival():
    value = {(): 0.31, ("i",): 0.62, ("t",): 0.11, ("i", "t"): 0.47}
    added = {"i": 0.0, "t": 0.0}
    for order in itertools.permutations("it"):
        for k, player in enumerate(order):
            before, after = tuple(sorted(order[:k])), tuple(sorted(order[: k + 1]))
            added[player] += (value[after] - value[before]) / 2
    book = shapley_values("late", "sentiment", "neutral", *value.values())
    assert (book.image_share, book.text_share) == pytest.approx((added["i"], added["t"]))
    assert book.image_share + book.text_share == pytest.approx(book.both - book.none)


@pytest.mark.parametrize(
    ("image", "text", "conflict"), [(0.8, 0.2, True), (0.8, 0.7, False), (0.2, 0.1, False), (0.51, 0.49, False)]
)
def test_a_conflict_is_one_side_for_and_the_other_against(image, text, conflict):
    assert shapley_values("gated", "matching", "match", 0.5, image, text, 0.5).conflict is conflict
