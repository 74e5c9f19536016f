"""What the Attention tab answers: asks the engine, has it drawn, and says which widget shows what.

Every function gives the values by the names that `events.Widgets` has for its widgets. Read next: `draw_map.py`.
"""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import InputError
from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.gate.asker import still_wanted
from mmdemo.ui.markup import part, render
from mmdemo.ui.tabs.attention import box, draw_map, draw_test, draw_tiles
from mmdemo.ui.tabs.attention.question import MEAN, Question, Target, explain, find, target_of
from mmdemo.ui.tabs.attention.sentences import method_name, model_name, target_name
from mmdemo.ui.text import Say
from mmdemo.ui.trust import trust

if TYPE_CHECKING:
    from mmdemo.engine import Engine

Values = dict[str, Any]  # name of a widget -> its new value
CROSS, SELF, SLOW = "cross_attention", "self_attention", "occlusion"
MOST = 48  # layers and heads that are asked for, at most: a larger tower shows its first ones


def asked(
    engine: "Engine", say: Say, path: str | None, text: str, model: str, method: str, target: str, rival: str,
    rival_text: str,
) -> Values:  # fmt: skip
    """What a visitor's fields ask: the fields, so far as they fit the model, and the map.

    Args:
        path, text, model: the photo's file, the sentence as it was typed, the model.
        method: another one is taken where this one does not fit.
        target: what of the model's answer to explain; "", its own, where it has no such thing.
        rival: a label, rather than which; asked of a model that feels.
        rival_text: a sentence, likewise; asked of a model that compares.

    Raises:
        ImageError, TextError: there is no photo, or no sentence. The others as `engine.explain`.
    """
    can = engine.capabilities(model)
    target = target if target in can.targets else ""
    given = ("", rival_text) if "text" in can.rivals else (rival if target else "", "")
    whole = target_of(target, *given, text)
    fields = fit(engine, say, model, method, whole, target)
    question = Question(path, inputs.clean_text(text), model, fields["method"]["value"], whole)
    return fields | answer(engine, say, question)


def fit(engine: "Engine", say: Say, model: str, method: str, target: Target, name: str = "") -> Values:
    """The fields that hang on the model: the methods that fit, what of its answer can be explained, and the rivals.

    Args:
        model, method: the chosen ones; the method is kept where it still fits.
        target: what is explained, rival and all.
        name: the target alone, "" for the model's own answer.
    """
    can = engine.capabilities(model)
    names, compares = can.rival_methods if isinstance(target, tuple) else can.methods, "text" in can.rivals
    targets = [(say("attention.target_own"), ""), *((target_name(one, say), one) for one in can.targets)]
    return {
        "method": gr.update(
            choices=[(method_name(one, say), one) for one in names],
            value=next(one for one in (method, can.default_method, *names) if one in names),
        ),
        "target": gr.update(choices=targets, value=name),
        "rival": gr.update(visible=not compares, **({} if name else {"value": ""})),
        "rival_text": gr.update(visible=compares),
    }


def answer(engine: "Engine", say: Say, question: Question) -> Values:
    """The map, its words to click, what its method says, and the sign that its test begins."""
    image, explanation = find(engine, question)
    values = engine.target_values(image, question.text, question.model)
    papers = {note.name: note.paper for note in engine.method_notes()}
    return {
        "words": draw_map.word_row(explanation, say),
        "hint": draw_map.hint(question.method, papers.get(question.method, ""), say),
        "words_at": "",
        "test": draw_test.untested("waiting", say),
        "question": replace(question, grid=explanation.patch_map.shape),
        "shown": draw_map.figure(image, explanation, say, values) + trusted(engine, say, question, image, values),
    }


def trusted(engine: "Engine", say: Say, question: Question, image: Image.Image, values: dict[str, float]) -> str:
    """Which to trust where another model than Match's own is explained and says something else; "" where it is not."""
    if "match" not in values:
        return ""
    name = model_name(question.model, say)
    return trust(engine, image, question.text, question.model, name, values["match"], say)


def words_at(engine: "Engine", say: Say, question: Question, row: int, column: int) -> str:
    """The words that looked at one place of the map on the screen, by its method where that can tell."""
    image, method = inputs.read_image(question.path), None if question.method == MEAN else question.method
    weights = engine.words_at(image, question.text, row, column, method, question.target, question.model)
    return draw_map.words_at(weights, row, column, question.grid, say)


def sanity(engine: "Engine", say: Say, question: Question) -> str:
    """The map beside the one of a network with random weights."""
    if question.method == MEAN:
        return part("note", say("attention.sanity_mean"))
    image, explanation = find(engine, question)
    photo = heat.photo_uri(image, draw_tiles.TILE)
    return draw_test.sanity(explanation, engine.sanity(image, question.text, explanation), photo, say)


