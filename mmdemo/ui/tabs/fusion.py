"""Fusion: one photo, one sentence, every way of joining them; then one fusion closer, its knob, and its ancestors.

`build` makes the widgets and `wire` their events; `answer`, `closer`, `turned` and `timeline` ask the engine and let
`ui/bench/` draw. Read next: `../bench/strip.py`.
"""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr
from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.bench.dial import dial
from mmdemo.ui.bench.figures import figures
from mmdemo.ui.bench.history import history
from mmdemo.ui.bench.inside import formula, inside
from mmdemo.ui.bench.ledger import ledger
from mmdemo.ui.bench.strip import FEELING, MATCH, Answers, ensemble, fill, headline, strip
from mmdemo.ui.examples import Example, examples
from mmdemo.ui.gate import told
from mmdemo.ui.markup import script
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import (
    QUIET,
    ask,
    build_examples,
    build_html,
    build_photo,
    guard,
    notice,
    open_with,
    watch_photo,
)

RESULT, CLOSER, DIAL = "fusion-result", "fusion-closer", "fusion-dial"
SIDES = ("both", "image", "text")  # what is missing: nothing, the photo, the sentence
LEARNED = "learned"  # the fusion's own vector for a missing side; the engine calls it None
FIRST = "gated"  # the fusion looked at when the page opens
FEELINGS = ("negative", "neutral", "positive")
LATEX = [{"left": "$", "right": "$", "display": False}]
SHOW = """(name) => { for (const row of document.querySelectorAll('#fusion-result button.mm-fusion'))
    row.setAttribute('aria-pressed', String(row.dataset.fusion === name)); }"""


