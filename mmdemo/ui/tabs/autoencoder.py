"""Autoencoder: a photo and a sentence through one short code and back, either side imagined from the other, and a walk.

`build` makes the widgets; `answer` and `walked` ask the engine and let `../imagined.py` and `../way.py` draw.
Read next: `../imagined.py`.
"""

import functools

import gradio as gr
from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui import imagined, way
from mmdemo.ui.examples import Example, examples
from mmdemo.ui.gate import told
from mmdemo.ui.markup import script
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_html, build_photo, open_with, watch_photo

RESULT, WALK = "autoencoder-result", "autoencoder-walk"
SIDES = ("both", "image", "text")  # what goes in
SECOND = 1  # the example at the other end of the walk


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("autoencoder", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "autoencoder-photo", choices[0].path, height=200)
            text = build_sentence(say, "autoencoder-text", "autoencoder.text", choices[0])
            names = [(say(f"autoencoder.use_{side}"), side) for side in SIDES]
            use = gr.Radio(names, value=SIDES[0], label=say("autoencoder.use"), elem_id="autoencoder-use")
            button = gr.Button(say("autoencoder.button"), variant="primary", elem_id="autoencoder-button")
            row = build_examples(say, "autoencoder-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("autoencoder.lead"))}</h2>')
            shown = build_answer(say, RESULT)
    build_html(f'<h2 class="mm-lead mm-later">{escape(say("autoencoder.walk"))}</h2>')
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo2 = build_photo(say, "autoencoder-photo2", choices[SECOND].path, height=150)
            text2 = build_sentence(say, "autoencoder-text2", "autoencoder.second_text", choices[SECOND])
            button2 = gr.Button(say("autoencoder.walk_button"), elem_id="autoencoder-button2")
            row2 = build_examples(say, "autoencoder-examples2", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<p class="mm-soft">{escape(say("autoencoder.walk_lead"))}</p>')
            walk = build_html("", WALK, script("way.js"), look="mm-answer")
    last, last2 = watch_photo(say, photo), watch_photo(say, photo2)
    first = functools.cache(lambda index, side: answer(engine, say, choices[index].path, choices[index].text, side))

    @functools.cache
    def opening() -> str:
        ends = [(choice.path, choice.text) for choice in (choices[0], choices[SECOND])]
        return walked(engine, say, *ends[0], SIDES[0], *ends[1])

    def picked(side: str, event: gr.EventData) -> tuple[str, str, str, str]:
        index = told.picked(event, choices)
        one = choices[index]
        return one.path, one.text, one.path, first(index, side)

    def picked2(event: gr.EventData) -> tuple[str, str, str]:
        one = choices[told.picked(event, choices)]
        return one.path, one.text, one.path

    answer_, walked_ = functools.partial(answer, engine, say), functools.partial(walked, engine, say)
    ends = [photo, text, use, photo2, text2]
    for listen in (button.click, text.submit, use.input):
        event = ask(say, listen, answer_, ends[:3], shown, RESULT)
        ask(say, event.success, walked_, ends, walk, WALK)
    event = ask(say, row.click, picked, [use], [photo, text, last, shown], RESULT)
    ask(say, event.success, walked_, ends, walk, WALK)
    for listen in (button2.click, text2.submit):
        ask(say, listen, walked_, ends, walk, WALK)
    event = ask(say, row2.click, picked2, [], [photo2, text2, last2], WALK)
    ask(say, event.success, walked_, ends, walk, WALK)
    open_with(say, lambda: first(0, SIDES[0]), shown, RESULT)
    open_with(say, opening, walk, WALK)


def build_sentence(say: Say, name: str, label: str, example: Example) -> gr.Textbox:
    """A line for a sentence, opened with an example's."""
    hint = say("autoencoder.text_hint")
    return gr.Textbox(example.text, label=say(label), lines=1, max_lines=4, elem_id=name, placeholder=hint)


def answer(engine: Engine, say: Say, path: str | None, sentence: str, side: str) -> str:
    """A photo's path or None, a sentence or "", and which of them go in -> the answer as HTML."""
    image, text = read(path, sentence, side)
    result, usual = engine.reconstruct(image, text), engine.reconstruction_background
    which = "both" if image and text else "image" if image else "text"
    return (
        f'<p class="mm-headline" role="status"><strong>{escape(say(f"autoencoder.headline_{which}"))}</strong></p>'
        + imagined.notes(result, usual, say)
        + f'<div class="mm-card mm-imagined">{imagined.pictures(result, say)}{imagined.words(result, say)}'
        + f"{imagined.errors(result, usual, say)}{imagined.code(result, say)}</div>"
        + imagined.neighbours(result, say)
        + imagined.blur(result, usual, say)
        + imagined.details(result, usual, say)
    )


def walked(
    engine: Engine, say: Say, path: str | None, sentence: str, side: str, path2: str | None, sentence2: str
) -> str:
    """Both ends of the walk -> its pictures and slider as HTML; all that is given of the second goes in."""
    first, second = read(path, sentence, side), read(path2, sentence2, SIDES[0])
    return way.way([engine.walk(first, second, i / way.STEPS) for i in range(way.STEPS + 1)], say)


def read(path: str | None, sentence: str | None, side: str) -> tuple[Image.Image | None, str | None]:
    """What goes in: the photo and the sentence, clean; None for what is empty or left out."""
    image = None if path is None or side == "text" else inputs.read_image(path)
    text = inputs.clean_text(sentence) if sentence and sentence.strip() and side != "image" else None
    return image, text
