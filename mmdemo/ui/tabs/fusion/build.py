"""The Fusion tab's widgets. Read next: `events.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.types import FEELINGS
from mmdemo.ui.markup import part, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.tabs.fusion.events import CLOSER, DIAL, FIRST, LEARNED, RESULT, Widgets, wire
from mmdemo.ui.tabs.fusion.strip import FEELING, MATCH
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, build_html, build_lead, notice

if TYPE_CHECKING:
    from mmdemo.engine import Engine

SIDES = ("both", "image", "text")  # what is missing: nothing, the photo, the sentence
LATEX = [{"left": "$", "right": "$", "display": False}]


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events."""
    build_lead(say("fusion.lead"))
    with gr.Row(elem_classes="mm-choice"):
        sides = [(say(f"fusion.side_{name}"), name) for name in SIDES]
        missing = gr.Radio(sides, value="both", label=say("fusion.side"), elem_id="fusion-side", min_width=300)
        fills = [(say(f"fusion.fill_{name}"), name) for name in (LEARNED, *engine.imputations)]
        imputation = gr.Dropdown(
            fills, value=LEARNED, label=say("fusion.imputation"), elem_id="fusion-imputation", visible=False,
            filterable=False,
        )  # fmt: skip
    missing.change(lambda side: gr.update(visible=side != "both"), missing, imputation, queue=False, **QUIET)
    strip = build_html(notice(say("waking")), RESULT, script("strip.js"), css_class="mm-answer")
    with gr.Tabs(elem_id="fusion-parts", overflow_behavior="wrap"):
        with gr.Tab(say("fusion.part_closer"), elem_id=CLOSER):
            closer = build_closer(engine, say)
        with gr.Tab(say("fusion.part_dial")):
            build_html(part("said", say("fusion.dial_lead")))
            alpha = gr.Slider(0, 1, 0.5, step=0.01, label=say("fusion.alpha"), elem_id="fusion-alpha", buttons=[])
            dial = build_html("", DIAL, css_class="mm-answer")
        with gr.Tab(say("fusion.part_history")):
            history = build_html("", "fusion-history", css_class="mm-answer")
        with gr.Tab(say("fusion.part_figures")):
            figures = build_html("", "fusion-figures", css_class="mm-answer")
    widgets = Widgets(
        missing=missing, imputation=imputation, strip=strip, alpha=alpha, dial=dial, history=history, figures=figures,
        **closer,
    )  # fmt: skip
    wire(engine, say, pair, widgets)


def build_closer(engine: "Engine", say: Say) -> dict[str, gr.components.Component]:
    """One fusion: which one, which of its answers, who said how much, its formula, its data flow."""
    with gr.Row(elem_classes="mm-choice"):
        names = [(say(f"fusion.name_{name}"), name) for name in engine.fusions]
        chosen = gr.Dropdown(
            names, value=FIRST, label=say("fusion.chosen"), elem_id="fusion-chosen", filterable=False, scale=2,
            min_width=180,
        )  # fmt: skip
        answers = [(say("fusion.question_feeling"), f"{FEELING}:")]
        answers += [(say(f"sentiment.{label}"), f"{FEELING}:{label}") for label in FEELINGS]
        answers += [(say("fusion.question_match"), f"{MATCH}:match")]
        question = gr.Radio(
            answers, value=f"{FEELING}:", label=say("fusion.question"), elem_id="fusion-question", scale=5,
            min_width=300,
        )  # fmt: skip
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=5, min_width=300, elem_classes="mm-inputs"):
            values = build_html("", "fusion-ledger", css_class="mm-answer")
        with gr.Column(scale=6, min_width=300, elem_classes="mm-inputs"):
            build_html(part("heading", say("fusion.inside")))
            formula = gr.Markdown(latex_delimiters=LATEX, elem_id="fusion-formula")
            inside = build_html("", "fusion-inside", css_class="mm-answer")
    return {
        "chosen": chosen, "question": question, "shapley_values": values, "formula": formula, "inside": inside,
    }  # fmt: skip
