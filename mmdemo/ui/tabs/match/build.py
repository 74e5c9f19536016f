"""The Match tab's widgets. Read next: `../../pair.py`, `events.py`, `several.py`."""

from typing import TYPE_CHECKING

import gradio as gr
from gradio.context import Context

from mmdemo.ui.hub.names import model_choices
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.tabs.match.events import Asked, answer
from mmdemo.ui.tabs.match.several import Several
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_lead

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT = "match-result"
OCTAVES = 4  # the temperature's way to either side of the model's own


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events; `pair.more` holds the lines that are compared with the sentence."""
    build_lead(say("match.lead"))
    shown = build_answer(say, RESULT)
    options = build_options(engine, say)
    several = Several(engine, say, pair, Context.root_block)

    def answered(
        path: str | None, sentence: str, model: str, more: str, both: bool, rival: str, ensemble: bool, octaves: float,
        paths: list[str], view: str,
    ) -> Values:  # fmt: skip
        asked = Asked(model, bool(ensemble), octaves, rival)
        return {
            shown: answer(engine, say, path, sentence, more, both, asked),
            several.matrix: several.drawn(paths, sentence, more, model, octaves, view),
        }

    fields = [pair.more, pair.both, *options.values(), several.paths, several.view]
    listen = [pair.both.input, options["rival"].input, options["ensemble"].input, options["octaves"].release]
    pair.answers("match", answered, [shown, several.matrix], RESULT, fields=fields, listen=listen, reads="matching")
    several.wire(options["octaves"])
    pair.keep(match__both=pair.both, **{f"match__{name}": widget for name, widget in options.items()})


def build_options(engine: "Engine", say: Say) -> dict[str, gr.components.Component]:
    """What may be asked beside the texts, folded: a second model, prompt templates, the temperature."""
    models = model_choices(engine, say, "matching")
    with gr.Accordion(say("match.options"), open=False, elem_id="match-options", visible=len(models) > 1):
        rival = gr.Dropdown(
            [(say("match.rival_none"), ""), *models], value="", label=say("match.rival"), elem_id="match-rival",
            filterable=False,
        )  # fmt: skip
        with gr.Row(elem_classes="mm-hub-only mm-hub-matching"):
            ensemble = gr.Checkbox(
                False, label=say("match.ensemble"), info=say("match.ensemble_why"), elem_id="match-ensemble",
                min_width=240,
            )  # fmt: skip
            octaves = gr.Slider(
                -OCTAVES, OCTAVES, value=0, step=0.5, label=say("match.octaves"), info=say("match.octaves_why"),
                elem_id="match-octaves", buttons=[], min_width=240,
            )  # fmt: skip
    return {"rival": rival, "ensemble": ensemble, "octaves": octaves}
