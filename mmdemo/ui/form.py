"""The form that Match and Sentiment share: a photo, a text, a button and examples, with the answer beside them.

Read next: `tabs/match/build.py`.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from mmdemo.ui.examples import Example
from mmdemo.ui.gate import told
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_lead, build_photo, open_with, watch_photo


@dataclass(frozen=True)
class Form:
    """Everything on the tab that an event reads or writes; `result` is the elem_id of the answer."""

    photo: gr.Image
    text: gr.Textbox
    button: gr.Button
    examples: gr.HTML
    answer: gr.HTML
    result: str


def build_form(say: Say, name: str, choices: Sequence[Example], **text: Any) -> Form:
    """The widgets, filled with the first example.

    Args:
        name: of the tab; its strings and elem_ids start with it.
        choices: the tab's examples.
        **text: gradio's own arguments of the textbox.
    """
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, f"{name}-photo", choices[0].path)
            box = gr.Textbox(choices[0].text, **text)
            button = gr.Button(say(f"{name}.button"), variant="primary", elem_id=f"{name}-button")
            row = build_examples(say, f"{name}-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_lead(say(f"{name}.lead"))
            shown = build_answer(say, f"{name}-result")
    return Form(photo, box, button, row, shown, f"{name}-result")


def wire_form(say: Say, form: Form, choices: Sequence[Example], answer: Callable[[str | None, str], str]) -> None:
    """The button, the Enter key, an example and the tab's opening ask.

    Args:
        answer: a photo's path or None, and the text -> the answer as HTML; examples are answered once.
    """
    last = watch_photo(say, form.photo)
    first = functools.cache(lambda index: answer(choices[index].path, choices[index].text))

    def picked(event: gr.EventData) -> dict[gr.components.Component, Any]:
        index = told.picked(event, choices)
        one = choices[index]
        return {form.photo: one.path, form.text: one.text, last: one.path, form.answer: first(index)}

    for listen in (form.button.click, form.text.submit):
        ask(say, listen, answer, [form.photo, form.text], form.answer, form.result)
    ask(say, form.examples.click, picked, [], [form.photo, form.text, last, form.answer], form.result)
    open_with(say, lambda: first(0), form.answer, form.result)
