"""Sentiment: what feeling a photo carries, what feeling a sentence carries, and what both say together.

Either side may be missing. Read next: `../render.py`.
"""

import functools

import gradio as gr
import numpy as np

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import SentimentResult
from mmdemo.ui import render
from mmdemo.ui.doubts import doubts
from mmdemo.ui.examples import examples
from mmdemo.ui.gate import told
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_html, build_photo, open_with, watch_photo

RESULT = "sentiment-result"
OPPOSITE = {"negative", "positive"}


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("sentiment", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "sentiment-photo", choices[0].path)
            text = gr.Textbox(
                choices[0].text, label=say("sentiment.text"), lines=2, max_lines=6, elem_id="sentiment-text",
                placeholder=say("sentiment.text_hint"),
            )  # fmt: skip
            button = gr.Button(say("sentiment.button"), variant="primary", elem_id="sentiment-button")
            row = build_examples(say, "sentiment-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("sentiment.lead"))}</h2>')
            shown = build_answer(say, RESULT)
    last = watch_photo(say, photo)
    first = functools.cache(lambda index: answer(engine, say, choices[index].path, choices[index].text))

    def asked(path: str | None, sentence: str) -> str:
        return answer(engine, say, path, sentence)

    def picked(event: gr.EventData) -> tuple[str, str, str, str]:
        index = told.picked(event, choices)
        chosen = choices[index]
        return chosen.path, chosen.text, chosen.path, first(index)

    ask(say, button.click, asked, [photo, text], shown, RESULT)
    ask(say, text.submit, asked, [photo, text], shown, RESULT)
    ask(say, row.click, picked, [], [photo, text, last, shown], RESULT)
    open_with(say, lambda: first(0), shown, RESULT)


def answer(engine: Engine, say: Say, path: str | None, sentence: str) -> str:
    """A photo's path or None and a sentence or "" -> the answer as HTML."""
    image = None if path is None else inputs.read_image(path)
    result = engine.sentiment(image, inputs.clean_text(sentence) if sentence and sentence.strip() else None)
    sides = (
        ("sentiment.image", result.image_only, ""),
        ("sentiment.words", result.text_only, ""),
        ("sentiment.both", result.probabilities, " mm-together"),
    )
    cards = "".join(verdict(result.labels, say(name), p, look, say) for name, p, look in sides)
    why = f"<p>{escape(say('sentiment.why'))}</p>"
    return (
        headline(result, say)
        + doubted(result, sentence, say)
        + f'<div class="mm-verdicts">{cards}</div>'
        + note(result, say)
        + f'<details class="mm-details"><summary>{escape(say("details"))}</summary>{why}</details>'
    )


def doubted(result: SentimentResult, sentence: str, say: Say) -> str:
    """The quiet line on what was not read; signs and emoji alone carry a feeling that this head does read."""
    worded = result.understood is not None and any(c.isalpha() for c in sentence)
    known = ([sentence], [result.understood]) if worded else ([], [])
    return str(doubts(*known, 1.0 if result.familiar is None else result.familiar, say))


def headline(result: SentimentResult, say: Say) -> str:
    """The verdict in one line; it says so when one side decided alone."""
    key = "sentiment.verdict"
    if result.image_only is None:
        key = "sentiment.only_text"
    elif result.text_only is None:
        key = "sentiment.only_image"
    percent = say.percent(float(result.probabilities.max()))
    line = say(key, label=say(f"sentiment.{result.label}"), percent=percent)
    return f'<p class="mm-headline" role="status"><strong>{escape(line)}</strong></p>'


def verdict(labels: tuple[str, ...], name: str, probabilities: np.ndarray | None, look: str, say: Say) -> str:
    """One card: the winning label and a bar for each; a dashed one where that side was not given."""
    title = f"<h3>{escape(name)}</h3>"
    if probabilities is None:
        return (
            f'<section class="mm-card mm-absent">{title}<strong>–</strong>{escape(say("sentiment.missing"))}</section>'
        )
    best = int(probabilities.argmax())
    named = [
        (say(f"sentiment.{label}"), say.percent(float(p)), float(p))
        for label, p in zip(labels, probabilities, strict=True)
    ]
    bars = "".join(
        f'<div class="mm-measure"><span>{escape(label)}</span><b>{percent}</b>'
        f"{render.bar(share, f'{label} {percent}', strong=i == best)}</div>"
        for i, (label, percent, share) in enumerate(named)
    )
    spoken = say(
        "sentiment.card_alt", name=name, parts=say.joined([f"{label} {percent}" for label, percent, _ in named])
    )
    return (
        f'<section class="mm-card{look}" aria-label="{escape(spoken)}">{title}'
        f"<strong>{escape(named[best][0])}</strong>{bars}</section>"
    )


def note(result: SentimentResult, say: Say) -> str:
    """Whether the two sides agree, or which one is missing."""
    if result.image_only is None or result.text_only is None:
        key = "sentiment.no_image" if result.image_only is None else "sentiment.no_text"
        return f'<p class="mm-note">{escape(say(key))}</p>'
    if not result.note:
        return f'<p class="mm-note">{escape(say("sentiment.agree"))}</p>'
    image, text = (
        say(f"sentiment.{result.labels[int(side.argmax())]}") for side in (result.image_only, result.text_only)
    )
    said = say("sentiment.disagree", image=image, text=text)
    if {result.labels[int(side.argmax())] for side in (result.image_only, result.text_only)} == OPPOSITE:
        said = say.sentences(said, say("sentiment.irony"))
    return f'<p class="mm-note mm-warn">{escape(said)}</p>'
