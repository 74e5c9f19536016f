"""The test beside a map: a badge, the curves of deletion and insertion with their areas, and the sanity check.

Read next: `templates/attention/curve.html`, `draw_tiles.py`.
"""

from collections.abc import Sequence

import numpy as np

from mmdemo.types import Curves, Explanation, Faithfulness, Sanity
from mmdemo.ui import heat
from mmdemo.ui.chart import Axes, ticks, whole_steps
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.attention.sentences import target_name
from mmdemo.ui.text import Say

WIDTH, HEIGHT = 360, 190  # of a chart, in its own units
LEFT, RIGHT, TOP, FLOOR = 44, WIDTH - 8, 10, 166  # the curves stand between
KINDS = ("map", "random", "centre")  # of curves in a chart
STEPS = (0.05, 0.1, 0.2, 0.5, 1.0)  # of the axis of the answer


def untested(state: str, say: Say) -> str:
    """What stands in the badge's place without a verdict: "waiting", "running" (to be stopped) or "stopped"."""
    return render("attention/untested.html", say=say, state=state)


def badge(test: Faithfulness, explanation: Explanation, say: Say, doubt: str = "") -> str:
    """The verdict in one line, and the areas behind it.

    Args:
        doubt: why nothing that is said of the pair should be believed: "unread", "unfamiliar", or "".
    """
    verdict = (doubt or test.verdict) if explanation.patch_map.any() else "empty"
    measured = verdict in ("finds", "blob", "no", "other")
    words = test.word_verdict if any(weight for _, weight in explanation.word_weights) else None
    return render(
        "attention/badge.html", say=say, verdict=verdict,
        words=words if words in ("finds", "blob", "flat") and not doubt else None,
        areas=[areas_said(name, getattr(test, name), say) for name in ("deletion", "insertion")] if measured else [],
        margin=say.number(max(test.deletion.margin, test.insertion.margin)),
    )  # fmt: skip


def areas_said(name: str, curves: Curves, say: Say) -> str:
    """The three areas of the deletion or the insertion in one sentence."""
    low, high = map(say.number, curves.random_range)
    random = low if low == high else say("attention.badge_range", low=low, high=high)
    own, centre = (say.number(curves.areas[kind]) for kind in ("map", "centre"))
    return say(f"attention.badge_{name}", map=own, random=random, centre=centre)


def curves(test: Faithfulness, explanation: Explanation, say: Say, done: float | None = None) -> str:
    """Two charts for the photo, two for words that were tested; above, how much is `done`, in [0, 1], while it runs."""
    answer = say("attention.answer_axis", target=target_name(test.target, say))
    names = ["deletion", "insertion"] if explanation.patch_map.any() else []
    names += [name for name in ("word_deletion", "word_insertion") if getattr(test, name) is not None]
    drawn = {name: getattr(test, name) for name in names}
    axis = answer_axis(list(drawn.values()))
    charts = [chart(curve, name, answer, axis, say) for name, curve in drawn.items()]
    return render("attention/curves.html", say=say, charts=charts, done=done)


def answer_axis(drawn: Sequence[Curves]) -> tuple[float, float, float]:
    """(low, high, step) of the axis of the answer: one for all charts, so that they can be compared by eye."""
    values = [getattr(curve, kind) for curve in drawn for kind in KINDS]
    return whole_steps(np.concatenate(values), STEPS) if values else (0, 1, STEPS[-1])


def chart(curve: Curves, name: str, answer: str, axis: tuple[float, float, float], say: Say) -> str:
    """One figure: the answer over the share taken or given, for the map, a random map and a blob in the middle."""
    kinds = {
        "map": say("attention.curve_weights" if name.startswith("word") else "attention.curve_map"),
        "random": say("attention.curve_random"),
        "centre": say("attention.curve_centre"),
    }
    low, high, step = axis
    areas = {kind: say.number(curve.areas[kind]) for kind in kinds}
    title = say(f"attention.{name}")
    label = say(
        "attention.curve_alt", title=title, start=say.number(curve.map[0]), end=say.number(curve.map[-1]),
        areas=say.joined([say("attention.area", name=kinds[kind], area=area) for kind, area in areas.items()]),
    )  # fmt: skip
    return render(
        "attention/curve.html", say=say, curve=curve, names=kinds, areas=areas, title=title, label=label, answer=answer,
        axes=Axes((0, 1), (low, high), LEFT, RIGHT, TOP, FLOOR), ticks=ticks(low, high, step),
        width=WIDTH, height=HEIGHT,
        good=say("attention.deletion_good" if name.endswith("deletion") else "attention.insertion_good"),
    )  # fmt: skip


def sanity(explanation: Explanation, checked: Sanity, photo: str, say: Say) -> str:
    """The map beside the one of a network with random weights, over the photo (a data URI); whether they look alike."""
    maps = {"own": explanation, "random": checked.random}
    return render(
        "attention/sanity.html", say=say, photo=photo, alike=checked.alike, correlation=say.number(checked.correlation),
        maps={name: heat.map_uri(one.image_map, one.signed) for name, one in maps.items()},
    )  # fmt: skip
