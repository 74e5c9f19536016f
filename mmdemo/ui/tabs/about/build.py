"""The About tab's one widget and one event. Read next: `draw.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.ui.tabs.about.draw import draw
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, build_answer, guard

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, tab: gr.Tab) -> None:
    """The text, written anew each time the tab is opened, for the last call's time changes."""
    shown = build_answer(say, "about-result")

    def drawn() -> str:
        return draw(engine.status(), say, engine.hub_models())

    tab.select(guard(say, drawn), None, shown, queue=False, **QUIET)
