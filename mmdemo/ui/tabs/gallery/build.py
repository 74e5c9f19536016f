"""The Gallery tab's widgets. Read next: `kept.py`, `events.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo.inputs.archives import MAX_PHOTOS, MAX_ZIP_BYTES
from mmdemo.ui.markup import part, render, script
from mmdemo.ui.pair import Pair
from mmdemo.ui.tabs.gallery.captions import MOST_BYTES
from mmdemo.ui.tabs.gallery.events import RESULT, Widgets, wire
from mmdemo.ui.tabs.gallery.search import BY
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_html, build_lead, notice

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events."""
    build_lead(say("gallery.lead"))
    limits = {"most": MAX_PHOTOS, "size": MAX_ZIP_BYTES // 10**6}
    pick = build_html(render("gallery/pick.html", say=say, **limits), "gallery-pick", script("gallery.js"))
    progress = build_html("", "gallery-progress", script("gallery_hits.js"), css_class="mm-answer")
    status = build_html("", "gallery-status", css_class="mm-answer")
    examples = gr.Button(say("gallery.examples"), elem_id="gallery-examples", size="sm")
    with gr.Row(elem_id="gallery-query"):
        by = gr.Radio(
            [(say(f"gallery.by_{one}"), one) for one in BY], value=BY[0], label=say("gallery.by"), elem_id="gallery-by",
            min_width=260,
        )  # fmt: skip
        without = gr.Textbox(
            "", label=say("gallery.without"), placeholder=say("gallery.without_hint"), lines=1, max_lines=2,
            elem_id="gallery-without", min_width=220,
        )  # fmt: skip
    shown = build_html(notice(say("waking")), RESULT, script("gallery_hits.js"), css_class="mm-answer")
    more = build_html("", "gallery-more", css_class="mm-answer")
    with gr.Accordion(say("gallery.captions"), open=False, elem_id="gallery-captions"):
        build_html(part("soft", say("gallery.captions_lead")))
        lines = gr.Textbox(
            "", label=say("gallery.lines"), placeholder=say("gallery.lines_hint"), lines=3, max_lines=8,
            elem_id="gallery-lines",
        )  # fmt: skip
        button = gr.Button(say("gallery.lines_button"), elem_id="gallery-lines-button", size="sm")
        sheet = build_html(
            render("gallery/sheet.html", say=say, most=MOST_BYTES), "gallery-sheet", script("gallery_sheet.js")
        )
        captions = build_html("", "gallery-found", css_class="mm-answer")
        close = gr.Checkbox(False, label=say("gallery.close"), elem_id="gallery-close")
        flat = build_html("", "gallery-map", css_class="mm-answer")
    given = pick, progress, status, examples, by, without, shown, more, lines, button, sheet, captions, close, flat
    wire(engine, say, pair, Widgets(*given))
