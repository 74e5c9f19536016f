"""What the engine says of itself, and every model's card, as HTML.

Read next: `templates/about/page.html`, `templates/about/card.html`, `mmdemo/checkpoints.py`.
"""

from typing import Any

from mmdemo.types import EngineStatus
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

FACTS = ("kind", "architecture", "parameters", "trained_on", "licences", "known_failures", "recipe")
LONG = 8  # entries of a list; a longer one is folded
AREAS = ("deletion_minus_random", "deletion_minus_centre", "insertion_minus_random", "insertion_minus_centre")
COLUMNS = ("metric", "value", "dataset", "split", "n", "seed", "date")


def draw(status: EngineStatus, say: Say) -> str:
    """The whole tab."""
    facts = {
        "device": status.device.upper(),
        "latency": f"{status.last_call[0]}, {status.last_call[1]:.0f} ms" if status.last_call else say("about.no_call"),
        "network": say("about.offline" if status.offline else "about.online"),
        "versions": say.joined([f"{name} {version}" for name, version in status.versions.items()]),
    }
    return render("about/page.html", say=say, facts=facts, cards=[card(c, say) for c in status.cards])


def card(content: dict[str, Any], say: Say) -> str:
    """One model's card, folded: its figures with data set, split, number of cases, seed and date; then facts."""
    rows = [row for row in content.get("metrics") or [] if isinstance(row, dict)]
    figures = [[figure(row, say) if c == "value" else spelt(row.get(c)) for c in COLUMNS] for row in rows]
    facts = {key: content[key] for key in FACTS if content.get(key)}
    columns, table = [say(f"about.{c}") for c in COLUMNS], explained(content.get("explanations"), say)
    return render(
        "about/card.html", say=say, name=content.get("name", ""), kind=content.get("kind", ""), long=LONG,
        problem=content.get("problem"), columns=columns, figures=figures, facts=facts, spelt=spelt, explained=table,
    )  # fmt: skip


def explained(measured: dict[str, Any] | None, say: Say) -> dict[str, Any] | None:
    """How well each method explains this model: head and rows of a table, and where it was measured; or None."""
    if not measured:
        return None
    names = {name: say(f"about.{name}") for name in ("random", "centre")}  # maps that a method is compared with
    rows = [
        [
            names.get(row["method"]) or say(f"attention.{row['method']}"),
            *(interval(row.get(c)) for c in AREAS),
            *places(row, say),
        ]
        for row in measured["rows"]
    ]
    head = [say(f"about.{c}") for c in ("method", *AREAS, "own_half", "box_hit", "milliseconds", "mb")]
    source = {key: measured[key] for key in ("pairs", "dataset", "split", "seed", "date")}
    return {"head": head, "rows": rows, "source": say("about.explained_source", **source)}


def places(row: dict[str, Any], say: Say) -> list[str]:
    """How often a map lies on the right half and in the right box, how long it takes, how much memory."""
    half, box = ("–" if row.get(c) is None else say.percent(row[c][0] / 100, 1) for c in ("own_half", "box_hit"))
    if row.get("box_hit_minus_centre"):
        box += f" ({say.percent((row['box_hit'][0] - row['box_hit_minus_centre'][0]) / 100, 1)})"
    return [half, box, *("–" if row.get(c) is None else say.number(row[c]) for c in ("milliseconds", "extra_mb"))]


def interval(value: list[float] | None) -> str:
    """Mean and 95 % interval."""
    if value is None:
        return "–"
    mean, low, high = (f"{v:+.3f}".replace("-", "−") for v in value)
    return f"{mean} [{low}, {high}]"


def figure(row: dict[str, Any], say: Say) -> str:
    """A measured value with its unit."""
    return f"{spelt(row.get('value'))}{say.gap}{row.get('unit') or ''}".strip()


def spelt(content: object) -> str:
    """A number as people read it, anything else as it is."""
    if content is None:
        return "–"
    if isinstance(content, int):
        return f"{content:,}"
    return f"{content:.4g}" if isinstance(content, float) else str(content)
