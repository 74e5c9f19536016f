"""How fast it is, as `python -m mmdemo.benchmark` last measured it: two tables under the machine and the date.

Read next: `templates/about/speed.html`, `mmdemo/benchmark/`.
"""

from collections.abc import Mapping
from typing import Any

from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

COLUMNS = ("what", "ratio", "goal", "milliseconds")
CROWD = ("a_second_in_turn", "a_second_at_once", "p50_ms", "p95_ms", "errors", "wrong")


def draw(figures: Mapping[str, Any] | None, say: Say) -> str:
    """The part of the tab; "" where nothing was measured."""
    if not figures:
        return ""
    rows, dated = figures["rows"], {key: figures[key] for key in ("date", "seed")}
    table = [[row["name"][say.language], ratio(row, say), goal(row, say), number(row["ms"], say)] for row in rows]
    crowds = [row for row in rows if "p95_ms" in row]
    return render(
        "about/speed.html", say=say, source=say("about.speed_source", **figures["machine"], **dated),
        head=[say(f"about.{name}") for name in COLUMNS], table=table,
        crowd_head=[say(f"about.{name}") for name in ("what", *CROWD)],
        crowds=[[row["name"][say.language], *(number(row[key], say) for key in CROWD)] for row in crowds],
    )  # fmt: skip


def ratio(row: Mapping[str, Any], say: Say) -> str:
    """Median and quartiles, or why there are none."""
    if row["ratio"] is None:
        return row["note"][say.language]
    low, middle, high = (say.number(value) for value in row["ratio"])
    return say("about.speed_quartiles", low=low, middle=middle, high=high)


def goal(row: Mapping[str, Any], say: Say) -> str:
    """What was wanted, and whether it was reached."""
    if row["goal"] is None:
        return "–"
    sign = "≥" if row["at_least"] else "≤"
    return say(f"about.speed_{'missed' if row['met'] is False else 'met'}", goal=f"{sign} {row['goal']:g}")


def number(value: float | None, say: Say) -> str:
    """A count as it is, anything else with one digit."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else say.number(value, 1)
