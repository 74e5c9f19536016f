"""The photo and the sentence that all tabs share: its fields, its examples, and how a tab asks about it.

A tab answers when it is turned to, and when the pair is sent while it is open; what it once answered stays. The
browser knows which tab is asked when, and which answers have become old: `static/visit.js`.
Read next: `visit.py`, `chain.py`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import Context
from gradio.events import Dependency

from mmdemo.errors import WeightsError
from mmdemo.ui import chain
from mmdemo.ui.gallery import Example, examples
from mmdemo.ui.gate import told
from mmdemo.ui.hub.downloads import Downloads
from mmdemo.ui.hub.names import BUILT_IN, able
from mmdemo.ui.hub.picker import Picker, checked
from mmdemo.ui.markup import render, script
from mmdemo.ui.once import Once
from mmdemo.ui.stale import EVERY, StaleGuard, newest_only
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, ask, build_html, build_photo, guard, notice, sentence_of, watch_photo

if TYPE_CHECKING:
    from mmdemo.engine import Engine

Values = dict[gr.components.Component, Any]
WHICH = ("true", "near", "false")  # an example's sentences


@dataclass
class Pair:
    """The widgets of the pair, and what its tabs have told it.

    Attributes:
        engine, say: as everywhere.
        choices: the examples; the page opens with the first.
        photo, text, more: the fields; `more` holds further lines, which only Match compares.
        both: whether Match shows each sentence in both languages.
        last: the last good photo.
        picker: which model reads the pair.
        chain: the strip that draws photo -> vectors -> fusion -> answer.
        options: name in the address -> widget whose value is kept there.
        restorers: turn an address's options into values, one a tab.
        askers: tab -> what `visit.js` asks it by.
        readers: of the tabs whose answer is the picked model's, the task that it must do.
    """

    engine: "Engine"
    say: Say
    choices: tuple[Example, ...]
    photo: gr.Image
    text: gr.Textbox
    more: gr.Textbox
    both: gr.Checkbox
    last: gr.State
    picker: Picker
    chain: gr.HTML
    options: dict[str, gr.components.Component] = field(default_factory=dict)
    restorers: list[Callable[[dict[str, Any]], Values]] = field(default_factory=list)
    askers: dict[str, gr.HTML] = field(default_factory=dict)
    readers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What stands around the answer that every tab opens with, drawn once for all of them."""
        self.opening_frame = Once(lambda: self.draw_frame(self.opening.path, self.opening.text, BUILT_IN))

    @property
    def fields(self) -> list[gr.components.Component]:
        """Photo, sentence, name of the model that reads them, further lines."""
        return [self.photo, self.text, self.picker.used, self.more]

    @property
    def opening(self) -> Example:
        """The example that the page opens with."""
        return self.choices[0]

    def answers(
        self, tab: str, answer: Callable[..., Values], shown: Sequence[gr.components.Component], busy: str,
        *, fields: Sequence[gr.components.Component] = (), listen: Sequence[Callable[..., Any]] = (),
        newest: gr.State | None = None, opening: Callable[[], Values] | None = None, reads: str = "",
    ) -> tuple[Dependency, list[Dependency]]:  # fmt: skip
        """Wire a tab to the pair: what it answers, and when.

        Args:
            tab: its name.
            answer: photo's path or None, sentence, values of `fields` -> {widget: value}.
            shown: every widget that `answer` gives a value.
            busy: elem_id of what shows that an answer is on its way.
            fields: the tab's own.
            listen: events of the tab's own fields that ask again.
            newest: a state with the `StaleGuard` of the place, where other events of the tab change it too.
            opening: what is shown of the example that the page opens with, asked once for all visitors; without it,
                `answer` with what the fields open with.
            reads: the task that the picked model answers here, "" for none; then `answer` takes its name after the
                sentence, that of the built-in one where it does not do that task.

        Returns:
            the event of the opening, and those of the questions.
        """
        asker, drawn = self._asker(tab), [*shown, *self.frame]
        self.readers |= {tab: reads} if reads else {}

        def answered(path: str | None, text: str, model: Any = BUILT_IN, *given: Any) -> Values:
            model = checked(model)
            asked = [able(self.engine, model, reads)] if reads else []
            return answer(path, text, *asked, *given) | self.draw_frame(path, text, model)

        given = [newest or gr.State(StaleGuard()), self.photo, self.text, self.picker.used, *fields]
        asked = [
            ask(self.say, one, newest_only(answered), given, drawn, busy, tab=tab, **EVERY)
            for one in (asker.submit, *listen)
        ]

        def first() -> Values:
            model = [BUILT_IN] if reads else []
            return answer(self.opening.path, self.opening.text, *model, *(widget.value for widget in fields))

        return self._opened(tab, opening or first, shown, busy), asked

    def keep(self, **options: gr.components.Component) -> None:
        """Put widgets' values into the address, `name=value`; on the way back only what a widget offers passes."""
        names = {name.replace("__", "."): widget for name, widget in options.items()}
        self.watch(names)
        self.restorers.append(
            lambda given: {w: v for name, w in names.items() if (v := offered(w, given.get(name))) is not None}
        )

    def watch(self, options: dict[str, gr.components.Component]) -> None:
        """Write the widgets' values into the address as they change; whoever calls restores them."""
        self.options |= options
        for name, widget in options.items():
            widget.change(None, widget, None, js=f"(value) => mm.option({json.dumps(name)}, value)", **QUIET)

    @property
    def frame(self) -> list[gr.components.Component]:
        """What every answer draws anew, whichever tab it stands on."""
        return [self.chain, self.picker.counter]

    def draw_frame(self, path: str | None, text: str, model: str) -> Values:
        """The chain of a pair, and the count of the sentence's tokens.

        A picked model that cannot be loaded is the tab's to say where it answers; elsewhere the built-in one draws on,
        as it does for one that compares nothing.
        """
        model = able(self.engine, model, "matching")
        try:
            drawn = chain.answer(self.engine, self.say, path, text, model)
            return {self.chain: drawn, self.picker.counter: self.picker.count(text, model)}
        except WeightsError:
            if model == BUILT_IN:
                raise
            return self.draw_frame(path, text, BUILT_IN)

    def _asker(self, tab: str) -> gr.HTML:
        self.askers[tab] = build_html(render("asker.html", name=tab), f"{tab}-asker", script("asker.js"))
        return self.askers[tab]

    def _opened(
        self, tab: str, opening: Callable[[], Values], shown: Sequence[gr.components.Component], busy: str
    ) -> Dependency:
        """The answer that is the same for everybody: it is worked out once, and nobody stands in the queue for it.

        There is no older answer to keep, so an error (a weight file is missing, say) stands where the answer would be.
        """
        once = Once(lambda: opening() | self.opening_frame())
        Context.root_block.openings.append(once)

        def opened() -> Values:
            try:
                return once()
            except Exception as error:
                return dict.fromkeys(shown, "") | {shown[-1]: notice(sentence_of(self.say, error, private=False))}

        return ask(self.say, self.askers[tab].click, opened, [], [*shown, *self.frame], busy, tab=tab, queue=False)


