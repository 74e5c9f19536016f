"""The weighted sum's one knob: how good every alpha is, which one training found, and what this pair says at each.

Read next: `history.py`.
"""

from collections.abc import Callable

import numpy as np

from mmdemo.types import AlphaCurve, FusionTrace
from mmdemo.ui import render
from mmdemo.ui.bench.ledger import label_name
from mmdemo.ui.bench.strip import MATCH
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

WIDTH, HEIGHT = 460, 268  # of the drawing, in its own units
LEFT, RIGHT, TOP, FLOOR = 40, 12, 12, 168  # the curve stands between TOP and FLOOR
GUESSING = 53.0  # per cent right on half matched, half swapped pairs; below this nothing was learned
START, END = 206, 248  # the path of training runs down from START to END


def dial(task: str, curve: AlphaCurve, trace: FusionTrace, say: Say) -> str:
    """One task's answer at the chosen alpha, and the measured curve behind it."""
    alpha = float(trace.alpha)
    result = trace.result
    share = float(result.probabilities.max())
    label = label_name(task, result.label, say)
    line = say("fusion.dial_answer", alpha=f"{alpha:.2f}", label=label, percent=say.percent(share))
    bars = "".join(
        f'<div class="mm-measure"><span>{escape(label_name(task, name, say))}</span>'
        f"{render.bar(p, f'{label_name(task, name, say)} {say.percent(float(p))}', strong=name == result.label)}"
        f"<b>{say.percent(float(p))}</b></div>"
        for name, p in zip(result.labels, result.probabilities, strict=True)
        if name != "mismatch"
    )
    here = say("fusion.dial_here", here=f"{accuracy_at(curve, alpha):.1f}")
    note = ""
    if task == MATCH and float(curve.accuracy.max()) < GUESSING:
        note = f'<p class="mm-note mm-warn">{escape(say("fusion.dial_guessing"))}</p>'
    return (
        f'<section class="mm-card mm-dial"><h3 class="mm-part">{escape(say(f"fusion.dial_{task}"))}</h3>'
        f'<p class="mm-said">{escape(line)}</p><div class="mm-bars">{bars}</div>'
        f'<p class="mm-soft">{escape(say("fusion.dial_accuracy"))}</p>{chart(curve, alpha, say)}'
        f'<p class="mm-soft">{escape(say.sentences(here, say("fusion.dial_source", source=curve.source)))}</p>'
        f"{note}</section>"
    )


def accuracy_at(curve: AlphaCurve, alpha: float) -> float:
    """Measured accuracy at an alpha, by a straight line between the two nearest measurements."""
    return float(np.interp(alpha, curve.alphas, curve.accuracy))


def chart(curve: AlphaCurve, alpha: float, say: Say) -> str:
    """Accuracy over alpha; below it, downwards, alpha as training went on."""
    low, high = _span(curve)

    def x(a: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(float(a), 0.0), 1.0)

    def y(accuracy: float) -> float:
        return FLOOR - (FLOOR - TOP) * (float(accuracy) - low) / (high - low)

    line = "L".join(f"{x(a):.1f} {y(v):.1f}" for a, v in zip(curve.alphas, curve.accuracy, strict=True))
    times = np.linspace(START, END, len(curve.path))
    path = "L".join(f"{x(a):.1f} {t:.1f}" for a, t in zip(curve.path, times, strict=True))
    at, found = x(curve.learned), y(accuracy_at(curve, curve.learned))
    mine, alt = x(alpha), escape(_alt(curve, alpha, say))
    return (
        f'<svg class="mm-alpha" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt}">'
        f"{_axes(low, high, x, y, say)}"
        f'<path class="mm-path" d="M{path}"/>'
        f'<circle class="mm-path-start" cx="{x(curve.path[0]):.1f}" cy="{START}" r="4"/>'
        f'<line class="mm-drop" x1="{at:.1f}" x2="{at:.1f}" y1="{found:.1f}" y2="{END}"/>'
        f'<path class="mm-curve" d="M{line}"/>'
        f'<line class="mm-mine" x1="{mine:.1f}" x2="{mine:.1f}" y1="{TOP}" y2="{FLOOR}"/>'
        f'<circle class="mm-mine-dot" cx="{mine:.1f}" cy="{y(accuracy_at(curve, alpha)):.1f}" r="5"/>'
        f"{_diamond(at, found)}{_diamond(at, END)}</svg>{_keys(curve, say)}"
    )


def _span(curve: AlphaCurve) -> tuple[float, float]:
    """The part of the axis worth drawing, in whole steps of 5 per cent."""
    low = 5 * np.floor((float(curve.accuracy.min()) - 1) / 5)
    high = 5 * np.ceil((float(curve.accuracy.max()) + 1) / 5)
    return float(max(low, 0)), float(min(max(high, low + 10), 100))


def _axes(low: float, high: float, x: Callable[[float], float], y: Callable[[float], float], say: Say) -> str:
    step = 5 if high - low <= 20 else 10
    values = np.arange(step * np.ceil(low / step), high + 0.1, step)
    drawn = "".join(
        f'<line class="mm-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text class="mm-end" x="{LEFT - 6}" y="{y(v):.1f}" dy="0.35em">{v:.0f}</text>'
        for v in values
    )
    names = {0.0: f"0 {say('fusion.dial_photo')}", 0.5: "0.5", 1.0: f"1 {say('fusion.dial_sentence')}"}
    looks = {0.0: "mm-begin", 0.5: "mm-middle", 1.0: "mm-end"}
    drawn += "".join(
        f'<text class="{looks[a]}" x="{x(a):.1f}" y="{FLOOR + 18}">{escape(name)}</text>' for a, name in names.items()
    )
    ends = ((START, "fusion.dial_start"), (END, "fusion.dial_end"))
    return drawn + "".join(f'<text x="0" y="{t}" dy="0.35em">{escape(say(key))}</text>' for t, key in ends)


def _diamond(x: float, y: float) -> str:
    return f'<path class="mm-learned" d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6Z"/>'


def _keys(curve: AlphaCurve, say: Say) -> str:
    names = {
        "curve": say("fusion.dial_keys_curve"),
        "mine": say("fusion.dial_keys_here"),
        "learned": say("fusion.dial_keys_learned", learned=f"{curve.learned:.2f}"),
        "path": say("fusion.dial_keys_path"),
    }
    keys = "".join(f'<span class="mm-key mm-key-{name}">{escape(text)}</span>' for name, text in names.items())
    return f'<p class="mm-keys">{keys}</p>'


def _alt(curve: AlphaCurve, alpha: float, say: Say) -> str:
    best = int(curve.accuracy.argmax())
    return say(
        "fusion.dial_alt",
        first=f"{curve.accuracy[0]:.1f}",
        best=f"{curve.accuracy[best]:.1f}",
        at=f"{curve.alphas[best]:.2f}",
        last=f"{curve.accuracy[-1]:.1f}",
        learned=f"{curve.learned:.2f}",
        start=f"{curve.path[0]:.2f}",
        alpha=f"{alpha:.2f}",
        here=f"{accuracy_at(curve, alpha):.1f}",
    )
