"""Attention: the sentence as words to click, and for each the part of the photo that the model read with it.

The words are one piece of HTML and the figure another, so that a click changes the figure and leaves the keyboard's
place among the words. Read next: `../heat.py`.
"""

import functools
from pathlib import Path

import gradio as gr
from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.examples import examples
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_html, build_photo, open_with, watch_photo

FIGURE = "attention-figure"


def script(name: str) -> str:
    """One of the two small programs that run in the browser."""
    return Path(__file__).parents[1].joinpath(name).read_text(encoding="utf-8")


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("attention", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "attention-photo", choices[0].path, height=210)
            text = gr.Textbox(
                choices[0].text, label=say("attention.text"), lines=1, max_lines=4, elem_id="attention-text",
                placeholder=say("attention.text_hint"),
            )  # fmt: skip
            names = [(say(f"attention.{m}"), m) for m in engine.methods]
            method = gr.Radio(names, value=engine.methods[0], label=say("attention.method"), elem_id="attention-method")
            button = gr.Button(say("attention.button"), variant="primary", elem_id="attention-button")
            row = build_examples(say, "attention-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("attention.lead"))}</h2>')
            words = build_html("", "attention-words", script("words.js"))
            with gr.Row(elem_classes="mm-looked"):
                with gr.Column(scale=5, min_width=280):
                    shown = build_answer(say, FIGURE)
                with gr.Column(scale=3, min_width=200):
                    build_html(tools(say, engine.methods), "attention-tools", script("tools.js"))
    last = watch_photo(say, photo)
    first = functools.cache(lambda i: answer(engine, say, choices[i].path, choices[i].text, engine.methods[0]))

    def asked(path: str | None, sentence: str, how: str) -> tuple[str, str]:
        return answer(engine, say, path, sentence, how)

    def picked(event: gr.EventData) -> tuple[str, str, str, str, str, str]:
        chosen = choices[event.index]
        return chosen.path, chosen.text, engine.methods[0], chosen.path, *first(event.index)

    def clicked(path: str | None, how: str, event: gr.EventData) -> str:
        image = inputs.read_image(path)
        return figure(image, engine.explain(image, event.sentence, how, event.word), say)

    both = [words, shown]
    ask(say, button.click, asked, [photo, text, method], both, FIGURE)
    ask(say, text.submit, asked, [photo, text, method], both, FIGURE)
    ask(say, method.input, asked, [photo, text, method], both, FIGURE)
    ask(say, row.click, picked, [], [photo, text, method, last, *both], FIGURE)
    ask(say, words.click, clicked, [photo, method], shown, FIGURE)
    open_with(say, lambda: first(0), both, FIGURE)


def answer(engine: Engine, say: Say, path: str | None, sentence: str, method: str) -> tuple[str, str]:
    """A photo's path, a sentence and a method -> the words to click and the whole sentence's figure, as HTML."""
    image = inputs.read_image(path)
    sentence = inputs.clean_text(sentence)
    found = engine.explain(image, sentence, method)
    return word_row(sentence, found, say), figure(image, found, say)


def word_row(sentence: str, found: Explanation, say: Say) -> str:
    """Every word as a button, its weight as the line below it; the sentence rides along, for the field may change."""
    sizes = [abs(weight) for _, weight in found.word_weights]
    top, total = max(sizes, default=0.0) or 1.0, sum(sizes) or 1.0
    buttons = "".join(
        f'<button type="button" class="mm-word" data-word="{i}" dir="auto" aria-pressed="false"'
        f' style="--w:{size / top:.2f}"'
        f' aria-label="{escape(say("attention.word_alt", word=word, percent=say.percent(size / total)))}">'
        f"{escape(word)}<i></i></button>"
        for i, ((word, _), size) in enumerate(zip(found.word_weights, sizes, strict=True))
    )
    lead, whole = escape(say("attention.words")), escape(say("attention.whole"))
    return (
        f'<p class="mm-words-lead">{lead}</p>'
        f'<div class="mm-words" role="group" aria-label="{lead}" data-sentence="{escape(sentence)}">'
        f'<button type="button" class="mm-word mm-all" aria-pressed="true">{whole}</button>{buttons}</div>'
    )


def figure(image: Image.Image, found: Explanation, say: Say) -> str:
    """The photo with the map over it, and in words what it shows."""
    what = say("attention.whole")
    if found.word is not None:
        what = say("attention.word_caption", word=found.word_weights[found.word][0])
    where = heat.describe(found.image_map, say)
    label = say("attention.figure_alt", what=what, where=where)
    method = say(f"attention.{found.method}")
    return (
        f'<figure class="mm-figure" style="--ratio:{image.width / image.height:.4f}" '
        f'data-caption="{escape(f"{what} · {method}")}">'
        f'<div class="mm-stage" role="img" aria-label="{escape(label)}">'
        f'<img class="mm-photo-shown" alt="" src="{heat.photo_uri(image)}">'
        f'<img class="mm-heat" alt="" src="{heat.map_uri(found.image_map)}"></div>'
        f'<figcaption role="status"><b dir="auto">{escape(what)}</b> <span class="mm-soft">{escape(method)}</span><br>'
        f"{escape(where)}</figcaption></figure>"
    )


def tools(say: Say, methods: tuple[str, ...]) -> str:
    """Opacity, colour bar, saving, and what a map does not say. All in the browser; the server is not asked."""
    hints = "".join(f"<p>{escape(say(f'attention.{method}_hint'))}</p>" for method in methods)
    return (
        '<div class="mm-tools">'
        f"<label>{escape(say('attention.opacity'))}"
        '<input type="range" id="attention-opacity" min="0" max="100" value="60"></label>'
        f'<span class="mm-scale">{escape(say("attention.scale_low"))}<i style="background:{heat.gradient()}"></i>'
        f"{escape(say('attention.scale_high'))}</span>"
        f'<button type="button" id="attention-save">{escape(say("attention.save"))}</button>'
        f'<p class="mm-caution">{escape(say("attention.caution"))}</p>{hints}</div>'
    )
