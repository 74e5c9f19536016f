"""The Match tab's widgets. Read next: `events.py`."""

import functools

from mmdemo.engine import Engine
from mmdemo.ui.examples import examples
from mmdemo.ui.form import build_form, wire_form
from mmdemo.ui.tabs.match.events import answer
from mmdemo.ui.text import Say


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("match", say)
    form = build_form(
        say, "match", choices, label=say("match.texts"), placeholder=say("match.texts_hint"),
        lines=3, max_lines=8, elem_id="match-texts",
    )  # fmt: skip
    wire_form(say, form, choices, functools.partial(answer, engine, say))
