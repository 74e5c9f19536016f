"""The Questions tab's widgets. Read next: `events.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.ui.markup import render, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.tabs.question.events import RESULT, examples, wire
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_html, build_lead, notice

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events; it has a question of its own, which opens with an example."""
    build_lead(say("question.lead"))
    with gr.Row(elem_id="question-asking"):
        question = gr.Textbox(
            examples(say)[0], label=say("question.text"), placeholder=say("question.text_hint"), lines=1, max_lines=4,
            elem_id="question-text", scale=6, min_width=220,
        )  # fmt: skip
        button = gr.Button(say("question.button"), variant="primary", elem_id="question-button", scale=1, min_width=90)
    row = build_html(
        render("question/examples.html", say=say, examples=examples(say)), "question-examples", script("tray.js")
    )
    shown = build_html(notice(say("waking")), RESULT, script("question.js"), css_class="mm-answer")
    wire(engine, say, pair, question, button, row, shown)