def growing_part(
    engine: "Engine", say: Say, question: Question, name: str, marked: str, *corners: float
) -> Iterator[Values]:
    """What the open part shows: "methods" and "heads" more and more of it, another as `open_part`."""
    if name not in ("methods", "heads"):
        yield open_part(engine, say, question, name, marked, *corners)
        return
    yield {"running_parts": running("parts", say)}
    for html in (growing_methods if name == "methods" else growing_heads)(engine, say, question):
        yield {name: html}


def running(place: str, say: Say, state: str = "running") -> str:
    """The words that say a "map", a "parts" or a "sanity" is at work, with a button to stop it, or that it was stopped.

    The page keeps them ready and shows them the moment that the place waits (`static/attention.css`).
    """
    return render("attention/running.html", say=say, place=place, stopped=state == "stopped")


def open_part(engine: "Engine", say: Say, question: Question, name: str, marked: str, *corners: float) -> Values:
    """What the open part shows: "box", or another that shows nothing of its own.

    Args:
        marked: the photo that the box was drawn on; on another one there is no box.
        corners: of the box, as they stand in the fields.
    """
    if name != "box":
        return {}
    image, explanation = find(engine, question)
    words = [(say("attention.erase_word_none"), -1), *((w, i) for i, w in enumerate(engine.words(question.text)))]
    drawn = None
    with contextlib.suppress(InputError):  # a field that is being typed in, say
        drawn = box.checked_box(*corners) if marked == question.path else None
    return {
        "pad": box.pad(image, explanation, say, drawn),
        "box": box.box_share(explanation, drawn, say) if drawn else "",
        "drop": gr.update(choices=words, value=-1),
        "occluded": "",
    } | ({} if marked == question.path else dict(zip(box.SIDES, box.FIRST_BOX, strict=True)))


def growing_methods(engine: "Engine", say: Say, question: Question) -> Iterator[str]:
    """One method after the other, at last their agreement.

    Without occlusion, which asks the model about every place and would take seconds.
    """
    image, q = inputs.read_image(question.path), replace(question, layer=None, head=None)
    explanations = []
    for note in engine.method_notes(q.model, q.target):
        if note.name != SLOW:
            still_wanted()
            explanations.append(explain(engine, image, replace(q, method=note.name)))
            yield draw_tiles.methods_so_far(image, explanations, question, say)
    agreed = engine.agreement(image, q.text, explanations, q.word, q.target, q.model)
    yield draw_tiles.methods(image, agreed, question, say)


def growing_heads(engine: "Engine", say: Say, question: Question) -> Iterator[str]:
    """The heads of the model, layer after layer."""
    image = inputs.read_image(question.path)
    for so_far in layers_of_heads(engine, question, image):
        yield draw_tiles.heads(image, *so_far, question, say)


def layers_of_heads(
    engine: "Engine", question: Question, image: Image.Image
) -> Iterator[tuple[list[Explanation], list[Explanation]]]:
    """(cross-attention head by head, self-attention layer by layer and head by head) so far; empty where there is none.

    It comes after cross-attention, and again after each layer of self-attention. Attention is the same whatever is
    asked, so it cannot say "why this and not that": asked that, there is none either.
    """
    if isinstance(question.target, tuple):
        yield [], []
        return
    options, none = engine.capabilities(question.model).options, {"layer": 0, "head": 0}
    cross, own = options.get(CROSS, none), options.get(SELF, none)

    def ask(method: str, **place: int) -> Explanation:
        still_wanted()
        return engine.explain(image, question.text, method, word=question.word, model=question.model, **place)

    places = list(itertools.product(range(own["layer"]), range(own["head"])))[:MOST]
    seen, read = [ask(CROSS, head=head) for head in range(cross["head"])[:MOST]], []
    if seen or not places:
        yield seen, read
    for _, layer in itertools.groupby(places, key=lambda place: place[0]):
        read = read + [ask(SELF, layer=at, head=head) for at, head in layer]
        yield seen, read


def box_share(engine: "Engine", say: Say, question: Question, corners: Sequence[float]) -> str:
    """Hit or miss of a box."""
    return box.box_share(find(engine, question)[1], box.checked_box(*corners), say)


def without_part(
    engine: "Engine", say: Say, question: Question, kind: str, word: int | None, corners: Sequence[float]
) -> str:
    """The explained model's answer without the brightest fifth ("bright"), what is in the box ("box"), or a "word"."""
    text = question.text
    if kind == "word":
        if word is None or word < 0:
            return ""
        words, image = engine.words(text), inputs.read_image(question.path)
        seen, text, title = image, box.without(text, words, word), say("attention.erased_word", word=words[word])
    else:
        image, explanation = find(engine, question)
        taken = explanation.image_map
        taken = box.brightest(taken) if kind == "bright" else box.in_box(taken.shape, box.checked_box(*corners))
        seen, title = box.occluded(image, taken), say(f"attention.erased_{kind}")
    before, after = (engine.target_values(*pair, question.model) for pair in ((image, question.text), (seen, text)))
    return box.asked_again(seen, text, title, question.model, before, after, say)
