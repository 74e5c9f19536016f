"""The Autoencoder tab's widgets. Read next: `events.py`."""

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.ui.examples import Example, examples
from mmdemo.ui.markup import part, script
from mmdemo.ui.tabs.autoencoder.events import RESULT, SECOND, SIDES, WALK, End, Widgets, wire
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_examples, build_html, build_lead, build_photo, watch_photo


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the tab is opened."""
    choices = examples("autoencoder", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo, text = build_pair(say, "", "autoencoder.text", choices[0], 200)
            names = [(say(f"autoencoder.use_{side}"), side) for side in SIDES]
            use = gr.Radio(names, value=SIDES[0], label=say("autoencoder.use"), elem_id="autoencoder-use")
            button = gr.Button(say("autoencoder.button"), variant="primary", elem_id="autoencoder-button")
            row = build_examples(say, "autoencoder-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_lead(say("autoencoder.lead"))
            shown = build_answer(say, RESULT)
    build_html(part("lead", say("autoencoder.walk"), later=True))
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo2, text2 = build_pair(say, "2", "autoencoder.second_text", choices[SECOND], 150)
            button2 = gr.Button(say("autoencoder.walk_button"), elem_id="autoencoder-button2")
            row2 = build_examples(say, "autoencoder-examples2", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(part("soft", say("autoencoder.walk_lead")))
            walk = build_html("", WALK, script("way.js"), css_class="mm-answer")
    first = End(photo, text, button, row, watch_photo(say, photo))
    second = End(photo2, text2, button2, row2, watch_photo(say, photo2))
    wire(engine, say, choices, Widgets(first, second, use, shown, walk))


def build_pair(say: Say, number: str, label: str, example: Example, height: int) -> tuple[gr.Image, gr.Textbox]:
    """A photo and a line for a sentence, opened with an example's; `number` ends their elem_ids."""
    photo = build_photo(say, f"autoencoder-photo{number}", example.path, height=height)
    text = gr.Textbox(
        example.text, label=say(label), lines=1, max_lines=4, elem_id=f"autoencoder-text{number}",
        placeholder=say("autoencoder.text_hint"),
    )  # fmt: skip
    return photo, text
