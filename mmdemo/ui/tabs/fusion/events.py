"""What happens on the Fusion tab: the strip is asked for, a fusion chosen, the knob turned.

`answer`, `closer`, `survey` and `turned` ask the engine and let the files beside this one draw.
Read next: `strip.py`.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from PIL import Image

from mmdemo.types import FusionResult
from mmdemo.ui.gate import told
from mmdemo.ui.markup import part
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.plain import read_sides
from mmdemo.ui.tabs.fusion import dial, figures, history, inside, shapley_values, strip
from mmdemo.ui.tabs.fusion.strip import FEELING, MATCH
from mmdemo.ui.text import Say
from mmdemo.ui.trust import MEAN, trust
from mmdemo.ui.widgets import QUIET, ask, guard

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT, CLOSER, DIAL = "fusion-result", "fusion-closer", "fusion-dial"
LEARNED = "learned"  # the fusion's own vector for a missing side; the engine calls it None
FIRST = "gated"  # the fusion looked at when the tab is opened
SHOW = """(name) => { for (const row of document.querySelectorAll('#fusion-result button.mm-fusion'))
    row.setAttribute('aria-pressed', String(row.dataset.fusion === name)); }"""


class Asked(NamedTuple):
    """What the strip answers; what stands in the fields may be newer."""

    path: str | None  # the photo's file
    sentence: str | None  # as typed
    missing: str = "both"  # the side taken away; "both" = none
    filled: str = LEARNED  # what stands in for it

    @property
    def imputation(self) -> str | None:
        """What stands in for a missing side, as the engine calls it."""
        return None if self.filled == LEARNED else self.filled

    def read(self) -> tuple[Image.Image | None, str | None]:
        """The photo and the sentence, clean; None for what is empty."""
        return read_sides(self.path, self.sentence)


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes."""

    missing: gr.Radio
    imputation: gr.Dropdown
    strip: gr.HTML
    chosen: gr.Dropdown
    question: gr.Radio
    shapley_values: gr.HTML
    formula: gr.Markdown
    inside: gr.HTML
    alpha: gr.Slider
    dial: gr.HTML
    history: gr.HTML
    figures: gr.HTML


