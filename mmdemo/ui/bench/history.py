"""Time machine: the same pair through five complete systems, the oldest idea first. Read next: `figures.py`."""

from collections.abc import Sequence

from mmdemo.types import SystemResult
from mmdemo.ui import render
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say


def history(systems: Sequence[SystemResult], say: Say) -> str:
    """One row a system: year, idea, answers, size, time, and its own validation figures."""
    rows = "".join(f"<li>{_row(system, say)}</li>" for system in systems)
    return (
        f'<p class="mm-said">{escape(say("fusion.history_lead"))}</p><ol class="mm-history">{rows}</ol>'
        f'<p class="mm-soft">{escape(say("fusion.why_history"))}</p>'
    )


def _row(system: SystemResult, say: Say) -> str:
    cost = say.joined(
        [
            say("fusion.history_parameters", n=f"{system.parameters:,}"),
            say("fusion.history_time", ms=f"{system.milliseconds:.1f}"),
        ]
    )
    figures = []
    if "matching" in system.figure:
        figures.append(_measured("match", say("fusion.history_auc", value=f"{system.figure['matching']:.3f}"), say))
    if "sentiment" in system.figure:
        value = say("fusion.history_accuracy", value=f"{system.figure['sentiment']:.1f}")
        figures.append(_measured("feeling", value, say))
    soft = [cost]
    if figures:
        soft.append(say("fusion.history_validation", figures=say.joined(figures)))
    return (
        f'<b class="mm-year">{system.year}</b>'
        f'<div class="mm-system"><h3>{escape(say(f"fusion.system_{system.name}"))}</h3>'
        f"<p>{escape(say(f'fusion.about_{system.name}'))}</p>"
        f'<p class="mm-soft">{escape(" · ".join(soft))}</p></div>'
        f'<div class="mm-answers">{_match(system, say)}{_feeling(system, say)}</div>'
    )


def _measured(key: str, value: str, say: Say) -> str:
    return f"{say(f'fusion.history_{key}')} {value}"


def _match(system: SystemResult, say: Say) -> str:
    name = say("fusion.history_match")
    answer = system.answers.get("matching")
    if answer is None:
        return _absent(name, system.note, say)
    share = answer["match"]
    value = say.percent(share)
    bar = render.bar(share, f"{name} {value}", strong=share >= 0.5)
    return f'<div class="mm-measure"><span>{escape(name)}</span>{bar}<b>{value}</b></div>'


def _feeling(system: SystemResult, say: Say) -> str:
    name = say("fusion.history_feeling")
    answer = system.answers.get("sentiment")
    if answer is None:
        return _absent(name, system.note, say)
    label = max(answer, key=lambda k: answer[k])
    value = f"{say(f'sentiment.{label}')} {say.percent(answer[label])}"
    parts = "".join(f'<i class="mm-{k}" style="width:{100 * p:.1f}%"></i>' for k, p in answer.items())
    spoken = say.joined([f"{say(f'sentiment.{k}')} {say.percent(p)}" for k, p in answer.items()])
    return (
        f'<div class="mm-measure"><span>{escape(name)}</span><span class="mm-stack" role="img"'
        f' aria-label="{escape(spoken)}">{parts}</span><b>{escape(value)}</b></div>'
    )


def _absent(name: str, note: str, say: Say) -> str:
    """No answer: the system was not made for this question, or needs a side that it did not get."""
    none = escape(say("fusion.history_needs_both" if note == "needs_both" else "fusion.history_none"))
    return f'<div class="mm-measure"><span>{escape(name)}</span><span class="mm-none">{none}</span><b>–</b></div>'
