"""What happens on the Attention tab: a question draws the map; the open part and the map's test follow it.

The map never waits for its test: the test is an event of its own, and a new question stops it.
Read next: `answers.py`, `../../stale.py`.
"""

import functools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import Dependency

from mmdemo.ui.gate.told import told
from mmdemo.ui.hub.names import BUILT_IN
from mmdemo.ui.markup import script
from mmdemo.ui.pair import Pair, Values, offered
from mmdemo.ui.stale import EVERY, StaleGuard, newest_only, newest_stream
from mmdemo.ui.tabs.attention import answers, draw_test
from mmdemo.ui.tabs.attention.box import SIDES
from mmdemo.ui.tabs.attention.map_tests import MapTests
from mmdemo.ui.tabs.attention.question import HEADS, Question
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, ask, guard_stream

if TYPE_CHECKING:
    from mmdemo.engine import Engine

FIGURE, PARTS, BOX, OCCLUDED = "attention-figure", "attention-parts", "attention-box", "attention-erased"
FIELDS = ("model", "method", "target", "rival", "rival_text")
FITTED = ("method", "target", "rival", "rival_text")  # fields that hang on the model
MAP = ("words", "hint", "words_at", "test", "question", "shown")
TEST = {"concurrency_id": "test", "concurrency_limit": 2}  # a line of their own: questions need not wait for tests


class Widgets(SimpleNamespace):
    """What an event of the tab reads or writes, its visitor's memory too, by the names that `build.py` gives them."""

    def these(self, *names: str) -> list[gr.components.Component]:
        """Widgets by their names."""
        return [getattr(self, name) for name in names]

    def show(self, values: answers.Values) -> Any:
        """Values by the widgets' names, as gradio takes them; nothing changes where there are none."""
        return {getattr(self, name): value for name, value in values.items()} or gr.skip()


