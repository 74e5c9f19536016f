"""What the Questions tab asks: about the pair's photo, with a question of its own. Read next: `draw.py`."""

from typing import TYPE_CHECKING

import gradio as gr

from mmdemo import inputs
from mmdemo.errors import InputError
from mmdemo.ui.gate import told
from mmdemo.ui.hub.names import BUILT_IN, model_title
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.tabs.question.draw import MODEL, draw
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, guard

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT = "question-result"
EXAMPLES = ("which", "yes_no", "what", "colour", "count")


def examples(say: Say) -> list[str]:
    """Questions to press; the tab opens with the first."""
    return [say(f"question.ask_{kind}") for kind in EXAMPLES]


def wire(
    engine: "Engine", say: Say, pair: Pair, question: gr.Textbox, button: gr.Button, row: gr.HTML, shown: gr.HTML
) -> None:
    """The tab's events; an example that is pressed is asked, and a question that is typed marks the answer as old."""
    choices = examples(say)

    def answered(path: str | None, _: str, model: str, asked: str) -> Values:
        return {shown: answer(engine, say, path, model, asked)}

    def picked(event: gr.EventData) -> str:
        return choices[told.picked(event, choices)]

    filled = row.click(guard(say, picked), None, question, queue=False, **QUIET)
    question.change(None, question, None, js="(text) => mm.question?.(text)", **QUIET)
    for listen in (question.submit, button.click, filled.success):
        listen(None, None, None, js="() => mm.press()", **QUIET)
    pair.answers("question", answered, [shown], RESULT, fields=[question], reads=MODEL)
    pair.keep(question__text=question)


def answer(engine: "Engine", say: Say, path: str | None, model: str, question: str) -> str:
    """A photo's path, the picked model and a question -> the answer as HTML; raises as `engine.answer`.

    A question that the model cannot read is left to the built-in one, and the answer says so.
    """
    image, note = inputs.read_image(path), ""
    try:
        result = engine.answer(image, question, MODEL if model == BUILT_IN else model)
    except InputError as error:
        if error.code != "question_language":
            raise
        note = say("question.built_in", why=say.error(error))
        result = engine.answer(image, question)
    title = "" if result.model == MODEL else model_title(engine, result.model, say)
    return draw(image, result, engine.status(), say, title, note)
