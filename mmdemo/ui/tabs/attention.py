"""Attention: the sentence as words to click, the photo with the map of each, and the map's own test.

`build` makes the widgets, `wire` (in `../explain_view/events.py`) their events; everything here is drawn by
`../explain_view/`. Read next: `../explain_view/events.py`.
"""

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.ui.examples import examples
from mmdemo.ui.explain_view.events import FIGURE, Widgets, wire
from mmdemo.ui.explain_view.figure import method_name, tools
from mmdemo.ui.explain_view.pad import FIRST_BOX
from mmdemo.ui.explain_view.question import HEADS, LABELS, model_name
from mmdemo.ui.markup import script
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_examples, build_html, build_photo, notice


def build(engine: Engine, say: Say) -> None:
    """The tab's widgets and events; its first example is asked for when the page loads."""
    choices = examples("attention", say)
    with gr.Row(elem_classes="mm-columns"):
        with gr.Column(scale=4, min_width=300, elem_classes="mm-inputs"):
            photo = build_photo(say, "attention-photo", choices[0].path, height=190)
            text = gr.Textbox(
                choices[0].text, label=say("attention.text"), lines=1, max_lines=4, elem_id="attention-text",
                placeholder=say("attention.text_hint"),
            )  # fmt: skip
            method = gr.Dropdown(
                [(method_name(name, say), name) for name in engine.all_methods],
                value=engine.default_method(HEADS[0]), label=say("attention.method"), elem_id="attention-method",
                filterable=False,
            )  # fmt: skip
            asked = build_asked(engine, say)
            button = gr.Button(say("attention.button"), variant="primary", elem_id="attention-button")
            row = build_examples(say, "attention-examples", choices)
        with gr.Column(scale=7, min_width=300, elem_classes="mm-inputs"):
            build_html(f'<h2 class="mm-lead">{escape(say("attention.lead"))}</h2>')
            words = build_html("", "attention-words", script("words.js"))
            with gr.Row(elem_classes="mm-looked"):
                with gr.Column(scale=5, min_width=280, elem_classes="mm-inputs"):
                    shown = build_html(notice(say("waking")), FIGURE, script("figure.js"), css_class="mm-answer")
                with gr.Column(scale=3, min_width=200, elem_classes="mm-inputs"):
                    test = build_html("", "attention-test", script("seen.js"))
                    looked = build_html("", "attention-looked")
                    build_html(tools(say), "attention-tools", script("tools.js"))
                    hint = build_html("", "attention-hint")
    parts = build_parts(say)
    fields = (photo, text, method, *asked, button, row, words, shown, test, looked, hint)
    wire(engine, say, choices, Widgets(*fields, *parts))


def build_asked(engine: Engine, say: Say) -> tuple[gr.Dropdown, gr.Dropdown, gr.Dropdown, gr.Textbox]:
    """Folded: which model, which number of its answer, and rather than what."""
    models = [*HEADS, *(name for name in engine.explained_models() if name not in HEADS)]
    with gr.Accordion(say("attention.more"), open=False, elem_id="attention-more"):
        model = gr.Dropdown(
            [(model_name(name, say), name) for name in models], value=HEADS[0], label=say("attention.model"),
            elem_id="attention-model", filterable=False,
        )  # fmt: skip
        target = gr.Dropdown(
            [(say("attention.target_own"), "")], value="", label=say("attention.target"), elem_id="attention-target",
            filterable=False,
        )  # fmt: skip
        rivals = [(say("attention.rival_none"), ""), *((say(f"sentiment.{name}"), name) for name in LABELS)]
        rival = gr.Dropdown(
            rivals, value="", label=say("attention.rival"), elem_id="attention-rival", filterable=False, visible=False
        )
        rival_text = gr.Textbox("", label=say("attention.rival_text"), elem_id="attention-rival-text", max_lines=3)
    return model, target, rival, rival_text


def build_parts(say: Say) -> tuple[object, ...]:
    """What stands below, one tab each: curves and sanity, methods side by side, heads, box and eraser."""
    with gr.Tabs(elem_id="attention-parts", overflow_behavior="wrap"):
        with gr.Tab(say("attention.part_test"), id="test") as tab_test:
            curves = build_html("", "attention-curves", css_class="mm-answer")
            sanity_button = gr.Button(say("attention.sanity"), elem_id="attention-sanity-button", size="sm")
            sanity = build_html("", "attention-sanity", css_class="mm-answer")
        with gr.Tab(say("attention.part_methods"), id="methods") as tab_methods:
            sides = build_html("", "attention-sides", script("tiles.js"), css_class="mm-answer")
        with gr.Tab(say("attention.part_heads"), id="heads") as tab_heads:
            heads = build_html("", "attention-heads", script("tiles.js"), css_class="mm-answer")
        with gr.Tab(say("attention.part_box"), id="box") as tab_box, gr.Row(elem_classes="mm-columns"):
            with gr.Column(scale=5, min_width=300, elem_classes="mm-inputs"):
                pad = build_html("", "attention-pad", script("pad.js"), css_class="mm-answer")
                corners = build_corners(say)
                box = build_html("", "attention-box", css_class="mm-answer")
            with gr.Column(scale=6, min_width=300, elem_classes="mm-inputs"):
                build_html(f'<h3 class="mm-part">{escape(say("attention.erase_lead"))}</h3>')
                with gr.Row():
                    bright = gr.Button(say("attention.erase_bright"), elem_id="attention-erase-bright", size="sm")
                    erase = gr.Button(say("attention.erase_box"), elem_id="attention-erase-box", size="sm")
                drop = gr.Dropdown(
                    [(say("attention.erase_word_none"), -1)], value=-1, label=say("attention.erase_word"),
                    elem_id="attention-drop", filterable=False,
                )  # fmt: skip
                erased = build_html("", "attention-erased", css_class="mm-answer")
    tabs = (tab_test, tab_methods, tab_heads, tab_box)
    return tabs, curves, sanity_button, sanity, sides, heads, pad, corners, box, bright, erase, drop, erased


def build_corners(say: Say) -> tuple[gr.Number, ...]:
    """The box by keyboard: four numbers, folded."""
    with gr.Accordion(say("attention.box_fields"), open=False, elem_id="attention-corners"), gr.Row():
        return tuple(
            gr.Number(
                value, label=say(f"attention.box_{side}"), minimum=0, maximum=100, precision=0, min_width=70,
                elem_id=f"attention-box-{side}",
            )
            for side, value in zip(("left", "top", "right", "bottom"), FIRST_BOX, strict=True)
        )  # fmt: skip