def wire(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """All events of the tab; see the functions below for what each group does."""
    opened, *asked = wire_fields(engine, say, pair, w)
    words, *tiles = wire_clicks(engine, say, w)
    wire_parts(engine, say, w, [opened, *asked, words])  # where a tile was pressed the tiles stay
    wire_test(engine, say, w, [*asked, words, *tiles])  # an opening's test waits until it is seen
    wire_box(engine, say, w)


def wire_fields(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> list[Dependency]:
    """Asking by the fields: the opening (the first event of the list), the pair, a choice."""

    def asked(path: str | None, text: str, picked: str, model: str, *fields: Any) -> Any:
        return w.show(answers.asked(engine, say, path, text, explained(picked, model), *fields))

    def first() -> Any:
        opening, best = pair.opening, engine.default_method(HEADS[0])
        return asked(opening.path, opening.text, BUILT_IN, HEADS[0], best, "", "", "")

    fields, shown = w.these(*FIELDS), w.these(*FITTED, *MAP)
    listen = [w.rival_text.submit, *(field.input for field in w.these(*FIELDS[:-1]))]
    opened, events = pair.answers(
        "attention", asked, shown, FIGURE, opening=first, fields=fields, listen=listen, newest=w.guard,
        reads="matching",
    )  # fmt: skip
    keep(engine, say, pair, w)
    return [opened, *events]


def explained(picked: str, model: str) -> str:
    """Whose answer is explained: where the field says the one of Match, that of the model which is picked there."""
    return picked if model == HEADS[0] else model


def keep(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """The fields stand in the address; those that hang on the model come back with what that model offers."""
    pair.watch({f"attention.{name}": getattr(w, name) for name in FIELDS})

    def restored(given: dict[str, str]) -> Values:
        if not any(name.startswith("attention.") for name in given):
            return {}
        model, method, target, rival, rival_text = (given.get(f"attention.{name}", "") for name in FIELDS)
        model, picked = offered(w.model, model) or HEADS[0], given.get("model", BUILT_IN)
        asked = explained(picked if picked in engine.match_models() else BUILT_IN, model)
        target = target if target in engine.capabilities(asked).targets else ""
        fitted = answers.fit(
            engine, say, asked, method, (target, rival) if target and rival else target or None, target
        )
        values = fitted | {"model": model, "rival_text": fitted["rival_text"] | {"value": rival_text}}
        if offered(w.rival, rival):
            values["rival"] = fitted["rival"] | {"value": rival}
        return {getattr(w, name): value for name, value in values.items()}

    pair.restorers.append(restored)


def wire_clicks(engine: "Engine", say: Say, w: Widgets) -> list[Dependency]:
    """Asking by a click: a word, a method's tile, a head's; and, on the map that is there, a place."""

    def changed(question: Question, **fields: Any) -> answers.Values:
        return answers.answer(engine, say, replace(question, **fields))

    def word(question: Question | None, event: gr.EventData) -> Any:
        if not question:
            return gr.skip()
        values = changed(question, word=told(event, "word", int, none=True))
        running = {"running_map": answers.running("map", say)}  # where it said "stopped" before
        return w.show({name: values[name] for name in MAP[1:]} | running)  # the words stay, and keep the keys

    def tile(question: Question | None, event: gr.EventData) -> Any:
        if not question:
            return gr.skip()
        layer, head = (told(event, name, int, none=True) for name in ("layer", "head"))
        return w.show(changed(question, method=told(event, "method", str), layer=layer, head=head))

    def place(question: Question | None, event: gr.EventData) -> Any:
        if not question:
            return gr.skip()
        return answers.words_at(engine, say, question, told(event, "row", int), told(event, "column", int))

    def stop(guard: StaleGuard) -> str:
        guard.stop()
        return answers.running("map", say, "stopped")

    w.running_map.click(stop, w.guard, w.running_map, queue=False, **QUIET)
    ask(say, w.shown.select, newest_only(place), [gr.State(StaleGuard()), w.question], w.words_at, FIGURE, **EVERY)
    return [
        ask(say, listen, newest_only(pressed), [w.guard, w.question], w.these(*names), FIGURE, **EVERY)
        for listen, pressed, names in (
            (w.words.click, word, (*MAP[1:], "running_map")), (w.methods.click, tile, MAP), (w.heads.click, tile, MAP)
        )
    ]  # fmt: skip


def wire_parts(engine: "Engine", say: Say, w: Widgets, asked: Sequence[Dependency]) -> None:
    """The part that is open is drawn when it is turned to, and again after every question."""
    part, guard = gr.State("test"), gr.State(StaleGuard())
    given = [guard, w.question, part, *w.these("marked", *SIDES)]
    shown = w.these("running_parts", "methods", "heads", "pad", "box", "drop", "occluded", *SIDES)

    def drawn(question: Question | None, *given: Any) -> Iterator[Any]:
        if not question:
            yield gr.skip()
            return
        with closing(answers.growing_part(engine, say, question, *given)) as stages:
            yield from map(w.show, stages)

    def stop(guard: StaleGuard) -> str:
        guard.stop()
        return answers.running("parts", say, "stopped")

    turned = {n: tab.select(functools.partial(str, n), None, part, queue=False, **QUIET) for n, tab in w.tabs.items()}
    turned.pop("test")  # what stands there is drawn by the test itself
    for event in (*turned.values(), *asked):
        ask(say, event.success, newest_stream(drawn), given, shown, PARTS, **EVERY)
    w.running_parts.click(stop, guard, w.running_parts, queue=False, **QUIET)


def wire_test(engine: "Engine", say: Say, w: Widgets, asked: Sequence[Dependency]) -> None:
    """The map's own test follows the map; a new question or the button in the badge stops the one that runs.

    It follows a question that failed too: the old map is still there, and its test has been stopped for the new one.
    """
    tests = MapTests(engine, say)

    def tested(guard: StaleGuard, question: Question | None) -> Iterator[Any]:
        with closing(tests(guard.after, question)) as stages:
            yield from map(w.show, stages)

    def stop(guard: StaleGuard) -> str:
        guard.after.stop()
        return draw_test.untested("stopped", say)

    def sanity(question: Question | None) -> Any:
        if not question:
            return gr.skip()
        return w.show(
            {"sanity": answers.sanity(engine, say, question), "running_sanity": answers.running("sanity", say)}
        )

    def stop_sanity(guard: StaleGuard) -> str:
        guard.stop()
        return answers.running("sanity", say, "stopped")

    shown = w.these("test", "curves", "sanity")
    for follow in (w.test.submit, *(then for event in asked for then in (event.success, event.failure))):
        follow(guard_stream(say, tested), [w.guard, w.question], shown, **EVERY, **TEST, **QUIET)
    w.test.click(stop, w.guard, w.test, queue=False, **QUIET)
    checking, checked = gr.State(StaleGuard()), w.these("sanity", "running_sanity")
    ask(say, w.sanity_button.click, newest_only(sanity), [checking, w.question], checked, "attention-sanity", **EVERY)
    w.running_sanity.click(stop_sanity, checking, w.running_sanity, queue=False, **QUIET)


def wire_box(engine: "Engine", say: Say, w: Widgets) -> None:
    """A box drawn or typed, and the eraser."""
    corners, guard = w.these(*SIDES), gr.State(StaleGuard())

    def judged(question: Question | None, *box: float) -> answers.Values:
        return {"box": answers.box_share(engine, say, question, box), "marked": question.path} if question else {}

    def typed(question: Question | None, *box: float) -> Any:
        return w.show(judged(question, *box))

    def drawn(question: Question | None, event: gr.EventData) -> Any:
        box = {side: round(told(event, side, float)) for side in SIDES}
        return w.show(box | judged(question, *box.values()))

    def without(kind: str, question: Question | None, word: int, *box: float) -> Any:
        return answers.without_part(engine, say, question, kind, word, box) if question else gr.skip()

    shown = w.these("box", "marked")
    ask(say, w.pad.select, newest_only(drawn), [guard, w.question], [*corners, *shown], BOX, **EVERY)
    for field in corners:
        ask(say, field.input, newest_only(typed), [guard, w.question, *corners], shown, BOX, **EVERY)
        field.input(None, corners, None, js=script("corners.js"), **QUIET)
    for kind, listen in (("bright", w.blur_brightest.click), ("box", w.blur_box.click), ("word", w.drop.input)):
        again = functools.partial(without, kind)
        ask(say, listen, again, [w.question, w.drop, *corners], w.occluded, OCCLUDED)