def wire(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """Asking draws the strip, then the chosen fusion, then what does not depend on it; each as soon as it is there."""
    start = Asked(pair.opening.path, pair.opening.text)
    asked = gr.State(start)

    def answered(path: str | None, sentence: str, missing: str, filled: str, name: str) -> Values:
        now = Asked(path, sentence, missing, filled)
        return {w.strip: answer(engine, say, now, name), asked: now}

    def pressed(event: gr.EventData) -> str:
        return told.told(event, "fusion", str)

    def placed(draw: Callable[..., dict[str, str]], *given: Any) -> Values:
        return {getattr(w, name): value for name, value in draw(engine, say, *given).items()}

    def first() -> Values:
        return {w.strip: answer(engine, say, start, FIRST), asked: start} | placed(opening, start)

    near = (functools.partial(placed, closer), [asked, w.chosen, w.question], [w.formula, w.inside, w.shapley_values])
    far = (functools.partial(placed, survey), [asked, w.alpha], [w.dial, w.history])
    _, asking = pair.answers(
        "fusion", answered, [w.strip, asked, *near[2], *far[2], w.figures], RESULT, opening=first,
        fields=[w.missing, w.imputation, w.chosen], listen=[w.missing.input, w.imputation.input],
    )  # fmt: skip
    for event in asking:
        after = ask(say, event.success, *near, CLOSER)
        ask(say, after.success, *far, CLOSER)
    w.strip.click(guard(say, pressed), None, w.chosen, queue=False, **QUIET)
    w.chosen.change(None, w.chosen, None, js=SHOW, **QUIET)
    for listen in (w.chosen.change, w.question.input):
        ask(say, listen, *near, CLOSER)
    ask(say, w.alpha.change, functools.partial(turned, engine, say), [asked, w.alpha], w.dial, DIAL)
    pair.keep(
        fusion__side=w.missing, fusion__fill=w.imputation, fusion__one=w.chosen, fusion__question=w.question,
        fusion__alpha=w.alpha,
    )  # fmt: skip


def opening(engine: "Engine", say: Say, asked: Asked) -> dict[str, str]:
    """What stands below the strip when the tab is opened."""
    table = {"figures": figures.draw(engine.fusion_table(), say)}
    return survey(engine, say, asked, 0.5) | table | closer(engine, say, asked, FIRST, f"{FEELING}:")


def answer(engine: "Engine", say: Say, asked: Asked, chosen: str) -> str:
    """A question and the marked row -> the strip as HTML. What is the same question twice is asked once."""
    image, text = asked.read()

    @functools.cache
    def compare(with_image: bool, with_text: bool, task: str, imputation: str | None) -> list[FusionResult]:
        return engine.compare(image if with_image else None, text if with_text else None, task, imputation)

    def answers(with_image: bool, with_text: bool, imputation: str | None) -> list[strip.Answer]:
        both = (compare(with_image, with_text, task, imputation) for task in (MATCH, FEELING))
        return [strip.Answer(*of_one) for of_one in zip(*both, strict=True)]

    given = image is not None, text is not None
    kept = given[0] and asked.missing != "image", given[1] and asked.missing != "text"
    now = answers(*kept, asked.imputation)
    full = None if kept == given else answers(*given, None)
    alone = {
        "image": strip.ensemble(compare(True, False, FEELING, None)) if given[0] else None,
        "text": strip.ensemble(compare(False, True, FEELING, None)) if given[1] else None,
    }
    bounds, said = engine.verdict_bounds[MEAN], ""
    if all(kept):
        value = strip.shares(strip.mean(now).match)["match"]
        said = trust(engine, image, text, MEAN, say("trust.mean"), value, say)
    return strip.draw(now, full, alone, chosen, asked.filled, bounds, say, said)


def closer(engine: "Engine", say: Say, asked: Asked, chosen: str, question: str) -> dict[str, str]:
    """One fusion's formula (Markdown), data flow and Shapley values of the label asked for, or of the likeliest."""
    image, text = asked.read()
    kept = (None if asked.missing == "image" else image), (None if asked.missing == "text" else text)
    task, _, label = question.partition(":")  # "sentiment:neutral", "sentiment:"
    trace = engine.trace(*kept, chosen, task, imputation=asked.imputation)
    if image is None or text is None:
        said = part("note", say("fusion.needs_both"))
    else:
        values = engine.shapley_values(image, text, chosen, task, label or None)
        said = shapley_values.draw(values, say, taken=None in kept, others=engine.compare(image, text, task))
    return {
        "formula": f"{say(f'fusion.idea_{chosen}')}\n\n{inside.formula(trace)}",
        "inside": inside.draw(trace, task, asked.filled, say),
        "shapley_values": said,
    }


def survey(engine: "Engine", say: Say, asked: Asked, alpha: float) -> dict[str, str]:
    """What does not depend on the chosen fusion: the dial and the time machine."""
    image, text = asked.read()
    return {"dial": dials(engine, say, image, text, alpha), "history": history.draw(engine.timeline(image, text), say)}


def turned(engine: "Engine", say: Say, asked: Asked, alpha: float) -> str:
    """The dials after the knob was turned."""
    return dials(engine, say, *asked.read(), alpha)


def dials(engine: "Engine", say: Say, image: Image.Image | None, text: str | None, alpha: float) -> str:
    """Both questions' dials at an alpha in [0, 1]."""
    traces = {task: engine.trace(image, text, "weighted_sum", task, alpha=float(alpha)) for task in (MATCH, FEELING)}
    return dial.draw({task: (engine.alpha_curve(task), trace) for task, trace in traces.items()}, say)
