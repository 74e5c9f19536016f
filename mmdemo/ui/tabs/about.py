"""About: what runs here and on what, how well every shipped model does, from its own card, and where it fails.

No figure is written in this file: all come from `engine.status()`. Read next: `mmdemo/checkpoints.py`.
"""

from typing import Any

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.types import EngineStatus
from mmdemo.ui import render
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, build_answer, guard

RESULT = "about-result"
FACTS = ("kind", "architecture", "parameters", "trained_on", "licences", "known_failures", "recipe")
LONG = 8  # entries of a list; a longer one is folded
AREAS = ("deletion_minus_random", "deletion_minus_centre", "insertion_minus_random", "insertion_minus_centre")
COLUMNS = ("metric", "value", "dataset", "split", "n", "seed", "date")


def build(engine: Engine, say: Say, tab: gr.Tab) -> None:
    """The text, written anew each time the tab is opened, for the last call's time changes."""
    shown = build_answer(say, RESULT)

    def answer() -> str:
        return page(engine.status(), say)

    tab.select(guard(say, answer), None, shown, queue=False, **QUIET)


def page(status: EngineStatus, say: Say) -> str:
    """Everything the engine says of itself, as HTML."""
    cards = "".join(card(c, say) for c in status.cards) or f"<p>{escape(say('about.none'))}</p>"
    notes = "".join(
        f'<p class="mm-note">{escape(say(f"about.{key}"))}</p>' for key in ("privacy", "memory", "limits", "programs")
    )
    lead = f'<h2 class="mm-lead">{escape(say("about.lead"))}</h2>'
    return f"{lead}{facts(status, say)}{notes}<h2 class='mm-lead'>{escape(say('about.models'))}</h2>{cards}"


def facts(status: EngineStatus, say: Say) -> str:
    """Device, latency, network and versions."""
    call = say("about.no_call")
    if status.last_call:
        call = f"{status.last_call[0]}, {status.last_call[1]:.0f} ms"
    rows = {
        "device": status.device.upper(),
        "latency": call,
        "network": say("about.offline" if status.offline else "about.online"),
        "versions": say.joined([f"{name} {version}" for name, version in status.versions.items()]),
    }
    return '<dl class="mm-facts">' + "".join(
        f"<div><dt>{escape(say(f'about.{key}'))}</dt><dd>{escape(value)}</dd></div>" for key, value in rows.items()
    ) + "</dl>"  # fmt: skip


def card(content: dict[str, Any], say: Say) -> str:
    """One model's card, folded: its figures with data set, split, number of cases, seed and date; then facts."""
    lines = "".join(
        f"<dt>{escape(say(f'about.{key}'))}</dt><dd>{_value(key, content[key], say)}</dd>"
        for key in FACTS
        if content.get(key)
    )
    rows = [r for r in content.get("metrics") or [] if isinstance(r, dict)]
    figures = ""
    if rows:
        names = [say(f"about.{column}") for column in COLUMNS]
        cells = [[_figure(row, say) if c == "value" else _plain(row.get(c)) for c in COLUMNS] for row in rows]
        figures = render.table(names, cells, numeric=(1, 4, 5))
    name = escape(str(content.get("name", "")))
    if content.get("problem"):
        problem = escape(say("error.weights", detail=content["problem"]))
        return f'<section class="mm-card mm-model"><h3>{name}</h3><p class="mm-note mm-warn">{problem}</p></section>'
    body = f"{figures}<dl>{lines}</dl>{explanations(content.get('explanations'), say)}"
    kind = escape(str(content.get("kind", "")))
    summary = f"<summary><h3>{name}</h3> <span class='mm-soft'>{kind}</span></summary>"
    return f'<section class="mm-card mm-model"><details>{summary}{body}</details></section>'


def explanations(measured: dict[str, Any] | None, say: Say) -> str:
    """How well each method explains this model, folded; nothing for a model without such a table."""
    if not measured:
        return ""
    rows = [
        [_method(row["method"], say), *(_interval(row.get(c)) for c in AREAS), *_places(row, say)]
        for row in measured["rows"]
    ]
    names = [say(f"about.{c}") for c in ("method", *AREAS, "own_half", "box_hit", "milliseconds", "mb")]
    source = {key: measured[key] for key in ("pairs", "dataset", "split", "seed", "date")}
    notes = "".join(
        f'<p class="mm-soft">{escape(text)}</p>'
        for text in (say("about.explained_note"), say("about.explained_source", **source))
    )
    table = render.table(names, rows, numeric=range(1, len(names)))
    return f"<details><summary>{escape(say('about.explained'))}</summary>{notes}{table}</details>"


def _method(name: str, say: Say) -> str:
    return say(f"about.{name}") if name in ("random", "centre") else say(f"attention.{name}")


def _places(row: dict[str, Any], say: Say) -> list[str]:
    half, box = ("–" if row.get(c) is None else say.percent(row[c][0] / 100, 1) for c in ("own_half", "box_hit"))
    if row.get("box_hit_minus_centre"):
        box += f" ({say.percent((row['box_hit'][0] - row['box_hit_minus_centre'][0]) / 100, 1)})"
    return [half, box, *("–" if row.get(c) is None else render.number(row[c]) for c in ("milliseconds", "extra_mb"))]


def _interval(value: list[float] | None) -> str:
    """Mean and 95 % interval."""
    if value is None:
        return "–"
    mean, low, high = (f"{v:+.3f}".replace("-", "−") for v in value)
    return f"{mean} [{low}, {high}]"


def _value(key: str, value: object, say: Say) -> str:
    if isinstance(value, (list, tuple)):
        listed = "<ul>" + "".join(f"<li>{escape(str(v))}</li>" for v in value) + "</ul>"
        if len(value) <= LONG:
            return listed
        return f"<details><summary>{escape(say('about.items', n=len(value)))}</summary>{listed}</details>"
    if key == "recipe":
        return f"<code>{escape(str(value))}</code>"
    return escape(_plain(value))


def _figure(row: dict[str, Any], say: Say) -> str:
    return f"{_plain(row.get('value'))}{say.gap}{row.get('unit') or ''}".strip()


def _plain(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
