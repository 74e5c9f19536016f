"""The whole page: two languages, eight tabs, nine endpoints, one engine. Read next: `tabs/match/`, `start.py`."""

from typing import TYPE_CHECKING

import gradio as gr
from gradio.context import Context
from gradio.utils import get_upload_folder

from mmdemo.ui import visit
from mmdemo.ui.api import build_api
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.folder import KEEP_SECONDS, Folder
from mmdemo.ui.hub.downloads import Downloads
from mmdemo.ui.markup import part, render, script
from mmdemo.ui.pair import Pair, build_pair
from mmdemo.ui.tabs import about, attention, autoencoder, caption, fusion, gallery, match, question, sentiment
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import MODEL, build_html

if TYPE_CHECKING:
    from mmdemo.engine import Engine

PAGES = {"/": Say("en"), "/zh": Say("zh")}
TABS = {
    "match": match,
    "sentiment": sentiment,
    "fusion": fusion,
    "autoencoder": autoencoder,
    "caption": caption,
    "question": question,
    "gallery": gallery,
    "attention": attention,
}
# The device answers a question in a tenth of a second to two seconds: 64 waiting ones are a minute.
# Whoever would wait longer is told so at once, and the page asks again by itself.
QUEUE = 64


def build_page(engine: "Engine") -> Page:
    """Both pages and the endpoints, not yet served. The engine's models are not touched here."""
    english, folder, downloads = PAGES["/"], Folder(get_upload_folder()), Downloads(engine)
    options = {"analytics_enabled": False, "delete_cache": (KEEP_SECONDS, KEEP_SECONDS), "fill_width": True}
    with Page(folder, PAGES, title=english("page.title"), **options) as demo:
        build_tabs(engine, english, downloads, "zh")
        build_api(engine, english)
    with demo.route("中文", "/zh", show_in_navbar=False):
        build_tabs(engine, PAGES["/zh"], downloads, "./")
    for fn in demo.fns.values():
        if fn.concurrency_id == MODEL["concurrency_id"]:
            fn.concurrency_limit = engine.at_once()
    return demo.queue(api_open=False, max_size=QUEUE, default_concurrency_limit=4)


def build_tabs(engine: "Engine", say: Say, downloads: Downloads, other: str) -> None:
    """One language's page: the pair on the left, tabs about it on the right; `other` is the other page's address."""
    language = "en" if say.language == "zh" else "zh-CN"  # of the other page
    build_html(render("header.html", say=say, other=other, language=language))
    strip = build_html("", "chain", script("doors.js"), css_class="mm-answer")
    with gr.Row(elem_classes="mm-columns mm-page"):
        with gr.Column(scale=4, min_width=280, elem_classes="mm-inputs", elem_id="pair"):
            pair = build_pair(engine, say, downloads, strip)
            build_html(render("visited.html", say=say), "visited")
        with gr.Column(scale=11, min_width=300, elem_id="answers"), gr.Tabs(overflow_behavior="wrap", elem_id="tabs"):
            tabs = {name: build_tab(engine, say, pair, name) for name in TABS}
            with gr.Tab(say("about.tab"), id="about", elem_id="about-tab") as tabs["about"]:
                about.build(engine, say, tabs["about"])
    visit.wire(Context.root_block, pair, tabs)


def build_tab(engine: "Engine", say: Say, pair: Pair, name: str) -> gr.Tab:
    """One tab about the pair, with the line that says when its answer is an old one."""
    with gr.Tab(say(f"{name}.tab"), id=name, elem_id=f"{name}-tab") as tab:
        build_html(render("old.html", say=say), css_class="mm-old-note", program=script("old.js"))
        note = build_html("", css_class="mm-hub-only")
        TABS[name].build(engine, say, pair)
        task = pair.readers.get(name)
        note.value = part("soft", say("hub.other" if task else "hub.heads", tab=say(f"{name}.tab")))
        note.elem_classes += [f"mm-hub-not-{task}"] if task else []
        build_html(render("pin.html", say=say))
    return tab
