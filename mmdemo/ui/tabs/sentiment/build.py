"""The Sentiment tab's widgets. Read next: `../../form.py`, `events.py`."""

from mmdemo.engine import Engine
from mmdemo.ui.form import build_form
from mmdemo.ui.tabs.sentiment.events import answer
from mmdemo.ui.text import Say


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the tab is opened."""
    label, hint = say("sentiment.text"), say("sentiment.text_hint")
    build_form(
        engine, say, "sentiment", answer, label=label, placeholder=hint, lines=2, max_lines=6, elem_id="sentiment-text"
    )