def offered(widget: gr.components.Component, value: Any) -> Any:
    """A value from an address as its widget takes it; None where it does not offer such a thing."""
    if value is None:
        return None
    if isinstance(widget, gr.Slider):
        try:
            number = float(value)
        except ValueError:
            return None
        return min(max(number, widget.minimum), widget.maximum) if number == number else None
    if isinstance(widget, (gr.Dropdown, gr.Radio)):
        return value if value in [choice for _, choice in widget.choices] else None
    if isinstance(widget, gr.Checkbox):
        return value == "true"
    return value


def build_pair(engine: "Engine", say: Say, downloads: Downloads, strip: gr.HTML) -> Pair:
    """The fields, the button, the examples; `strip` is the chain's place.

    The tabs are built after it and call `answers`; then `visit.wire` ends it.
    """
    choices = examples(say)
    first = choices[0]
    photo = build_photo(say, "pair-photo", first.path, height=200)
    text = gr.Textbox(
        first.text, label=say("pair.text"), placeholder=say("pair.text_hint"), lines=2, max_lines=5, elem_id="pair-text"
    )  # fmt: skip
    more = gr.Textbox(
        further(first), label=say("pair.more"), placeholder=say("pair.more_hint"), lines=2, max_lines=6,
        elem_id="pair-more",
    )  # fmt: skip
    picker = Picker(engine, say, downloads)
    both = gr.Checkbox(False, label=say("match.both"), elem_id="pair-both", container=False)
    button = gr.Button(say("pair.button"), variant="primary", elem_id="pair-button")
    row = build_html(
        render("examples.html", say=say, examples=choices, which=WHICH), "pair-examples", script("examples.js")
    )
    pair = Pair(engine, say, choices, photo, text, more, both, watch_photo(say, photo), picker, strip)
    pair.watch({"model": picker.model})
    pair.restorers.append(picker.restored)
    for listen in (button.click, text.submit):
        listen(None, pair.fields, None, js="(...given) => mm.pressed(...given)", **QUIET)
    for name, widget in (("photo", photo), ("text", text), ("more", more)):
        widget.change(None, widget, None, js=f"(value) => mm.{name}(value)", **QUIET)
    wire_examples(pair, row)
    return pair


def wire_examples(pair: Pair, row: gr.HTML) -> None:
    """A press on an example fills the fields; then the open tab is asked."""

    def picked(event: gr.EventData) -> Values:
        one, which = pair.choices[told.picked(event, pair.choices)], told.told(event, "says", str)
        return {
            pair.photo: one.path,
            pair.text: sentence(one, which),
            pair.more: further(one, which),
            pair.last: one.path,
        }

    shown = [pair.photo, pair.text, pair.more, pair.last]
    event = row.click(guard(pair.say, picked), None, shown, queue=False, **QUIET)
    event.success(None, pair.fields, None, js="(...given) => mm.pressed(...given)", **QUIET)


def sentence(example: Example, which: str) -> str:
    """One of an example's sentences; what is no name of one gives the true one."""
    return getattr(example, which) if which in WHICH else example.true


def further(example: Example, which: str = WHICH[0]) -> str:
    """What Match compares beside one of an example's sentences: its other two."""
    return "\n".join(sentence(example, other) for other in WHICH if other != which)
