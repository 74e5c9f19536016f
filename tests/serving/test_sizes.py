"""How much one forward should take, on clocks that are known."""

import time

from mmdemo.serving import choose_size, measure_size, sizes


def test_the_smallest_size_at_which_an_item_costs_hardly_more_than_at_the_best():
    assert choose_size({1: 0.040, 2: 0.080, 4: 0.160}) == 1  # a core that is busy with one
    assert choose_size({1: 0.010, 2: 0.011, 4: 0.012, 8: 0.020, 16: 0.040}) == 8
    assert choose_size({1: 0.010, 2: 0.011, 4: 0.100}) == 2


def test_forwards_grow_until_one_is_too_long(monkeypatch):
    monkeypatch.setattr(sizes, "LONGEST_S", 0.02)
    asked = []

    def forward(size: int) -> None:
        asked.append(size)
        time.sleep(0.03 if size >= 4 else 0.0)

    measure_size(forward)
    assert asked == [1, 1, 2, 2, 4, 4]
    asked.clear()
    assert measure_size(forward, at_least=2) == 2 and asked == [2, 2, 4, 4]
