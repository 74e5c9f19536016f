"""Who said how much: the way from an answer without any input to the answer with both sides, step by step.

With v(S) the probability of the label when the sides in S are given, three parts lead from v(none) to v(both): what
the photo moves by itself, v(image) - v(none); what the sentence moves by itself, v(text) - v(none); and what is left
over, the interaction, which only both together say. Read next: `templates/fusion/shapley_values.html`, `inside.py`.
"""

from collections.abc import Sequence
from typing import Any

from mmdemo.types import FusionResult, ShapleyValues
from mmdemo.ui.chart import Axes
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.fusion.strip import ensemble
from mmdemo.ui.text import Say

SIDES = ("image", "text", "together")
NOTHING = 0.005  # a way shorter than half a per cent is called none
BETWEEN = 75  # per cent of the interaction from which on the sides alone are said to say little


def draw(values: ShapleyValues, say: Say, *, taken: bool = False, others: Sequence[FusionResult] = ()) -> str:
    """The sentence, the bar, the steps.

    Args:
        values: of one fusion's answer.
        taken: whether a side that is counted here is taken away above.
        others: what every fusion answers, both sides given; it is said where their mean answers something else.
    """
    steps = parts(values)
    shares = percentages(steps)
    whole = min(steps.values()) >= 0  # a part against the answer is no share of it
    return render(
        "fusion/shapley_values.html", say=say, values=values, taken=taken, sides=SIDES, shares=shares, signed=signed,
        label=label_name(values.task, values.label, say), between=BETWEEN, whole=whole,
        listed=listed(shares, say) if whole else weighed(steps, say), subject=subject(values, others, say),
        **waterfall(values, say),
    )  # fmt: skip


def parts(values: ShapleyValues) -> dict[str, float]:
    """The three signed steps; with `none` they add up to `both`."""
    return {"image": values.image - values.none, "text": values.text - values.none, "together": values.interaction}


def percentages(steps: dict[str, float]) -> dict[str, int]:
    """Absolute sizes in per cent of their sum: whole numbers that add up to 100 (largest remainders), or all 0."""
    total = sum(abs(v) for v in steps.values())
    if total < NOTHING:
        return dict.fromkeys(steps, 0)
    exact = {name: 100 * abs(v) / total for name, v in steps.items()}
    whole = {name: int(v) for name, v in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: 100 - sum(whole.values())]:
        whole[name] += 1
    return whole


def label_name(task: str, label: str, say: Say) -> str:
    """A label as people say it."""
    return say(f"fusion.{label}") if task == "matching" else say(f"sentiment.{label}")


def listed(shares: dict[str, int], say: Say) -> str:
    """The three parts in words, the largest first."""
    order = sorted(SIDES, key=lambda side: -shares[side])
    return say.joined([say(f"fusion.part_{side}", percent=say.percent(shares[side] / 100)) for side in order])


def weighed(steps: dict[str, float], say: Say) -> str:
    """Points for or against the answer in words, the largest first; what rounds to none is left out."""
    rounded = {side: f"{100 * abs(step):.0f}" for side, step in steps.items()}
    order = sorted((side for side in SIDES if rounded[side] != "0"), key=lambda side: -abs(steps[side]))
    points = {side: counted(rounded[side], say) for side in order}
    keys = {side: "fusion.for" if steps[side] > 0 else "fusion.against" for side in order}
    return say.joined([say(keys[side], part=say(f"fusion.the_{side}"), points=points[side]) for side in order])


def counted(value: str, say: Say) -> str:
    """A signed or unsigned number of percentage points: "1 point", "−16 points"."""
    return say("fusion.point" if value.strip("+\u2212") == "1" else "fusion.points", value=value)


def subject(values: ShapleyValues, others: Sequence[FusionResult], say: Say) -> str:
    """Whose answer is taken apart, where the mean of all fusions answers something else; "" where it does not."""
    own = [one for one in others if one.name == values.fusion]
    if not own or own[0].label == (together := ensemble(others)).label:
        return ""
    mine, theirs = (
        say("quote", text=f"{label_name(values.task, one.label, say)} {say.percent(float(one.probabilities.max()))}")
        for one in (own[0], together)
    )
    return say("fusion.subject", name=say(f"fusion.name_{values.fusion}"), mine=mine, theirs=theirs)


def waterfall(values: ShapleyValues, say: Say) -> dict[str, Any]:
    """Five rows on one axis: where it starts, three steps, where it ends.

    The axis holds 0 to 1, and more where two steps in one direction lead past an end before the interaction takes back
    what both said twice.
    """
    steps = parts(values)
    spans = {"none": (0.0, values.none)}
    at = values.none
    for side in SIDES:
        spans[side] = (at, at + steps[side])
        at += steps[side]
    spans["both"] = (0.0, values.both)
    ends = [0.0, 1.0, *(end for span in spans.values() for end in span)]
    shown = {side: counted(signed(100 * steps[side], 0), say) for side in SIDES}
    shown |= {"none": say.percent(values.none), "both": say.percent(values.both)}
    axis = Axes((min(ends), max(ends)), (0, 1), left=0, right=100, top=0, floor=0)  # per cent of a row's width
    return {"spans": spans, "shown": shown, "axis": axis, "spoken": say("fusion.shapley_alt", **shown)}


def signed(value: float, digits: int = 2) -> str:
    """+0.31 or \u22120.31, and 0.00 for what rounds to nothing."""
    shown = Say.number(value, digits)
    return shown if value < 0 or not float(shown) else f"+{shown}"
