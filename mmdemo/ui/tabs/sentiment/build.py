"""The Sentiment tab's widgets. Read next: `events.py`."""

import functools

from mmdemo.engine import Engine
from mmdemo.ui.examples import examples
from mmdemo.ui.form import build_form, wire_form
from mmdemo.ui.tabs.sentiment.events import answer
from mmdemo.ui.text import Say


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the tab is opened."""
    choices = examples("sentiment", say)
    form = build_form(
        say, "sentiment", choices, label=say("sentiment.text"), placeholder=say("sentiment.text_hint"),
        lines=2, max_lines=6, elem_id="sentiment-text",
    )  # fmt: skip
    wire_form(say, form, choices, functools.partial(answer, engine, say))
