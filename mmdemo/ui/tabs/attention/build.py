"""The Attention tab's widgets. Read next: `events.py`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.engine.titles import hub_title
from mmdemo.types import FEELINGS
from mmdemo.ui.markup import render, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.stale import StaleGuard
from mmdemo.ui.tabs.attention.answers import running
from mmdemo.ui.tabs.attention.box import FIRST_BOX, SIDES
from mmdemo.ui.tabs.attention.events import BOX, FIGURE, OCCLUDED, PARTS, Widgets, wire
from mmdemo.ui.tabs.attention.question import ASKED, HEADS
from mmdemo.ui.tabs.attention.sentences import method_name, model_name
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_html, build_lead, notice

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events."""
    w = Widgets()
    w.question = gr.State(None)  # the `Question` on the screen; before the first answer there is none
    w.guard = gr.State(StaleGuard(after=StaleGuard()))  # of the map; its test comes after it
    w.marked = gr.State("")  # path of the photo that the box was drawn on
    build_lead(say("attention.lead"))
    build_fields(engine, say, w)
    build_map(say, w)
    build_parts(say, w)
    wire(engine, say, pair, w)


def build_fields(engine: "Engine", say: Say, w: Widgets) -> None:
    """What is asked; folded: which model, which number of its answer, and rather than what.

    No model is touched yet: the first answer brings the methods and the targets that fit.
    """
    best = engine.default_method(HEADS[0])
    ours = (name for name in engine.explained_models() if not hub_title(name) and name != ASKED)
    models = dict.fromkeys((*HEADS, *ours))  # one of the Hub is explained where it is picked as the page's model
    feelings = [(say(f"sentiment.{name}"), name) for name in FEELINGS]
    with gr.Accordion(say("attention.more"), open=False, elem_id="attention-more"):
        with gr.Row():
            w.model = build_choice(say, "model", [(model_name(name, say), name) for name in models])
            w.method = build_choice(say, "method", [(method_name(best, say), best)])
        with gr.Row():
            w.target = build_choice(say, "target", [(say("attention.target_own"), "")])
            w.rival = build_choice(say, "rival", [(say("attention.rival_none"), ""), *feelings], visible=False)
            w.rival_text = gr.Textbox(
                "", label=say("attention.rival_text"), elem_id="attention-rival-text", max_lines=3, min_width=200
            )  # fmt: skip


def build_choice(say: Say, name: str, choices: Sequence[tuple[str, str]], *, visible: bool = True) -> gr.Dropdown:
    """One dropdown, its first choice taken."""
    return gr.Dropdown(
        choices, value=choices[0][1], label=say(f"attention.{name}"), elem_id=f"attention-{name}", filterable=False,
        visible=visible, min_width=200,
    )  # fmt: skip


def build_map(say: Say, w: Widgets) -> None:
    """The words, the map, and beside it the badge of its test, the words of a place, tools and a hint."""
    w.words = build_html("", "attention-words", script("words.js"))
    with gr.Row(elem_classes="mm-looked"):
        with gr.Column(scale=5, min_width=280, elem_classes="mm-inputs"):
            w.running_map = build_running("map", say)
            w.shown = build_html(notice(say("waking")), FIGURE, script("figure.js"), css_class="mm-answer")
        with gr.Column(scale=3, min_width=200, elem_classes="mm-inputs"):
            w.test = build_html("", "attention-test", script("seen.js"))
            w.words_at = build_html("", "attention-looked")
            build_html(render("attention/tools.html", say=say), "attention-tools", script("tools.js"))
            w.hint = build_html("", "attention-hint")


def build_running(place: str, say: Say) -> gr.HTML:
    """What says in words that a place is at work, with a button to stop it."""
    return build_html(running(place, say), f"attention-running-{place}", script("running.js"))


def build_parts(say: Say, w: Widgets) -> None:
    """What stands below, one tab each: curves and sanity, methods side by side, heads, box and eraser."""
    w.tabs = {}
    w.running_parts = build_running("parts", say)
    with gr.Tabs(elem_id=PARTS, overflow_behavior="wrap"):
        with gr.Tab(say("attention.part_test"), id="test") as w.tabs["test"]:
            w.curves = build_html("", "attention-curves", css_class="mm-answer")
            w.sanity_button = gr.Button(say("attention.sanity"), elem_id="attention-sanity-button", size="sm")
            w.running_sanity = build_running("sanity", say)
            w.sanity = build_html("", "attention-sanity", css_class="mm-answer")
        with gr.Tab(say("attention.part_methods"), id="methods") as w.tabs["methods"]:
            w.methods = build_html("", "attention-sides", script("tiles.js"), css_class="mm-answer")
        with gr.Tab(say("attention.part_heads"), id="heads") as w.tabs["heads"]:
            w.heads = build_html("", "attention-heads", script("tiles.js"), css_class="mm-answer")
        with gr.Tab(say("attention.part_box"), id="box") as w.tabs["box"], gr.Row(elem_classes="mm-columns"):
            with gr.Column(scale=5, min_width=300, elem_classes="mm-inputs"):
                build_box(say, w)
            with gr.Column(scale=6, min_width=300, elem_classes="mm-inputs"):
                build_eraser(say, w)


def build_box(say: Say, w: Widgets) -> None:
    """The box, by hand or, folded, by keyboard: four numbers."""
    w.pad = build_html("", "attention-pad", script("pad.js"), css_class="mm-answer")
    with gr.Accordion(say("attention.box_fields"), open=False, elem_id="attention-corners"), gr.Row():
        w.left, w.top, w.right, w.bottom = (
            gr.Number(
                value, label=say(f"attention.box_{side}"), minimum=0, maximum=100, precision=0, min_width=70,
                elem_id=f"attention-box-{side}",
            )
            for side, value in zip(SIDES, FIRST_BOX, strict=True)
        )  # fmt: skip
    w.box = build_html("", BOX, css_class="mm-answer")


def build_eraser(say: Say, w: Widgets) -> None:
    """Three things to take away, and what is answered then."""
    build_html(render("attention/eraser.html", say=say))
    with gr.Row():
        w.blur_brightest = gr.Button(say("attention.erase_bright"), elem_id="attention-erase-bright", size="sm")
        w.blur_box = gr.Button(say("attention.erase_box"), elem_id="attention-erase-box", size="sm")
    w.drop = gr.Dropdown(
        [(say("attention.erase_word_none"), -1)], value=-1, label=say("attention.erase_word"), elem_id="attention-drop",
        filterable=False,
    )  # fmt: skip
    w.occluded = build_html("", OCCLUDED, css_class="mm-answer")
