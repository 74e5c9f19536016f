"""The Autoencoder tab's widgets. Read next: `events.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.ui.markup import part, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.tabs.autoencoder.events import RESULT, SECOND, SIDES, WALK, Widgets, wire
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_html, build_lead, build_photo, watch_photo

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events; the walk leads from the page's pair to a second one."""
    build_lead(say("autoencoder.lead"))
    names = [(say(f"autoencoder.use_{side}"), side) for side in SIDES]
    use = gr.Radio(names, value=SIDES[0], label=say("autoencoder.use"), elem_id="autoencoder-use")
    shown = build_answer(say, RESULT)
    build_html(part("lead", say("autoencoder.walk"), later=True))
    there = pair.choices[SECOND]
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=260, elem_classes="mm-inputs"):
            photo = build_photo(say, "autoencoder-photo2", there.path, height=150)
            text = gr.Textbox(
                there.text, label=say("autoencoder.second_text"), lines=1, max_lines=4, elem_id="autoencoder-text2",
                placeholder=say("autoencoder.text_hint"),
            )  # fmt: skip
            button = gr.Button(say("autoencoder.walk_button"), elem_id="autoencoder-button2")
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(part("soft", say("autoencoder.walk_lead")))
            walk = build_html("", WALK, script("way.js"), css_class="mm-answer")
    watch_photo(say, photo)
    wire(engine, say, pair, Widgets(use, shown, photo, text, button, walk))
