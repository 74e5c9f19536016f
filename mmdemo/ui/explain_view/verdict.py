"""The test beside a map: a badge, the curves of deletion and insertion with their areas, and the sanity check.

Read next: `methods.py`.
"""

from collections.abc import Callable

import numpy as np

from mmdemo.types import Curves, Explanation, Faithfulness, Sanity
from mmdemo.ui import heat, render
from mmdemo.ui.explain_view.question import target_name
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

WIDTH, HEIGHT = 360, 190  # of a chart, in its own units
LEFT, RIGHT, TOP, FLOOR = 44, 8, 10, 166  # the curves stand between TOP and FLOOR
KINDS = ("map", "random", "centre")


def waiting(say: Say, running: bool = False) -> str:
    """What stands in the badge's place until the test has run; while it runs, with a button to stop it.

    It stays as it is until the end (a button that is drawn anew escapes hand and keys): `progress` says how far it is.
    """
    said = escape(say("attention.testing"))
    if not running:
        return f'<p class="mm-badge mm-badge-waiting" role="status">{said}</p>'
    stop = _button("stop", say("attention.test_stop"))
    return f'<div class="mm-badge mm-badge-waiting mm-badge-running"><p role="status">{said}</p>{stop}</div>'


def progress(done: float, say: Say) -> str:
    """How much of the test has run, `done` in [0, 1], above the curves so far."""
    label, share = escape(say("attention.testing")), escape(say.percent(done))
    return (
        f'<div class="mm-progress"><progress max="1" value="{done:.2f}" aria-label="{label}"></progress>{share}</div>'
    )


def stopped(say: Say) -> str:
    """What stands there when the visitor has stopped the test, or it has failed."""
    said, again = escape(say("attention.test_stopped")), _button("again", say("attention.test_again"))
    return f'<div class="mm-badge mm-badge-stopped"><p role="status">{said}</p>{again}</div>'


def _button(action: str, said: str) -> str:
    """A button inside the badge; `seen.js` tells the server."""
    return f'<button type="button" data-test="{action}">{escape(said)}</button>'


def badge(test: Faithfulness, found: Explanation, say: Say) -> str:
    """The verdict in one line, and the three scores behind it."""
    verdict = "empty" if not found.patch_map.any() else test.verdict
    line = escape(say(f"attention.badge_{verdict}"))
    scores = ""
    if verdict in ("finds", "blob"):
        gain = {kind: render.number(value) for kind, value in test.gain.items()}
        scores = f"<br><span>{escape(say('attention.badge_why', **gain))}</span>"
    words = ""
    if test.word_verdict is not None and any(weight for _, weight in found.word_weights):
        words = f"<br><span>{escape(say(f'attention.badge_words_{test.word_verdict}'))}</span>"
    return (
        f'<p class="mm-badge mm-badge-{verdict}" role="status" data-verdict="{line}">'
        f"<strong>{line}</strong>{scores}{words}</p>"
    )


def curves(test: Faithfulness, found: Explanation, say: Say) -> str:
    """Two charts for the photo and, where words were tested, two for them; below, how to read them."""
    answer = say("attention.answer_axis", target=target_name(test.target, say))
    drawn = []
    if found.patch_map.any():
        drawn += [(test.deletion, "deletion"), (test.insertion, "insertion")]
    if test.word_deletion is not None and test.word_insertion is not None:
        drawn += [(test.word_deletion, "word_deletion"), (test.word_insertion, "word_insertion")]
    charts = "".join(chart(curve, name, answer, say) for curve, name in drawn)
    why = escape(say("attention.why_test"))
    return f'<div class="mm-curves">{charts}</div><p class="mm-said mm-soft">{why}</p>'


