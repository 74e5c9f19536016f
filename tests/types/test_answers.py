"""Answers check themselves when they are made."""

import pytest

from mmdemo.errors import ShapeError
from mmdemo.types import AnswerResult

ASKED = {"question": "Is it red?", "language": "en", "kind": "yes/no", "known": True}


def test_the_best_answer_comes_first():
    found = AnswerResult(**ASKED, answers=(("yes", 0.7), ("no", 0.3)), without_image=())
    assert found.best == "yes" and found.ranked_by == "list" and found.explanation is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"answers": ()},
        {"answers": (("no", 0.3), ("yes", 0.7))},
        {"answers": (("yes", 1.7),)},
        {"without_image": (("yes", -0.1),)},
        {"ranked_by": "guess"},
        {"familiar": 1.5},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ShapeError):
        AnswerResult(**ASKED, **{"answers": (("yes", 0.7),), "without_image": ()} | wrong)
