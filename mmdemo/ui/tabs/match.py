"""Match: one photo, several texts; how well each fits, as a cosine, a probability, and a place among other pairs.

`build` makes the widgets; `answer` and the functions below it turn an engine's result into what is shown.
Read next: `../render.py`.
"""

import functools

import gradio as gr
import numpy as np

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import MatchBackground, MatchingResult
from mmdemo.ui import render
from mmdemo.ui.doubts import doubts
from mmdemo.ui.examples import examples
from mmdemo.ui.gate import told
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_answer, build_examples, build_html, build_photo, open_with, watch_photo

RESULT = "match-result"
FITS = 0.5


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("match", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "match-photo", choices[0].path)
            texts = gr.Textbox(
                choices[0].text, label=say("match.texts"), lines=3, max_lines=8, elem_id="match-texts",
                placeholder=say("match.texts_hint"),
            )  # fmt: skip
            button = gr.Button(say("match.button"), variant="primary", elem_id="match-button")
            row = build_examples(say, "match-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("match.lead"))}</h2>')
            shown = build_answer(say, RESULT)
    last = watch_photo(say, photo)
    first = functools.cache(lambda index: answer(engine, say, choices[index].path, choices[index].text))

    def asked(path: str | None, lines: str) -> str:
        return answer(engine, say, path, lines)

    def picked(event: gr.EventData) -> tuple[str, str, str, str]:
        index = told.picked(event, choices)
        chosen = choices[index]
        return chosen.path, chosen.text, chosen.path, first(index)

    ask(say, button.click, asked, [photo, texts], shown, RESULT)
    ask(say, texts.submit, asked, [photo, texts], shown, RESULT)
    ask(say, row.click, picked, [], [photo, texts, last, shown], RESULT)
    open_with(say, lambda: first(0), shown, RESULT)


def answer(engine: Engine, say: Say, path: str | None, lines: str) -> str:
    """A photo's path and lines of text -> the answer as HTML."""
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(lines)
    result = engine.match(image, texts)
    note = ""
    if dropped:
        note = f'<p class="mm-note mm-warn">{escape(say("given", kept=len(texts), dropped=dropped))}</p>'
    return (
        headline(result, say)
        + doubts(result.texts, result.understood, result.familiar, say)
        + note
        + ranking(result, say)
        + chart(result, engine.background, say)
        + details(result, engine.background, say)
    )


def order(result: MatchingResult) -> list[int]:
    """Indices of the texts, the best fit first; equals stay in the order given."""
    return [int(i) for i in np.argsort(-result.similarity, kind="stable")]


def headline(result: MatchingResult, say: Say) -> str:
    """The answer in one line."""
    best = order(result)[0]
    if result.probability.max() < FITS:
        label, strong = say("match.none_hint"), say("match.none")
    else:
        label = say("match.best") if len(result.texts) > 1 else say("match.one_fits")
        strong = say("quote", text=result.texts[best])
    head = f'<p class="mm-headline" role="status"><small>{escape(label)}</small>'
    return f'{head}<strong dir="auto">{escape(strong)}</strong></p>'


def ranking(result: MatchingResult, say: Say) -> str:
    """Every text with its two bars and its percentile, best first; the numbers are those of the chart's marks."""
    rows = "".join(_row(result, i, place, say) for place, i in enumerate(order(result)))
    tall = ' mm-many" tabindex="0' if len(result.texts) > 5 else ""
    return f'<div class="mm-card{tall}">{rows}</div>'


def _row(result: MatchingResult, i: int, place: int, say: Say) -> str:
    probability = float(result.probability[i])
    values = {
        say("match.probability"): (say.percent(probability), functools.partial(render.bar, strong=probability >= FITS)),
        say("match.cosine"): (render.number(result.similarity[i]), render.cosine_bar),
    }
    numbers = (probability, float(result.similarity[i]))
    measures = "".join(
        f'<div class="mm-measure"><span>{escape(name)}</span>'
        f"{draw(value, say('match.bar_alt', name=name, value=shown))}<b>{shown}</b></div>"
        for (name, (shown, draw)), value in zip(values.items(), numbers, strict=True)
    )
    notes = [say("match.percentile", percent=say.percentile(float(result.percentile[i])))]
    if result.cut_tokens[i]:
        notes.append(say("match.cut", n=result.cut_tokens[i]))
    first = " mm-first" if place == 0 and probability >= FITS else ""
    return (
        f'<div class="mm-text{first}"><b>{place + 1}</b><div><p dir="auto">{escape(result.texts[i])}</p>'
        f'<div class="mm-pair">{measures}</div><div class="mm-soft">{escape(" · ".join(notes))}</div></div></div>'
    )


def chart(result: MatchingResult, background: MatchBackground, say: Say) -> str:
    """The pairs' places between unmatched and matched pairs of the validation set."""
    marks = [float(result.similarity[i]) for i in order(result)]
    middle = (background.edges[:-1] + background.edges[1:]) / 2
    label = say(
        "match.chart_alt",
        unmatched=render.number(float((middle * background.unmatched).sum())),
        matched=render.number(float((middle * background.matched).sum())),
        marks=" ".join(say("match.mark_alt", n=n + 1, cosine=render.number(m)) for n, m in enumerate(marks[:10])),
    )
    keys = f'<span class="mm-key">{escape(say("match.unmatched"))}</span>'
    keys += f'<span class="mm-key mm-on">{escape(say("match.matched"))}</span>'
    head = f"<header><b>{escape(say('match.place'))}</b><span>{keys}</span></header>"
    axis = f'<span class="mm-soft mm-axis-name">{escape(say("match.axis"))}</span>'
    return f'<div class="mm-chart">{head}{render.histogram(background, marks, label)}{axis}</div>'


def details(result: MatchingResult, background: MatchBackground, say: Say) -> str:
    """Folded: all numbers as a table, and what they mean."""
    names = [say("match.column_text"), say("match.cosine"), say("match.probability"), say("match.column_percentile")]
    columns = [
        result.texts,
        [f"{v:.3f}".replace("-", "\u2212") for v in result.similarity],
        [say.percent(v, 1) for v in result.probability],
        [say.percentile(float(v)) for v in result.percentile],
    ]
    why = [say("match.why_cosine"), say("match.why_probability")]
    if result.share is not None:
        names.append(say("match.column_share"))
        columns.append([say.percent(v, 1) for v in result.share])
        why.append(say("match.why_share"))
    why.append(say("match.source", source=background.source))
    rows = [[column[i] for column in columns] for i in order(result)]
    text = "".join(f"<p>{escape(line)}</p>" for line in why)
    return (
        f'<details class="mm-details"><summary>{escape(say("details"))}</summary>'
        f"{render.table(names, rows, numeric=range(1, len(names)))}{text}</details>"
    )