class Asked(NamedTuple):
    """What the strip answers; what stands in the fields may be newer.

    Args:
        path: the photo's file, None without one.
        sentence: as typed.
        missing: the side taken away, "both" = none.
        filled: what stands in for it.
    """

    path: str | None
    sentence: str | None
    missing: str = SIDES[0]
    filled: str = LEARNED


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes."""

    photo: gr.Image
    text: gr.Textbox
    side: gr.Radio
    imputation: gr.Dropdown
    button: gr.Button
    examples: gr.HTML
    shown: gr.HTML
    chosen: gr.Dropdown
    question: gr.Radio
    formula: gr.Markdown
    inside: gr.HTML
    ledger: gr.HTML
    alpha: gr.Slider
    dial: gr.HTML
    history: gr.HTML
    figures: gr.HTML


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("fusion", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "fusion-photo", choices[0].path, height=190)
            text = gr.Textbox(
                choices[0].text, label=say("fusion.text"), lines=1, max_lines=4, elem_id="fusion-text",
                placeholder=say("fusion.text_hint"),
            )  # fmt: skip
            side, imputation = build_missing(engine, say)
            button = gr.Button(say("fusion.button"), variant="primary", elem_id="fusion-button")
            row = build_examples(say, "fusion-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("fusion.lead"))}</h2>')
            shown = build_html(notice(say("waking")), RESULT, script("strip.js"), look="mm-answer")
    with gr.Tabs(elem_id="fusion-parts", overflow_behavior="wrap"):
        with gr.Tab(say("fusion.part_closer"), elem_id=CLOSER):
            near = build_closer(engine, say)
        with gr.Tab(say("fusion.part_dial")):
            build_html(f'<p class="mm-said">{escape(say("fusion.dial_lead"))}</p>')
            alpha = gr.Slider(0, 1, 0.5, step=0.01, label=say("fusion.alpha"), elem_id="fusion-alpha", buttons=[])
            dials = build_html("", DIAL, look="mm-answer")
        with gr.Tab(say("fusion.part_history")):
            systems = build_html("", "fusion-history", look="mm-answer")
        with gr.Tab(say("fusion.part_figures")):
            table = build_html("", "fusion-figures", look="mm-answer")
    inputs_ = (photo, text, side, imputation, button, row)
    wire(engine, say, choices, Widgets(*inputs_, shown, *near, alpha, dials, systems, table))


def build_missing(engine: Engine, say: Say) -> tuple[gr.Radio, gr.Dropdown]:
    """Which sides the fusions get, and what stands in for a missing one; the latter shows only when there is one."""
    names = [(say(f"fusion.side_{name}"), name) for name in SIDES]
    side = gr.Radio(names, value="both", label=say("fusion.side"), elem_id="fusion-side")
    fills = [(fill(name, say), name or LEARNED) for name in (None, *engine.imputations)]
    imputation = gr.Dropdown(
        fills, value=LEARNED, label=say("fusion.imputation"), elem_id="fusion-imputation", visible=False,
        filterable=False,
    )  # fmt: skip
    side.change(lambda missing: gr.update(visible=missing != "both"), side, imputation, **QUIET)
    return side, imputation


def build_closer(engine: Engine, say: Say) -> tuple[gr.Dropdown, gr.Radio, gr.Markdown, gr.HTML, gr.HTML]:
    """One fusion: which one, which of its answers, its formula, its data flow, and who said how much."""
    with gr.Row(elem_classes="mm-choice"):
        names = [(say(f"fusion.name_{name}"), name) for name in engine.fusions]
        chosen = gr.Dropdown(
            names,
            value=FIRST,
            label=say("fusion.chosen"),
            elem_id="fusion-chosen",
            filterable=False,
            scale=2,
            min_width=200,
        )
        answers = [(say("fusion.question_feeling"), f"{FEELING}:")]
        answers += [(say(f"sentiment.{label}"), f"{FEELING}:{label}") for label in FEELINGS]
        answers += [(say("fusion.question_match"), f"{MATCH}:match")]
        question = gr.Radio(
            answers,
            value=f"{FEELING}:",
            label=say("fusion.question"),
            elem_id="fusion-question",
            scale=5,
            min_width=320,
        )
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=5, min_width=300, elem_classes="mm-inputs"):
            books = build_html("", "fusion-ledger", look="mm-answer")
        with gr.Column(scale=6, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h3 class="mm-part">{escape(say("fusion.inside"))}</h3>')
            line = gr.Markdown(latex_delimiters=LATEX, elem_id="fusion-formula")
            flow = build_html("", "fusion-inside", look="mm-answer")
    return chosen, question, line, flow, books


def wire(engine: Engine, say: Say, choices: tuple[Example, ...], w: Widgets) -> None:
    """Asking draws the strip, then the chosen fusion, then what does not depend on it; each as soon as it is there."""
    last = watch_photo(say, w.photo)
    start = [Asked(one.path, one.text) for one in choices]
    kept, asked = [w.photo, w.text, w.side, w.imputation], gr.State(start[0])
    near, far = [w.formula, w.inside, w.ledger], [w.dial, w.history]
    closer_, survey_ = functools.partial(closer, engine, say), functools.partial(survey, engine, say)

    @functools.cache
    def first(index: int, name: str) -> str:
        return answer(engine, say, start[index], name)

    @functools.cache
    def opening() -> tuple[str, ...]:
        table = figures(engine.fusion_table(), say)
        return *survey_(start[0], 0.5), table, *closer_(start[0], FIRST, f"{FEELING}:")

    def picked(name: str, event: gr.EventData) -> tuple[str | Asked | None, ...]:
        one = start[index := told.picked(event, start)]
        return one.path, one.sentence, one.missing, one.path, first(index, name), one

    def answered(path: str | None, sentence: str, missing: str, filled: str, name: str) -> tuple[str, Asked]:
        now = Asked(path, sentence, missing, filled)
        return answer(engine, say, now, name), now

    def pressed(event: gr.EventData) -> str:
        return told.told(event, "fusion", str)

    for listen, function, source, target in (
        (w.button.click, answered, [*kept, w.chosen], [w.shown, asked]),
        (w.text.submit, answered, [*kept, w.chosen], [w.shown, asked]),
        (w.side.input, answered, [*kept, w.chosen], [w.shown, asked]),
        (w.imputation.input, answered, [*kept, w.chosen], [w.shown, asked]),
        (w.examples.click, picked, [w.chosen], [w.photo, w.text, w.side, last, w.shown, asked]),
    ):
        event = ask(say, listen, function, source, target, RESULT)
        event = ask(say, event.success, closer_, [asked, w.chosen, w.question], near, CLOSER)
        ask(say, event.success, survey_, [asked, w.alpha], far, CLOSER)
    w.shown.click(guard(say, pressed), None, w.chosen, **QUIET)
    w.chosen.change(None, w.chosen, None, js=SHOW, **QUIET)
    for listen in (w.chosen.change, w.question.input):
        ask(say, listen, closer_, [asked, w.chosen, w.question], near, CLOSER)
    ask(say, w.alpha.change, functools.partial(turned, engine, say), [asked, w.alpha], w.dial, DIAL)
    open_with(say, lambda: first(0, FIRST), w.shown, RESULT)
    open_with(say, opening, [*far, w.figures, *near], CLOSER)


def answer(engine: Engine, say: Say, asked: Asked, chosen: str) -> str:
    """A question and the marked row -> the strip as HTML."""
    image, text = read(asked)
    kept, imputation = _kept(image, text, asked)
    now = _ask_all(engine, *kept, imputation)
    full = None if kept == (image, text) else _ask_all(engine, image, text, None)
    alone = {
        "image": None if image is None else ensemble(engine.compare(image, None, FEELING)),
        "text": None if text is None else ensemble(engine.compare(None, text, FEELING)),
    }
    note = ""
    if None in kept:
        gone = "fusion.missing_image" if kept[0] is None else "fusion.missing_text"
        note = f'<p class="mm-note mm-warn">{escape(say(gone, fill=fill(imputation, say)))}</p>'
    rows = strip(now, full, alone, chosen, say)
    return headline(now, say) + note + rows + details(say, "fusion.why_bars", "fusion.why_alone")


def closer(engine: Engine, say: Say, asked: Asked, chosen: str, question: str) -> tuple[str, str, str]:
    """One fusion's formula (Markdown), data flow and ledger; `question` is "task:label", "task:" = the likeliest."""
    image, text = read(asked)
    kept, imputation = _kept(image, text, asked)
    task, _, label = question.partition(":")
    trace = engine.trace(*kept, chosen, task, imputation=imputation)
    idea = say(f"fusion.idea_{chosen}")
    if image is None or text is None:
        books = f'<p class="mm-note">{escape(say("fusion.needs_both"))}</p>'
    else:
        books = ledger(engine.ledger(image, text, chosen, task, label or None), say)
        if None in kept:
            books += f'<p class="mm-note">{escape(say("fusion.ledger_whole"))}</p>'
        books += details(say, "fusion.why_ledger")
    return f"{idea}\n\n{formula(trace)}", inside(trace, task, imputation, say), books


