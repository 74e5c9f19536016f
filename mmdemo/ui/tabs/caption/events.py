"""What happens on the Captions tab: captions of the pair's photo, and one of them told word by word.

Telling has a line of its own and a pace that an eye can follow; a new answer or the button stops it. Read next:
`draw.py`.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from mmdemo import inputs
from mmdemo.types import HubModel
from mmdemo.ui.hub.names import BUILT_IN, able, find
from mmdemo.ui.hub.picker import checked
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.stale import EVERY, StaleGuard, newest_stream
from mmdemo.ui.tabs.caption.draw import MODEL, draw, draw_spoken
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, guard_stream

if TYPE_CHECKING:
    from mmdemo.engine import Engine

TASK = "captioning"
RESULT, SPOKEN = "caption-result", "caption-spoken"
LANGUAGES = {"en": "English", "zh": "中文"}  # of captions, each by its own name
MOST, COUNT, HOTTEST = 5, 3, 2.0  # as `mmdemo/engine/caption.py` bounds them
PACE = 0.25  # seconds between two words
LINE = {"concurrency_id": "spoken", "concurrency_limit": 4}  # whoever asks need not wait for those who listen


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes.

    Args:
        language, start, temperature, count: what captions are asked for.
        shown: the captions.
        button, stop: begin and end the telling.
        spoken: what is told.
    """

    language: gr.Radio
    start: gr.Textbox
    temperature: gr.Slider
    count: gr.Slider
    shown: gr.HTML
    button: gr.Button
    stop: gr.Button
    spoken: gr.HTML


def wire(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """All events of the tab; a new answer stops the telling and takes away what was told."""

    def answered(path: str | None, _: str, model: str, *fields: Any) -> Values:
        return {w.stop: gr.update(interactive=False), w.spoken: "", w.shown: answer(engine, say, path, model, *fields)}

    def told(guard: StaleGuard, path: str | None, model: Any, *fields: Any) -> Iterator[Values]:
        model = able(engine, checked(model), TASK)
        telling = newest_stream(lambda: spoken(engine, say, path, model, *fields))
        try:
            yield {w.stop: gr.update(interactive=True), w.spoken: ""}
            with closing(telling(guard.after)) as parts:
                for part in parts:
                    yield {w.spoken: part} if isinstance(part, str) else gr.skip()
        except Exception:
            yield {w.stop: gr.update(interactive=False)}
            raise
        yield gr.skip() if guard.after.stopped else {w.stop: gr.update(interactive=False)}

    def stopped(guard: StaleGuard) -> Any:
        guard.after.stop()
        return gr.update(interactive=False)

    guard, asked_for = gr.State(StaleGuard(after=StaleGuard())), [w.language, w.start, w.temperature]
    pair.answers(
        "caption", answered, [w.stop, w.spoken, w.shown], RESULT, fields=[*asked_for, w.count], newest=guard,
        reads=TASK, listen=[w.language.input, w.start.submit, w.temperature.release, w.count.release],
    )  # fmt: skip
    tell = guard_stream(say, told)
    w.button.click(
        tell, [guard, pair.photo, pair.picker.used, *asked_for], [w.stop, w.spoken], **EVERY, **LINE, **QUIET
    )
    w.stop.click(stopped, guard, w.stop, queue=False, **QUIET)
    pair.keep(
        caption__language=w.language, caption__start=w.start, caption__temperature=w.temperature,
        caption__count=w.count,
    )  # fmt: skip


def answer(
    engine: "Engine",
    say: Say,
    path: str | None,
    model: str,
    language: str,
    start: str,
    temperature: float,
    count: float,
) -> str:
    """A photo's path and what is asked for -> the captions as HTML.

    A model that does not write the language writes its own, and the answer says so.

    Raises:
        As `engine.caption`; there is no photo ("image_missing").
    """
    image, row = inputs.read_image(path), find(engine, model)
    result = engine.caption(image, written(row, language), int(count), start or "", temperature, named(model))
    familiar = float(engine.familiar([image])[0])
    return draw(image, result, familiar, engine.status(), say, row, other=language != result.language)


def spoken(
    engine: "Engine", say: Say, path: str | None, model: str, language: str, start: str, temperature: float
) -> Iterator[str]:
    """One caption as it grows, as HTML, at a pace that can be followed. Raises as `answer`."""
    image, words, language = inputs.read_image(path), [], written(find(engine, model), language)
    with closing(engine.spoken(image, language, start or "", temperature, named(model))) as work:
        for word in work:
            words.append(word)
            yield draw_spoken(image, words, start or "", language, say)
            time.sleep(PACE)


def named(model: str) -> str:
    """The row that the page's picked model is here."""
    return MODEL if model == BUILT_IN else model


def written(row: HubModel | None, language: str) -> str:
    """The language that is asked for, where the model writes it, otherwise the model's first."""
    return language if row is None or language in row.languages else row.languages[0]
