"""Time machine: the same pair through five complete systems, the oldest idea first.

Read next: `templates/fusion/history.html`, `figures.py`.
"""

from collections.abc import Sequence

from mmdemo.types import SystemResult
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.fusion.strip import felt
from mmdemo.ui.text import Say


def draw(systems: Sequence[SystemResult], say: Say) -> str:
    """One row a system: year, idea, answers, size, time, and its own validation figures."""
    return render("fusion/history.html", say=say, systems=systems, costs=costs, felt=felt)


def costs(system: SystemResult, say: Say) -> str:
    """Its size and time, and what it reached on validation pairs."""
    cost = [say("fusion.history_parameters", n=system.parameters), say("fusion.history_time", ms=system.milliseconds)]
    reached = [say(f"fusion.history_reached_{task}", value=value) for task, value in system.figure.items()]
    said = [say.joined(cost), *([say("fusion.history_validation", figures=say.joined(reached))] if reached else [])]
    return " · ".join(said)
