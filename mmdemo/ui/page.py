"""The whole page: two languages, four tabs, three endpoints, one engine; and how it is served.

Read next: `tabs/match.py`.
"""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mmdemo.engine import Engine
from mmdemo.ui import theme
from mmdemo.ui.api import build_api
from mmdemo.ui.render import escape
from mmdemo.ui.server import CleanServer
from mmdemo.ui.tabs import about, attention, autoencoder, fusion, match, sentiment
from mmdemo.ui.text import HTML_LANGUAGE, Say
from mmdemo.ui.widgets import build_html, thumbnails

PAGES = {"/": Say("en"), "/zh": Say("zh")}
TABS = {
    "match": match,
    "sentiment": sentiment,
    "fusion": fusion,
    "autoencoder": autoencoder,
    "attention": attention,
}
KEEP_SECONDS = 3600  # an upload lives this long
QUEUE = 64
MAX_UPLOAD = "40mb"  # gradio's own stop; `inputs` has the lower one, with a sentence


def build_page(engine: Engine) -> gr.Blocks:
    """Both pages and the endpoints, not yet served. The engine's models are not touched here."""
    english = PAGES["/"]
    with gr.Blocks(
        title=english("page.title"), analytics_enabled=False, delete_cache=(KEEP_SECONDS, KEEP_SECONDS), fill_width=True
    ) as demo:
        build_tabs(engine, english, "zh")
        build_api(engine, english)
    with demo.route("中文", "/zh", show_in_navbar=False):
        build_tabs(engine, PAGES["/zh"], "./")
    return demo.queue(api_open=False, max_size=QUEUE, default_concurrency_limit=4)


def build_tabs(engine: Engine, say: Say, other: str) -> None:
    """One language's page; `other` is the address of the other one."""
    build_html(head(say, other))
    with gr.Tabs(overflow_behavior="wrap", elem_id="tabs"):
        for name, tab in TABS.items():
            with gr.Tab(say(f"{name}.tab"), id=name, elem_id=f"{name}-tab"):
                tab.build(engine, say)
        with gr.Tab(say("about.tab"), id="about", elem_id="about-tab") as tab:
            about.build(engine, say, tab)


def head(say: Say, other: str) -> str:
    """Name, purpose, and the way to the other language."""
    language = "en" if say.language == "zh" else "zh-CN"
    link = f'<a href="{other}" lang="{language}" hreflang="{language}">{escape(say("page.other"))}</a>'
    return (
        f'<header class="mm-head"><h1>{escape(say("page.name"))}</h1><p>{escape(say("page.purpose"))}</p>'
        f'<nav aria-label="{escape(say("page.language"))}">{link}</nav></header>'
    )


def launch(demo: gr.Blocks, **options: Any) -> tuple[Any, str, str]:
    """Serve the page; host and port from GRADIO_SERVER_NAME and GRADIO_SERVER_PORT as gradio reads them."""
    settings = {
        "theme": theme.build_theme(),
        "css_paths": theme.CSS_FILES,
        "css": thumbnails() + theme.error_titles({HTML_LANGUAGE[s.language]: s("error.title") for s in PAGES.values()}),
        "ssr_mode": False,
        "run_history": False,
        "footer_links": ["api"],
        "show_error": False,
        "share": False,
        "max_file_size": MAX_UPLOAD,
        "state_session_capacity": 1000,
        "enable_monitoring": False,
        "app_kwargs": {"middleware": [Middleware(CleanServer, pages=PAGES)]},
        "allowed_paths": [str(Path(gr.media.get_image("lion.jpg")).parent)],
    }
    return demo.launch(**(settings | options))
