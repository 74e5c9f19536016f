"""The address of a visit: what it says is put back into the fields, on the server; the rest is `static/visit.js`.

Read next: `pair.py`.
"""

import json

import gradio as gr

from mmdemo.ui.gate import told
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.hub.names import BUILT_IN, offered
from mmdemo.ui.markup import part, render, script
from mmdemo.ui.pair import WHICH, Pair, Values, sentence
from mmdemo.ui.widgets import QUIET, build_html, guard

OWN = "own"  # what an address says of a photo that is no example
LONGEST = 60_000  # characters of a text in an address; what `inputs` takes is less


def build_data(pair: Pair) -> gr.HTML:
    """What `visit.js` needs to know: the examples' sentences, the tabs, and what every option opens with."""
    data = {
        "opening": pair.opening.key, "first": next(iter(pair.askers)), "asking": list(pair.askers),
        "model": BUILT_IN, "readers": list(pair.readers),
        "tasks": {row.name: " ".join(row.tasks) for row in offered(pair.engine)},
        "examples": {one.key: {which: sentence(one, which) for which in WHICH} for one in pair.choices},
        "empty": pair.say("pair.empty"), "options": {name: widget.value for name, widget in pair.options.items()},
    }  # fmt: skip
    return build_html(render("visit.html", data=json.dumps(data, ensure_ascii=False)), "mm-visit")


def wire(page: Page, pair: Pair, tabs: dict[str, gr.Tab]) -> None:
    """The events of turning and restoring, once all tabs are built; none of them waits in the queue."""
    note = build_html("", "pair-note")
    restorer = build_html(render("asker.html", name="restore"), "restore-asker", script("asker.js"))
    build_data(pair)

    def restored(event: gr.EventData) -> Values:
        values = place(page, pair, event)
        given = {name: told.told(event, name, str, none=True, longest=LONGEST) for name in pair.options}
        for restore in pair.restorers:
            values |= restore({name: value for name, value in given.items() if value is not None})
        return values | {note: part("note", pair.say("pair.again"), warn=True) if _lost(event, values, pair) else ""}

    shown = [*dict.fromkeys([*pair.fields, *pair.picker.shown, pair.last, note, *pair.options.values()])]
    event = restorer.submit(guard(pair.say, restored), None, shown, queue=False, **QUIET)
    event.success(None, pair.fields, None, js="(...given) => mm.restored(...given)", **QUIET)
    pair.photo.upload(None, None, note, js="() => ''", **QUIET)
    for name, tab in tabs.items():
        tab.select(None, None, None, js=f"() => mm.turned({json.dumps(name)})", **QUIET)
    page.load(None, pair.fields, None, js="(...given) => mm.start(...given)", **QUIET)


def place(page: Page, pair: Pair, event: gr.EventData) -> Values:
    """Photo, sentence and further lines that an address says; no photo where its own is not here any more."""
    name = told.told(event, "photo", str)
    path = next((one.path for one in pair.choices if one.key == name), None)
    if name == OWN:
        path = page.uploaded(told.told(event, "path", str, none=True, longest=1000))
    text, more = (told.told(event, key, str, longest=LONGEST) for key in ("text", "more"))
    return {pair.photo: path, pair.last: path, pair.text: text, pair.more: more}


def _lost(event: gr.EventData, values: Values, pair: Pair) -> bool:
    return told.told(event, "photo", str) == OWN and values[pair.photo] is None
