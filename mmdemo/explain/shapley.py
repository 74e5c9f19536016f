"""Shapley values of two players, the picture and the text: a fair share of an answer for each.

A player's share is the mean of what it adds when it comes first and when it comes second (Shapley 1953, "A value for
n-person games"). With two players there are four coalitions, so nothing has to be sampled: the values are exact.
"""

from mmdemo.types import ShapleyValues

CLEAR = 0.02  # a side speaks for or against when it moves the probability by two points or more


def shapley_values(
    fusion: str, task: str, label: str, none: float, image: float, text: float, both: float
) -> ShapleyValues:
    """Each side's share of one answer.

    Args:
        fusion, task, label: what was asked.
        none, image, text, both: v(S), the probability of `label` when the sides in S are given, in [0, 1].

    Returns:
        With image_share + text_share = v(both) - v(none) ("efficiency"), and
        interaction = v(both) - v(image) - v(text) + v(none), of which each share holds a half.
    """
    image_share = ((image - none) + (both - text)) / 2
    text_share = ((text - none) + (both - image)) / 2
    against = (image - none) * (text - none) < 0 and min(abs(image - none), abs(text - none)) >= CLEAR
    return ShapleyValues(
        fusion, task, label, none, image, text, both,
        image_share=image_share,
        text_share=text_share,
        interaction=both - image - text + none,
        conflict=against,
    )  # fmt: skip
