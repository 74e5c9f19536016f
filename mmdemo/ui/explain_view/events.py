"""What happens on the Attention tab: a question draws the map; the open part and the map's test follow it.

The map never waits for its test: the test is an event of its own, and a new question stops it.
Read next: `answers.py`, `turns.py`.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.events import Dependency

from mmdemo.engine import Engine
from mmdemo.ui.examples import Example
from mmdemo.ui.explain_view import answers, verdict
from mmdemo.ui.explain_view.question import HEADS, Question, read, target_of
from mmdemo.ui.explain_view.testing import MapTests
from mmdemo.ui.explain_view.turns import EVERY, Line, overtaken
from mmdemo.ui.gate.told import picked as picked_of
from mmdemo.ui.gate.told import told
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, ask, guard_stream, open_with, watch_photo

FIGURE = "attention-figure"
PARTS = "attention-parts"
TEST = {"concurrency_id": "test", "concurrency_limit": 2}  # a line of their own: questions need not wait for tests
MOVE = """(...given) => {
    const mark = document.querySelector('#attention-pad .mm-drawn');
    if (!mark) return;
    const [x, left, y, top] = [[given[0], given[2]], [given[1], given[3]]].flatMap((two) => {
        const [low, high] = two.map((value) => Math.min(100, Math.max(0, Number(value)))).sort((a, b) => a - b);
        return [high - low, low];
    });
    mark.hidden = false;
    mark.style.cssText = `left:${left}%;top:${top}%;width:${x}%;height:${y}%`;
}"""


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes."""

    photo: gr.Image
    text: gr.Textbox
    method: gr.Dropdown
    model: gr.Dropdown
    target: gr.Dropdown
    rival: gr.Dropdown
    rival_text: gr.Textbox
    button: gr.Button
    examples: gr.HTML
    words: gr.HTML
    shown: gr.HTML
    test: gr.HTML
    looked: gr.HTML
    hint: gr.HTML
    tabs: tuple[gr.Tab, ...]
    curves: gr.HTML
    sanity_button: gr.Button
    sanity: gr.HTML
    sides: gr.HTML
    heads: gr.HTML
    pad: gr.HTML
    corners: tuple[gr.Number, ...]
    box: gr.HTML
    bright: gr.Button
    erase: gr.Button
    drop: gr.Dropdown
    erased: gr.HTML


def wire(engine: Engine, say: Say, choices: tuple[Example, ...], w: Widgets) -> None:
    """All events of the tab; see the functions below for what each group does."""
    now, asked, marked = gr.State(None), gr.State(Line(after=Line())), gr.State("")
    last = watch_photo(say, w.photo)
    starts = wire_questions(engine, say, choices, w, now, asked, last)
    starts += wire_choices(engine, say, w, now, asked)
    wire_place(engine, say, w, now)
    wire_parts(engine, say, w, now, marked, starts)
    wire_test(engine, say, w, now, asked, starts)
    wire_box(engine, say, w, now, marked)


Start = tuple[Callable[..., Any], Dependency]  # what a visitor does, and the event that draws the new map


def wire_questions(
    engine: Engine, say: Say, choices: tuple[Example, ...], w: Widgets, now: gr.State, line: gr.State, last: gr.State
) -> list[Start]:
    """Asking: by the button, the Enter key, an example, a word, and when the page opens."""
    fields = [w.photo, w.text, w.model, w.method, w.target, w.rival, w.rival_text]
    drawn = [w.words, w.hint, w.looked, w.test, now, w.shown]
    draw = functools.partial(answers.answer, engine, say)

    default = engine.default_method(HEADS[0])

    @functools.cache
    def first(index: int) -> tuple[Any, ...]:
        one = choices[index]
        return draw(read(one.path, one.text, HEADS[0], default, None))

    def asked(*given: Any) -> tuple[Any, ...]:
        return draw(_question(*given))

    def picked(event: gr.EventData) -> tuple[Any, ...]:
        index = picked_of(event, choices)
        one = choices[index]
        fields = answers.fit(engine, say, HEADS[0], default, None)
        return one.path, one.text, HEADS[0], *fields, "", one.path, *first(index)

    def clicked(question: Question | None, event: gr.EventData) -> tuple[Any, ...]:
        if not question:
            return (gr.skip(),) * 5
        return draw(replace(question, word=told(event, "word", int, none=True)))[1:]

    reset = [w.photo, w.text, w.model, w.method, w.target, w.rival, w.rival_text, last]
    opened = open_with(say, lambda: first(0), drawn, FIGURE)
    pairs = (
        (w.button.click, asked, fields, drawn),
        (w.text.submit, asked, fields, drawn),
        (w.examples.click, picked, [], [*reset, *drawn]),
        (w.words.click, clicked, [now], drawn[1:]),
    )
    return [
        (listen, ask(say, listen, overtaken(answer), [line, *given], shown, FIGURE, **EVERY))
        for listen, answer, given, shown in pairs
    ] + [(None, opened)]


def wire_place(engine: Engine, say: Say, w: Widgets, now: gr.State) -> None:
    """A place of the map, by mouse or by arrow keys: the words that looked there."""

    def place(question: Question | None, event: gr.EventData) -> Any:
        if not question:
            return gr.skip()
        return answers.looked_there(engine, say, question, told(event, "row", int), told(event, "column", int))

    ask(say, w.shown.select, overtaken(place), [gr.State(Line()), now], w.looked, FIGURE, **EVERY)


