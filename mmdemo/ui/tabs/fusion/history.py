"""Time machine: the same pair through five complete systems, the oldest idea first.

Read next: `templates/fusion/history.html`, `figures.py`.
"""

from collections.abc import Sequence

from mmdemo.types import SystemResult
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say


def draw(systems: Sequence[SystemResult], say: Say) -> str:
    """One row a system: year, idea, answers, size, time, and its own validation figures."""
    return render("fusion/history.html", say=say, systems=systems, costs=costs, felt=felt)


def costs(system: SystemResult, say: Say) -> str:
    """Its size and time, and what it reached on validation pairs."""
    size = say("fusion.history_parameters", n=f"{system.parameters:,}")
    line = say.joined([size, say("fusion.history_time", ms=f"{system.milliseconds:.1f}")])
    reached = []
    if "matching" in system.figure:
        auc = say("fusion.history_auc", value=f"{system.figure['matching']:.3f}")
        reached.append(f"{say('fusion.history_match')} {auc}")
    if "sentiment" in system.figure:
        accuracy = say("fusion.history_accuracy", value=f"{system.figure['sentiment']:.1f}")
        reached.append(f"{say('fusion.history_feeling')} {accuracy}")
    return f"{line} · {say('fusion.history_validation', figures=say.joined(reached))}" if reached else line


def felt(shares: dict[str, float], say: Say) -> tuple[str, str]:
    """The strongest feeling, and all of them, in words."""
    words = {label: f"{say(f'sentiment.{label}')} {say.percent(share)}" for label, share in shares.items()}
    return words[max(shares, key=lambda label: shares[label])], say.joined(list(words.values()))
