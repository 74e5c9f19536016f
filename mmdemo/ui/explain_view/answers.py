"""What the Attention tab's events answer: plain values in, HTML and fields out; others draw.

Read next: `figure.py`.
"""

from dataclasses import replace
from typing import Any

import gradio as gr

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui import heat
from mmdemo.ui.explain_view import figure, heads, methods, pad, verdict
from mmdemo.ui.explain_view.question import MEAN, Question, find, target_name
from mmdemo.ui.gate.asker import still_wanted
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

SLOW = "occlusion"


def answer(engine: Engine, say: Say, question: Question) -> tuple[Any, ...]:
    """(words to click, what the method says, "", sign that the test runs, the question, the figure)."""
    image, found = find(engine, question)
    papers = {note.name: note.paper for note in engine.method_notes()}
    return (
        figure.word_row(question.text, found, say),
        figure.hint(question.method, papers.get(question.method, ""), say),
        "",
        verdict.waiting(say),
        question,
        figure.figure(image, found, say),
    )


def fit(
    engine: Engine, say: Say, model: str, method: str, target: str | tuple[str, str] | None, name: str = ""
) -> tuple[Any, Any, Any]:
    """The fields that hang on the model: its methods, what of its answer can be explained, and the rival labels.

    Args:
        engine: knows what fits.
        say: the page's language.
        model: the chosen one.
        method: the chosen one; kept where it still fits.
        target: what is explained, rival and all.
        name: the target alone, "" for the model's own answer.
    """
    names = [note.name for note in engine.method_notes(model, target)]
    targets = engine.targets(model)
    best = next(m for m in (method, engine.default_method(model), *names) if m in names)
    labelled = [(figure.method_name(n, say), n) for n in names]
    asked = [(say("attention.target_own"), ""), *((target_name(t, say), t) for t in targets)]
    feelings = "similarity" not in targets and "match" not in targets
    rival = gr.update(visible=feelings) if name else gr.update(visible=feelings, value="")
    return gr.update(choices=labelled, value=best), gr.update(choices=asked, value=name), rival


def looked_there(engine: Engine, say: Say, question: Question, row: int, column: int) -> str:
    """The words that looked at one place, by the method on the screen where it can tell."""
    image, found = find(engine, question)
    how = None if question.method == MEAN else question.method
    words = engine.words_at(image, question.text, row, column, how, question.target, question.model)
    return figure.looked(words, row, column, found.patch_map.shape, say)


def sane(engine: Engine, say: Say, question: Question) -> str:
    """The map beside the one of a network with random weights."""
    if question.method == MEAN:
        return f'<p class="mm-note">{escape(say("attention.sanity_mean"))}</p>'
    image, found = find(engine, question)
    photo = heat.photo_uri(image, methods.TILE)
    return verdict.sanity(found, engine.sanity(image, question.text, found), photo, say)


def part(engine: Engine, say: Say, question: Question, name: str, marked: str, *corners: float) -> tuple[Any, ...]:
    """What the open part shows: (methods, heads, drawing pad, hit or miss, words to drop, "", four corners).

    Args:
        engine: asked for the maps.
        say: the page's language.
        question: what is on the screen.
        name: of the open part.
        marked: the photo that the box was drawn on; on another one there is no box.
        corners: of the box, as they stand in the fields.
    """
    skip = gr.skip()
    if name == "methods":
        return sides(engine, say, question), *[skip] * 9
    if name == "heads":
        image = inputs.read_image(question.path)
        cross, own = heads.all_heads(engine, question, image)
        return skip, heads.overview(image, cross, own, question, say), *[skip] * 8
    if name == "box":
        image, found = find(engine, question)
        words = [(say("attention.erase_word_none"), -1), *((w, i) for i, w in enumerate(engine.words(question.text)))]
        box = pad.whole_box(*corners) if marked == question.path else None
        told = "" if box is None else pad.box_result(found, box, say)
        fields = [skip] * 4 if marked == question.path else pad.FIRST_BOX
        return skip, skip, pad.pad(image, found, say, box), told, gr.update(choices=words, value=-1), "", *fields
    return (skip,) * 10


def sides(engine: Engine, say: Say, question: Question) -> str:
    """Every method that fits, but for occlusion, which asks the model about every place and would take seconds."""
    image = inputs.read_image(question.path)
    q = replace(question, layer=None, head=None)
    names = tuple(note.name for note in engine.method_notes(q.model, q.target) if note.name != SLOW)
    found = []
    for name in names:
        still_wanted()
        found.append(find(engine, replace(q, method=name))[1])
    agreed = engine.agreement(image, q.text, found, q.word, q.target, q.model)
    return methods.side_by_side(image, found, agreed, question.method, say)


def boxed(engine: Engine, say: Say, question: Question, corners: tuple[float, ...]) -> str:
    """Hit or miss of a box."""
    return pad.box_result(find(engine, question)[1], pad.checked_box(*corners), say)


def erased(engine: Engine, say: Say, question: Question, kind: str, word: int, corners: tuple[float, ...]) -> str:
    """Every verdict again without the brightest fifth ("bright"), what is in the box ("box"), or one word ("word")."""
    image, found = find(engine, question)
    seen, text, title = image, question.text, say(f"attention.erased_{kind}") if kind != "word" else ""
    if kind == "word":
        words = engine.words(question.text)
        if word is None or word < 0:
            return ""
        text, title = pad.without(question.text, words, word), say("attention.erased_word", word=words[word])
    elif kind == "box":
        seen = pad.erased(image, pad.boxed(found.image_map.shape, pad.checked_box(*corners)))
    else:
        seen = pad.erased(image, pad.brightest(found.image_map))
    return pad.asked_again(engine, (image, question.text), (seen, text), title, say)
