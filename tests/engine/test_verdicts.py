"""What the cards say of verdicts, as the engine gives it."""

import pytest

from mmdemo.checkpoints import BOUNDS, CHECKPOINTS
from mmdemo.engine.verdicts import match_aucs, verdict_bounds
from mmdemo.errors import ShapeError
from mmdemo.types import VerdictBounds


def test_the_bounds_of_the_cards_are_chosen_well():
    for bounds in verdict_bounds().values():
        assert bounds.low <= 0.5 <= bounds.high and bounds.low < bounds.high
        assert bounds.inside < 0.75 < bounds.outside and 0 < bounds.share < 0.2 and bounds.pairs > 5000
    assert set(verdict_bounds()) == set(BOUNDS)


def test_from_the_low_bound_up_to_the_high_one_there_is_no_verdict():
    bounds = VerdictBounds(0.4, 0.6, 0.1, 0.5, 0.9, 100)
    said = [bounds.verdict(p) for p in (0.39, 0.4, 0.5, 0.59, 0.6)]
    assert said == ["mismatch", "unsure", "unsure", "unsure", "match"]
    with pytest.raises(ShapeError):
        VerdictBounds(0.6, 0.7, 0.1, 0.5, 0.9, 100)


def test_every_model_that_answers_the_match_has_its_auc():
    aucs = match_aucs()
    assert set(aucs) == {
        "mean",
        *(name for name, row in CHECKPOINTS.items() if "matching" in row.tasks and not row.hub),
    }
    assert all(0.5 < auc < 1 for auc in aucs.values())
