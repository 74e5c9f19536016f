"""Several photos against the sentence and its further lines: a tray that a visitor fills, and the matrix of all pairs.

The tray holds paths on the server, never in the page; each is looked at again whenever it is used, for a photo lives an
hour. Read next: `templates/match/matrix.html`.
"""

import filecmp
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from mmdemo import inputs
from mmdemo.types import MatrixResult
from mmdemo.ui import heat
from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.told import told
from mmdemo.ui.hub.names import able, model_title
from mmdemo.ui.markup import part, render, script
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.stale import EVERY, StaleGuard, newest_only
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import ask, build_html

if TYPE_CHECKING:
    from mmdemo.engine import Engine

MOST = 8  # photos, and texts
EXAMPLES = 4
THUMB = 72  # pixels on the long side
VIEWS = ("cosine", "texts", "images")


class Several:
    """The part's widgets and events.

    Args:
        engine, say, pair: as everywhere.
        page: whose folder knows which photos are here.

    Attributes:
        paths: the photos in the tray.
        view: which number stands in the cells, one of `VIEWS`.
        matrix: the table.
    """

    def __init__(self, engine: "Engine", say: Say, pair: Pair, page: Page) -> None:
        self.engine, self.say, self.pair, self.page = engine, say, pair, page
        self.paths = gr.State([])
        with gr.Accordion(say("match.several"), open=False, elem_id="match-several"):
            build_html(part("soft", say("match.several_lead", most=MOST)))
            self.tray = build_html("", "match-tray", script("tray.js"))
            with gr.Row():
                self.add = gr.Button(say("match.several_add"), elem_id="match-several-add", size="sm")
                self.fill = gr.Button(say("match.several_examples"), elem_id="match-several-examples", size="sm")
            self.view = gr.Radio(
                [(say(f"match.view_{view}"), view) for view in VIEWS], value=VIEWS[0], label=say("match.view"),
                elem_id="match-view",
            )  # fmt: skip
            self.matrix = build_html("", "match-matrix", css_class="mm-answer")

    def wire(self, octaves: gr.Slider) -> None:
        """A photo more or less, or another number: the table is drawn anew."""
        pair = self.pair
        asked = [pair.text, pair.more, pair.picker.used, octaves, self.view]

        def shown(paths: list[str], *given: Any) -> Values:
            here = self.here(paths)
            return {self.paths: here, self.tray: self.draw_tray(here), self.matrix: self.drawn(here, *given)}

        def added(paths: list[str], path: str | None, *given: Any) -> Values:
            inputs.read_image(path)  # no photo is an error of its own
            return shown(with_more(paths, [self.as_example(path)]), *given)

        def filled(paths: list[str], path: str | None, *given: Any) -> Values:
            return shown(with_more(paths, [one.path for one in pair.choices[:EXAMPLES]]), *given)

        def removed(paths: list[str], path: str | None, event: gr.EventData, *given: Any) -> Values:
            at = told(event, "index", int, count=max(len(paths), 1))
            return shown(paths[:at] + paths[at + 1 :], *given)

        def seen(paths: list[str], path: str | None, *given: Any) -> Values:
            return shown(paths, *given)

        given = [gr.State(StaleGuard()), self.paths, pair.photo, *asked]
        for listen, act in (
            (self.add.click, added), (self.fill.click, filled), (self.tray.click, removed), (self.view.input, seen),
        ):  # fmt: skip
            ask(
                self.say, listen, newest_only(act), given, [self.paths, self.tray, self.matrix], "match-matrix", **EVERY
            )

    def here(self, paths: list[str]) -> list[str]:
        """Those that are still here; the examples always are."""
        examples = [one.path for one in self.pair.choices]
        return [path for path in paths if path in examples or self.page.uploaded(path)]

    def as_example(self, path: str) -> str:
        """A photo's path; that of the example where it is a copy of one, as gradio makes them."""
        same = (one.path for one in self.pair.choices if Path(one.path).name == Path(path).name)
        return next((one for one in same if filecmp.cmp(one, path)), path)

    def draw_tray(self, paths: list[str]) -> str:
        """The photos, each with a button that takes it out."""
        photos = [heat.photo_uri(inputs.read_image(path), THUMB) for path in paths]
        return render("match/tray.html", say=self.say, photos=photos)

    def drawn(self, paths: list[str], text: str, more: str, model: str, octaves: float, view: str) -> str:
        """The table as HTML; "" with an empty tray.

        Raises:
            TextError: there is no text.
        """
        images = [inputs.read_image(path) for path in self.here(paths)]
        if not images:
            return ""
        texts, _ = inputs.split_lines(f"{text}\n{more}")
        model = able(self.engine, model, "matching")
        result = self.engine.matrix(images, texts[:MOST], model=model)
        if octaves:
            result = self.engine.matrix(images, texts[:MOST], model=model, temperature=result.temperature * 2**octaves)
        return render(
            "match/matrix.html", say=self.say, title=model_title(self.engine, model, self.say), view=view,
            kept=len(result.texts), dropped=len(texts) - len(result.texts), texts=result.texts, foreign=foreign(result),
            rows=cells(result, view, self.say), heated=say_heat(result, view, self.say),
            photos=[heat.photo_uri(image, THUMB) for image in images],
        )  # fmt: skip


def with_more(paths: list[str], more: list[str]) -> list[str]:
    """The tray with photos that it does not hold yet, up to its size."""
    return list(dict.fromkeys([*paths, *more]))[:MOST]


def say_heat(result: MatrixResult, view: str, say: Say) -> str:
    """The temperature of a softmax; "" of cosines."""
    return "" if view == "cosine" else say("match.matrix_softmax", temperature=say.number(result.temperature, 4))


def cells(result: MatrixResult, view: str, say: Say) -> list[list[tuple[str, int]]] | None:
    """For each photo and text (the number as it is read, how dark its cell is in 0 to 100); None for one of one.

    Cosines are shaded between the lowest and the highest of the table, shares as they are.
    """
    if view == "cosine":
        low, high = float(result.similarity.min()), float(result.similarity.max())
        span = max(high - low, 1e-6)
        return [[(say.number(v), round(100 * float(v - low) / span)) for v in row] for row in result.similarity]
    shares = result.over_texts if view == "texts" else result.over_images
    if shares is None:
        return None
    shown = [[(say.percent(float(v)), round(100 * float(v))) for v in row] for row in shares]
    return [[("–", 0) if far else cell for cell, far in zip(row, foreign(result), strict=True)] for row in shown]


def foreign(result: MatrixResult) -> tuple[bool, ...]:
    """Of each text whether the model does not read its language."""
    return result.foreign or (False,) * len(result.texts)
