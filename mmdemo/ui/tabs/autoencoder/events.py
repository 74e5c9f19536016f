"""What happens on the Autoencoder tab: an answer for one photo and sentence, then the walk from there to the second.

Read next: `draw.py`.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.ui.examples import Example
from mmdemo.ui.gate import told
from mmdemo.ui.plain import read_sides
from mmdemo.ui.tabs.autoencoder.draw import STEPS, draw, draw_walk
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, open_with

RESULT, WALK = "autoencoder-result", "autoencoder-walk"
SIDES = ("both", "image", "text")  # what goes in
SECOND = 1  # the example at the other end of the walk

Values = dict[gr.components.Component, Any]


@dataclass(frozen=True)
class End:
    """One end of the walk: a photo and a sentence, what fills them and asks, and the last good photo."""

    photo: gr.Image
    text: gr.Textbox
    button: gr.Button
    examples: gr.HTML
    last: gr.State

    def filled(self, example: Example) -> Values:
        """The end with an example in it."""
        return {self.photo: example.path, self.text: example.text, self.last: example.path}


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes; `use` says which of the first end's sides go in."""

    first: End
    second: End
    use: gr.Radio
    shown: gr.HTML
    walk: gr.HTML


def wire(engine: Engine, say: Say, choices: Sequence[Example], w: Widgets) -> None:
    """All events of the tab; whatever changes the first end walks anew."""
    first, second, use, shown, walk = w.first, w.second, w.use, w.shown, w.walk
    ends = [first.photo, first.text, use, second.photo, second.text]
    shown_first = functools.cache(lambda i, side: answer(engine, say, choices[i].path, choices[i].text, side))
    asked, walked_ = functools.partial(answer, engine, say), functools.partial(walked, engine, say)

    def picked(side: str, event: gr.EventData) -> Values:
        index = told.picked(event, choices)
        return {**first.filled(choices[index]), shown: shown_first(index, side)}

    def picked_second(event: gr.EventData) -> Values:
        return second.filled(choices[told.picked(event, choices)])

    def opening() -> str:
        here, there = choices[0], choices[SECOND]
        return walked(engine, say, here.path, here.text, SIDES[0], there.path, there.text)

    def then_walk(event: Dependency) -> None:
        ask(say, event.success, walked_, ends, walk, WALK)

    for listen in (first.button.click, first.text.submit, use.input):
        then_walk(ask(say, listen, asked, ends[:3], shown, RESULT))
    filled = [first.photo, first.text, first.last, shown]
    then_walk(ask(say, first.examples.click, picked, [use], filled, RESULT))
    for listen in (second.button.click, second.text.submit):
        ask(say, listen, walked_, ends, walk, WALK)
    filled = [second.photo, second.text, second.last]
    then_walk(ask(say, second.examples.click, picked_second, [], filled, WALK))
    open_with(say, lambda: shown_first(0, SIDES[0]), shown, RESULT)
    open_with(say, opening, walk, WALK)


def answer(engine: Engine, say: Say, path: str | None, sentence: str, side: str) -> str:
    """A photo's path or None, a sentence or "", and which of them go in -> the answer as HTML."""
    image, text = read(path, sentence, side)
    given = "both" if image and text else "image" if image else "text"
    return draw(engine.reconstruct(image, text), engine.reconstruction_background, given, say)


def walked(
    engine: Engine, say: Say, path: str | None, sentence: str, side: str, path2: str | None, sentence2: str
) -> str:
    """Both ends of the walk -> its pictures and slider as HTML; all that is given of the second goes in."""
    first, second = read(path, sentence, side), read(path2, sentence2, SIDES[0])
    return draw_walk([engine.walk(first, second, i / STEPS) for i in range(STEPS + 1)], say)


def read(path: str | None, sentence: str | None, side: str) -> tuple[Image.Image | None, str | None]:
    """What goes in: the photo and the sentence, clean; None for what is empty or left out."""
    return read_sides(None if side == "text" else path, None if side == "image" else sentence)