def survey(engine: Engine, say: Say, asked: Asked, alpha: float) -> tuple[str, str]:
    """What does not depend on the chosen fusion: the dial and the time machine."""
    image, text = read(asked)
    return turned(engine, say, asked, alpha), history(engine.timeline(image, text), say)


def turned(engine: Engine, say: Say, asked: Asked, alpha: float) -> str:
    """Both questions' dials at an alpha in [0, 1]."""
    image, text = read(asked)
    drawn = (
        dial(task, engine.alpha_curve(task), engine.trace(image, text, "weighted_sum", task, alpha=float(alpha)), say)
        for task in (MATCH, FEELING)
    )
    return f'<div class="mm-dials">{"".join(drawn)}</div>'


def read(asked: Asked) -> tuple[Image.Image | None, str | None]:
    """The photo and the sentence, clean; None for what is empty."""
    image = None if asked.path is None else inputs.read_image(asked.path)
    return image, inputs.clean_text(asked.sentence) if asked.sentence and asked.sentence.strip() else None


def details(say: Say, *keys: str) -> str:
    """Folded sentences."""
    text = "".join(f"<p>{escape(say(key))}</p>" for key in keys)
    return f'<details class="mm-details"><summary>{escape(say("details"))}</summary>{text}</details>'


def _kept(
    image: Image.Image | None, text: str | None, asked: Asked
) -> tuple[tuple[Image.Image | None, str | None], str | None]:
    kept = (None if asked.missing == "image" else image, None if asked.missing == "text" else text)
    return kept, None if asked.filled == LEARNED else asked.filled


def _ask_all(engine: Engine, image: Image.Image | None, text: str | None, imputation: str | None) -> Answers:
    match, feeling = (engine.compare(image, text, task, imputation) for task in (MATCH, FEELING))
    return Answers(match, feeling)