def wire_choices(engine: Engine, say: Say, w: Widgets, now: gr.State, line: gr.State) -> list[Start]:
    """Another model, target, method or head: first the fields that hang on it, then the map."""
    fields = [w.photo, w.text, w.model, w.method, w.target, w.rival, w.rival_text]
    drawn = [w.words, w.hint, w.looked, w.test, now, w.shown]
    draw = functools.partial(answers.answer, engine, say)

    def asked(*given: Any) -> tuple[Any, ...]:
        return draw(_question(*given))

    def refit(path: str | None, text: str, model: str, method: str, target: str, rival: str, other: str) -> tuple:
        target = target if target in engine.targets(model) else ""
        return answers.fit(engine, say, model, method, target_of(target, rival if target else "", other, text), target)

    def chosen(question: Question | None, event: gr.EventData) -> tuple[Any, ...]:
        if not question:
            return (gr.skip(),) * 6
        layer, head = told(event, "layer", int, none=True), told(event, "head", int, none=True)
        return draw(replace(question, method=told(event, "method", str), layer=layer, head=head))

    depending = [w.method, w.target, w.rival]
    draw_all, starts = overtaken(asked), []
    for listen in (w.model.input, w.target.input, w.rival.input, w.rival_text.submit):
        event = ask(say, listen, refit, fields, depending, FIGURE, trigger_mode="always_last")
        starts.append((listen, ask(say, event.success, draw_all, [line, *fields], drawn, FIGURE, **EVERY)))
    starts.append((w.method.input, ask(say, w.method.input, draw_all, [line, *fields], drawn, FIGURE, **EVERY)))
    pressed = (w.sides.click, w.heads.click)
    return starts + [
        (listen, ask(say, listen, overtaken(chosen), [line, now], drawn, FIGURE, **EVERY)) for listen in pressed
    ]


def wire_parts(engine: Engine, say: Say, w: Widgets, now: gr.State, marked: gr.State, starts: list[Start]) -> None:
    """The part that is open is drawn when it is turned to, and again after every question."""
    part, line = gr.State("test"), gr.State(Line())
    given = [line, now, part, marked, *w.corners]
    shown = [w.sides, w.heads, w.pad, w.box, w.drop, w.erased, *w.corners]

    def drawn(question: Question | None, *given: Any) -> Any:
        return answers.part(engine, say, question, *given) if question else gr.skip()

    for tab, name in zip(w.tabs, ("test", "methods", "heads", "box"), strict=True):
        turned = tab.select(functools.partial(str, name), None, part, queue=False, **QUIET)
        if name != "test":  # what stands there is drawn by the test itself
            ask(say, turned.success, overtaken(drawn), given, shown, PARTS, **EVERY)
    for listen, event in starts:
        if listen not in (w.sides.click, w.heads.click):  # a tile was pressed: the tiles stay
            ask(say, event.success, overtaken(drawn), given, shown, PARTS, **EVERY)


def wire_test(engine: Engine, say: Say, w: Widgets, now: gr.State, line: gr.State, starts: list[Start]) -> None:
    """The map's own test follows the map; a new question or the button in the badge stops the one that runs.

    It follows a question that failed too: the old map is still there, and its test has been stopped for the new one.
    """
    tests = MapTests(engine, say)

    def tested(line: Line, question: Question | None) -> Iterator[tuple[Any, Any, Any]]:
        return tests(line.after, question)

    def stop(line: Line) -> str:
        line.after.halt()
        return verdict.stopped(say)

    asked = [event for listen, event in starts if listen]  # not when the page opens
    for follow in (w.test.submit, *(event.success for event in asked), *(event.failure for event in asked)):
        follow(guard_stream(say, tested), [line, now], [w.test, w.curves, w.sanity], **EVERY, **TEST, **QUIET)
    w.test.click(stop, line, w.test, queue=False, **QUIET)

    def sane(question: Question | None) -> Any:
        return answers.sane(engine, say, question) if question else gr.skip()

    ask(say, w.sanity_button.click, sane, [now], w.sanity, "attention-sanity")


def wire_box(engine: Engine, say: Say, w: Widgets, now: gr.State, marked: gr.State) -> None:
    """A box drawn or typed, and the eraser."""
    corners, line = list(w.corners), gr.State(Line())

    def drawn(question: Question | None, event: gr.EventData) -> tuple[Any, ...]:
        box = [round(told(event, side, float)) for side in ("left", "top", "right", "bottom")]
        return *box, *typed(question, *box)

    def typed(question: Question | None, *box: float) -> tuple[Any, Any]:
        return (answers.boxed(engine, say, question, box), question.path) if question else (gr.skip(),) * 2

    def erase(kind: str, question: Question | None, word: int, *box: float) -> Any:
        return answers.erased(engine, say, question, kind, word, box) if question else gr.skip()

    ask(say, w.pad.select, overtaken(drawn), [line, now], [*corners, w.box, marked], "attention-box", **EVERY)
    for field in corners:
        ask(say, field.input, overtaken(typed), [line, now, *corners], [w.box, marked], "attention-box", **EVERY)
        field.input(None, corners, None, js=MOVE, **QUIET)
    for kind, listen in (("bright", w.bright.click), ("box", w.erase.click), ("word", w.drop.input)):
        again = functools.partial(erase, kind)
        ask(say, listen, again, [now, w.drop, *corners], w.erased, "attention-erased")


def _question(
    path: str | None, text: str, model: str, method: str, target: str, rival: str, rival_text: str
) -> Question:
    return read(path, text, model, method, target_of(target, rival, rival_text, text))
