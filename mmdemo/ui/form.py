"""The form that Match and Sentiment share: a photo, a text, a button and examples, with the answer beside them.

Read next: `tabs/match/build.py`.
"""

import functools
from collections.abc import Callable
from typing import Any

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.ui.examples import examples
from mmdemo.ui.gate import told
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_lead, build_photo, open_with, watch_photo


def build_form(engine: Engine, say: Say, name: str, answer: Callable[..., str], **text: Any) -> None:
    """Widgets and events: the button, the Enter key, an example and the tab's opening ask.

    Args:
        name: of the tab; its strings and elem_ids start with it.
        answer: engine, language, photo's path or None, text -> the answer as HTML; examples are answered once.
        **text: gradio's own arguments of the textbox.
    """
    choices, result = examples(name, say), f"{name}-result"
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, f"{name}-photo", choices[0].path)
            box = gr.Textbox(choices[0].text, **text)
            button = gr.Button(say(f"{name}.button"), variant="primary", elem_id=f"{name}-button")
            row = build_examples(say, f"{name}-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_lead(say(f"{name}.lead"))
            shown = build_answer(say, result)
    last = watch_photo(say, photo)
    first = functools.cache(lambda index: answer(engine, say, choices[index].path, choices[index].text))

    def picked(event: gr.EventData) -> dict[gr.components.Component, Any]:
        index = told.picked(event, choices)
        one = choices[index]
        return {photo: one.path, box: one.text, last: one.path, shown: first(index)}

    for listen in (button.click, box.submit):
        ask(say, listen, functools.partial(answer, engine, say), [photo, box], shown, result)
    ask(say, row.click, picked, [], [photo, box, last, shown], result)
    open_with(say, lambda: first(0), shown, result)
