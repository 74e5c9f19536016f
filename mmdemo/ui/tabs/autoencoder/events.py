"""What happens on the Autoencoder tab: an answer for one photo and sentence, then the walk from there to the second.

Read next: `draw.py`.
"""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradio as gr
from PIL import Image

from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.plain import read_sides
from mmdemo.ui.tabs.autoencoder.draw import STEPS, draw, draw_walk
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT, WALK = "autoencoder-result", "autoencoder-walk"
SIDES = ("both", "image", "text")  # what goes in
SECOND = 1  # the example at the other end of the walk


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes.

    Args:
        use: which sides of the page's pair go in.
        shown: the answer.
        photo, text, button: the other end of the walk.
        walk: its pictures.
    """

    use: gr.Radio
    shown: gr.HTML
    photo: gr.Image
    text: gr.Textbox
    button: gr.Button
    walk: gr.HTML


def wire(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """All events of the tab; whatever changes the first end walks anew."""
    walked_ = functools.partial(walked, engine, say)
    ends = [pair.photo, pair.text, w.use, w.photo, w.text]

    def answered(path: str | None, sentence: str, side: str) -> Values:
        return {w.shown: answer(engine, say, path, sentence, side)}

    def first() -> Values:
        here, there = pair.opening, pair.choices[SECOND]
        way = walked(engine, say, here.path, here.text, SIDES[0], there.path, there.text)
        return answered(here.path, here.text, SIDES[0]) | {w.walk: way}

    shown = [w.walk, w.shown]
    _, asked = pair.answers("autoencoder", answered, shown, RESULT, fields=[w.use], listen=[w.use.input], opening=first)
    for listen in (*(event.success for event in asked), w.button.click, w.text.submit):
        ask(say, listen, walked_, ends, w.walk, WALK)
    pair.keep(autoencoder__use=w.use)


def answer(engine: "Engine", say: Say, path: str | None, sentence: str, side: str) -> str:
    """A photo's path or None, a sentence or "", and which of them go in -> the answer as HTML."""
    image, text = read(path, sentence, side)
    given = "both" if image and text else "image" if image else "text"
    return draw(engine.reconstruct(image, text), engine.reconstruction_background, given, say)


def walked(
    engine: "Engine", say: Say, path: str | None, sentence: str, side: str, path2: str | None, sentence2: str
) -> str:
    """Both ends of the walk -> its pictures and slider as HTML; all that is given of the second goes in."""
    first, second = read(path, sentence, side), read(path2, sentence2, SIDES[0])
    return draw_walk([engine.walk(first, second, i / STEPS) for i in range(STEPS + 1)], say)


def read(path: str | None, sentence: str | None, side: str) -> tuple[Image.Image | None, str | None]:
    """What goes in: the photo and the sentence, clean; None for what is empty or left out."""
    return read_sides(None if side == "text" else path, None if side == "image" else sentence)
