"""The model that reads the pair: one quiet line, and below it the card of one that is not here yet.

What is picked stands in the address. What *answers* is the picked model once it is here, the built-in one before: that
is `used`, which the browser keeps with the pair (`static/visit.js`). Nothing is fetched before "Get it" is pressed.
Read next: `templates/hub/card.html`, `downloads.py`.
"""

from typing import TYPE_CHECKING, Any

import gradio as gr

from mmdemo.types import FetchProgress, HubModel
from mmdemo.ui.gate.told import misfit_kind
from mmdemo.ui.hub.downloads import Downloads
from mmdemo.ui.hub.names import BUILT_IN, find, languages, model_choices, size
from mmdemo.ui.markup import part, render
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, build_html, guard

if TYPE_CHECKING:
    from mmdemo.engine import Engine

Values = dict[gr.components.Component, Any]
LOOK_SECONDS = 1.0


class Picker:
    """The widgets of the line and of the card, and what they do.

    Args:
        engine, say: as everywhere.
        downloads: those of all visitors.

    Attributes:
        model: the picked row.
        used: name of the row that answers.
        counter: how many tokens of the sentence that one reads.
    """

    def __init__(self, engine: "Engine", say: Say, downloads: Downloads) -> None:
        self.engine, self.say, self.downloads = engine, say, downloads
        choices = model_choices(engine, say)
        with gr.Row(elem_id="pair-model-line"):
            self.model = gr.Dropdown(
                choices, value=BUILT_IN, label=say("hub.model"), elem_id="pair-model", filterable=False,
                visible=len(choices) > 1, min_width=160,
            )  # fmt: skip
            self.counter = build_html("", "pair-tokens")
        self.used = build_html(BUILT_IN, "pair-used")
        self.card = build_html("", "pair-hub")
        with gr.Row(elem_id="pair-hub-buttons"):
            self.get = gr.Button(say("hub.get"), elem_id="pair-hub-get", variant="primary", size="sm", visible=False)
            self.cancel = gr.Button(say("hub.cancel"), elem_id="pair-hub-cancel", size="sm", visible=False)
        self.timer = gr.Timer(LOOK_SECONDS, active=False)
        self.shown = [self.used, self.card, self.get, self.cancel, self.timer]
        for listen, act in (
            (self.model.input, self.values), (self.timer.tick, self.values),
            (self.get.click, self.fetched), (self.cancel.click, self.cancelled),
        ):  # fmt: skip
            event = listen(guard(say, act), self.model, self.shown, queue=False, **QUIET)
            event.success(None, self.used, None, js="(name) => mm.model(name)", **QUIET)

    def values(self, name: str, request: gr.Request | None = None) -> Values:
        """What answers, and what stands under the line, for a picked row; a download that runs elsewhere is joined."""
        row = find(self.engine, name)
        if row and row.state == "fetching":
            self.downloads.start(name)
            self.downloads.look(name, session_of(request))
        progress = self.downloads.latest(name)
        moving = row is not None and progress is not None and progress.state == "fetching"
        here = row is None or (row.state == "here" and not moving)
        return {
            self.used: row.name if row and here else BUILT_IN,
            self.card: "" if here else card(row, progress, self.say, moving and self._shared(name, request)),
            self.get: gr.update(visible=not here and not moving),
            self.cancel: gr.update(visible=moving),
            self.timer: gr.Timer(active=moving),
        }

    def _shared(self, name: str, request: gr.Request | None) -> bool:
        return self.downloads.goes_on_for_others(name, session_of(request))

    def fetched(self, name: str, request: gr.Request | None = None) -> Values:
        """The download of a row that is offered begins."""
        if find(self.engine, name):
            self.downloads.start(name)
        return self.values(name, request)

    def cancelled(self, name: str, request: gr.Request | None = None) -> Values:
        """The download is told to stop; what came of it stays. It goes on where another visitor waits for it."""
        if find(self.engine, name):
            self.downloads.cancel(name, session_of(request))
        return self.values(name, request)

    def restored(self, given: dict[str, str]) -> Values:
        """The pick that an address names; a sentence where it names a row that is not offered here."""
        name = given.get("model", BUILT_IN)
        if name != BUILT_IN and not find(self.engine, name):
            note = part("note", self.say("hub.unknown", name=name), warn=True)
            return {self.model: BUILT_IN} | self.values(BUILT_IN) | {self.card: note}
        return {self.model: name} | self.values(name)

    def count(self, text: str | None, name: str) -> str:
        """How many tokens a sentence has, of how many that the model reads; "" without one."""
        if not text or not text.strip():
            return ""
        used, longest = self.engine.count_tokens(text, model=name)
        return render("hub/tokens.html", say=self.say, used=used, longest=longest)


def session_of(request: gr.Request | None) -> str:
    """Which page asks; "" outside a page."""
    return getattr(request, "session_hash", None) or ""


def checked(name: Any) -> str:
    """The name that a browser says answers; the engine knows whether there is such a row.

    Raises:
        InputError: it is no name at all.
    """
    if not isinstance(name, str) or len(name) > 100:
        raise misfit_kind()
    return name


def card(row: HubModel, progress: FetchProgress | None, say: Say, shared: bool = False) -> str:
    """A row that is not here: what it is, how far it has come, how the last try ended; `shared` with others."""
    return render(
        "hub/card.html", say=say, row=row, size=size(row.size, say), free=size(row.free, say),
        languages=languages(row, say), progress=progress, shared=shared,
        problem=say.error(progress.problem) if progress and progress.problem else "",
        come=say("hub.come", done=size(progress.done, say), total=size(progress.total, say)) if progress else "",
        share=progress.done / progress.total if progress and progress.total else 0.0,
    )  # fmt: skip
