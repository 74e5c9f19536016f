"""The Captions tab's widgets. Read next: `events.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.ui.markup import part, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.tabs.caption.events import COUNT, HOTTEST, LANGUAGES, MOST, RESULT, SPOKEN, Widgets, wire
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_html, build_lead, notice

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events."""
    build_lead(say("caption.lead"))
    with gr.Accordion(say("caption.options"), open=False, elem_id="caption-options"):
        names = sorted(LANGUAGES.items(), key=lambda one: one[0] != say.language)  # the page's own first
        language = gr.Radio(
            [(name, code) for code, name in names], value=say.language, label=say("caption.language"),
            elem_id="caption-language",
        )  # fmt: skip
        start = gr.Textbox(
            "", label=say("caption.start"), placeholder=say("caption.start_hint"), lines=1, max_lines=2,
            elem_id="caption-start",
        )  # fmt: skip
        with gr.Row():
            temperature = gr.Slider(
                0, HOTTEST, 0, step=0.1, label=say("caption.temperature"), info=say("caption.temperature_hint"),
                elem_id="caption-temperature", min_width=260,
            )  # fmt: skip
            count = gr.Slider(
                1, MOST, COUNT, step=1, label=say("caption.count"), elem_id="caption-count", min_width=260
            )  # fmt: skip
    shown = build_html(notice(say("waking")), RESULT, script("caption.js"), css_class="mm-answer")
    build_html(part("lead", say("caption.spoken"), later=True))
    with gr.Row(elem_id="caption-buttons"):
        button = gr.Button(say("caption.say_it"), elem_id="caption-say", size="md")
        stop = gr.Button(say("caption.stop"), elem_id="caption-stop", size="md", interactive=False)
    spoken = build_html(part("soft", say("caption.spoken_hint")), SPOKEN, script("caption.js"), css_class="mm-answer")
    wire(engine, say, pair, Widgets(language, start, temperature, count, shown, button, stop, spoken))
