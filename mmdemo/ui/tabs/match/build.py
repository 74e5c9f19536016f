"""The Match tab's widgets. Read next: `events.py`."""

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.ui.examples import examples
from mmdemo.ui.tabs.match.events import RESULT, Widgets, wire
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_examples, build_lead, build_photo


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("match", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "match-photo", choices[0].path)
            texts = gr.Textbox(
                choices[0].text, label=say("match.texts"), lines=3, max_lines=8, elem_id="match-texts",
                placeholder=say("match.texts_hint"),
            )  # fmt: skip
            button = gr.Button(say("match.button"), variant="primary", elem_id="match-button")
            row = build_examples(say, "match-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_lead(say("match.lead"))
            shown = build_answer(say, RESULT)
    wire(engine, say, choices, Widgets(photo, texts, button, row, shown))