def chart(curve: Curves, name: str, answer: str, say: Say) -> str:
    """One figure: the answer over the share taken or given, for the map, a random map and a blob in the middle."""
    title = say(f"attention.{name}")
    names = {
        "map": say("attention.curve_weights" if name.startswith("word") else "attention.curve_map"),
        "random": say("attention.curve_random"),
        "centre": say("attention.curve_centre"),
    }
    areas = {kind: render.number(curve.areas[kind]) for kind in KINDS}
    listed = say.joined([say("attention.area", name=names[kind], area=areas[kind]) for kind in KINDS])
    ends = {"start": render.number(float(curve.map[0])), "end": render.number(float(curve.map[-1]))}
    label = escape(say("attention.curve_alt", title=title, areas=listed, **ends))
    keys = "".join(
        f'<span class="mm-line-key mm-line-{kind}">{escape(names[kind])} <b>{areas[kind]}</b></span>' for kind in KINDS
    )
    good = say("attention.deletion_good" if name.endswith("deletion") else "attention.insertion_good")
    return (
        f'<figure class="mm-card mm-curve-card"><figcaption><strong>{escape(title)}</strong>'
        f'<span class="mm-soft">{escape(answer)}</span></figcaption>'
        f'<svg class="mm-lines" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        f"{_plot(curve, say)}</svg>"
        f'<div class="mm-line-keys">{keys}</div><p class="mm-soft">{escape(good)}</p></figure>'
    )


def _plot(curve: Curves, say: Say) -> str:
    """Axes and three lines; the axis of the answer runs over what the three lines reach."""
    low, high, step = _span(np.concatenate([getattr(curve, kind) for kind in KINDS]))

    def x(share: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * float(share)

    def y(value: float) -> float:
        return FLOOR - (FLOOR - TOP) * (float(value) - low) / (high - low)

    lines = "".join(
        f'<path class="mm-line mm-line-{kind}" d="M{_points(curve.share, getattr(curve, kind), x, y)}"/>'
        for kind in reversed(KINDS)
    )
    ticks = "".join(
        f'<line class="mm-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y(v) + 4:.1f}" class="mm-tick-left">{render.number(v)}</text>'
        for v in np.arange(low, high + step / 2, step)
    )
    shares = "".join(
        f'<text x="{x(s):.1f}" y="{HEIGHT - 6}" class="mm-tick-{where}">{say.percent(s)}</text>'
        for s, where in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    return ticks + shares + lines


def _points(shares: np.ndarray, values: np.ndarray, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    return "L".join(f"{x(s):.1f} {y(v):.1f}" for s, v in zip(shares, values, strict=True))


def _span(values: np.ndarray) -> tuple[float, float, float]:
    """(low, high, step) of an axis with two to five steps that holds all values."""
    low, high = float(values.min()), float(values.max())
    step = next(s for s in (0.05, 0.1, 0.2, 0.5, 1.0) if high - low <= 4 * s or s == 1.0)
    bottom = step * np.floor(low / step + 1e-6)
    return bottom, max(step * np.ceil(high / step - 1e-6), bottom + step), step


def sanity(found: Explanation, checked: Sanity, photo: str, say: Say) -> str:
    """The map beside the one of a network with random weights, and whether they look alike.

    Args:
        found: the map on the screen.
        checked: what the engine says of it.
        photo: the photo as a data URI.
        say: the page's language.
    """
    tiles = "".join(
        f'<figure><div class="mm-tile-stage"><img alt="" src="{photo}">'
        f'<img class="mm-heat" alt="{escape(say(f"attention.sanity_{name}"))}" '
        f'src="{heat.map_uri(map_.image_map, signed=map_.signed)}"></div>'
        f"<figcaption>{escape(say(f'attention.sanity_{name}'))}</figcaption></figure>"
        for name, map_ in (("own", found), ("random", checked.random))
    )
    value = render.number(checked.correlation)
    key, look = ("attention.sanity_alike", " mm-warn") if checked.alike else ("attention.sanity_differs", "")
    line = escape(say(key, value=value))
    return f'<div class="mm-pairs">{tiles}</div><p class="mm-note{look}" role="status">{line}</p>'
