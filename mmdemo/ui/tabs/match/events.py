"""What happens on the Match tab: the button, the Enter key and an example ask. Read next: `draw.py`."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.examples import Example
from mmdemo.ui.gate import told
from mmdemo.ui.tabs.match.draw import draw
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, open_with, watch_photo

RESULT = "match-result"


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes."""

    photo: gr.Image
    texts: gr.Textbox
    button: gr.Button
    examples: gr.HTML
    shown: gr.HTML


def wire(engine: Engine, say: Say, choices: Sequence[Example], w: Widgets) -> None:
    """All events of the tab."""
    last = watch_photo(say, w.photo)
    first = functools.cache(lambda index: answer(engine, say, choices[index].path, choices[index].text))

    def asked(path: str | None, lines: str) -> str:
        return answer(engine, say, path, lines)

    def picked(event: gr.EventData) -> dict[gr.components.Component, Any]:
        index = told.picked(event, choices)
        one = choices[index]
        return {w.photo: one.path, w.texts: one.text, last: one.path, w.shown: first(index)}

    for listen in (w.button.click, w.texts.submit):
        ask(say, listen, asked, [w.photo, w.texts], w.shown, RESULT)
    ask(say, w.examples.click, picked, [], [w.photo, w.texts, last, w.shown], RESULT)
    open_with(say, lambda: first(0), w.shown, RESULT)


def answer(engine: Engine, say: Say, path: str | None, lines: str) -> str:
    """A photo's path and lines of text -> the answer as HTML."""
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(lines)
    return draw(engine.match(image, texts), engine.background, dropped, say)
