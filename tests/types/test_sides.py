"""A pair knows which side is missing, and that one must be there."""

import dataclasses

import pytest

from mmdemo.errors import TextError
from mmdemo.types import Sides, is_blank


@pytest.mark.parametrize(
    ("image", "text", "missing"),
    [("photo", "a dog", None), (None, "a dog", "image"), ("photo", None, "text"), ("photo", " \t\n", "text")],
)
def test_the_missing_side_is_named(image, text, missing):
    sides = Sides(image, text)
    assert sides.missing == missing
    assert (sides.image is None, sides.text is None) == (missing == "image", missing == "text")


@pytest.mark.parametrize("text", [None, "", "  ", "\u3000"])
def test_neither_side_is_refused(text):
    assert is_blank(text)
    with pytest.raises(TextError, match="got neither") as caught:
        Sides(None, text)
    assert caught.value.code == "nothing_given"


def test_what_was_given_stays_as_it_is():
    sides = Sides("photo", " a dog ")
    assert sides.text == " a dog " and not is_blank(" a dog ")
    with pytest.raises(dataclasses.FrozenInstanceError):
        sides.text = "a cat"
