"""The Match tab's widgets. Read next: `../../form.py`, `events.py`."""

from mmdemo.engine import Engine
from mmdemo.ui.form import build_form
from mmdemo.ui.tabs.match.events import answer
from mmdemo.ui.text import Say


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    label, hint = say("match.texts"), say("match.texts_hint")
    build_form(engine, say, "match", answer, label=label, placeholder=hint, lines=3, max_lines=8, elem_id="match-texts")
