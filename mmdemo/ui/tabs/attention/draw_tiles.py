"""Small maps to press: every method that fits, side by side with their agreement; and every head of a network.

Read next: `templates/attention/pieces.html`, `box.py`.
"""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from mmdemo.types import Agreement, Explanation
from mmdemo.ui import heat
from mmdemo.ui.markup import part, render
from mmdemo.ui.tabs.attention.draw_map import ratio
from mmdemo.ui.tabs.attention.question import Question
from mmdemo.ui.tabs.attention.sentences import head_name, method_name, where_said
from mmdemo.ui.text import Say

TILE = 200  # pixels on the long side of a small picture


def methods_so_far(image: Image.Image, explanations: Sequence[Explanation], question: Question, say: Say) -> str:
    """A small map for every method that has answered; no table yet."""
    return render(
        "attention/methods.html", say=say, photo=heat.photo_uri(image, TILE), ratio=ratio(image),
        tiles=[tile(e, question, say) for e in explanations], names=[],
    )  # fmt: skip


def methods(image: Image.Image, agreed: Agreement, question: Question, say: Say) -> str:
    """A small map for every method and for their mean, then the table of rank correlations."""
    return render(
        "attention/methods.html", say=say, photo=heat.photo_uri(image, TILE), ratio=ratio(image),
        tiles=[tile(e, question, say) for e in (*agreed.explanations, agreed.mean)],
        names=[method_name(name, say) for name in agreed.methods], correlations=agreed.patches,
    )  # fmt: skip


def heads(
    image: Image.Image, cross: Sequence[Explanation], own: Sequence[Explanation], question: Question, say: Say
) -> str:
    """What each head of the text looks at in the photo (`cross`), and in each layer at among the words (`own`)."""
    if not cross and not own:
        rival = isinstance(question.target, tuple)
        return part("note", say("attention.heads_rival" if rival else "attention.heads_none"))
    return render(
        "attention/heads.html", say=say, photo=heat.photo_uri(image, TILE), ratio=ratio(image),
        cross=[tile(e, question, say) for e in cross], own=[tile(e, question, say) for e in own],
        columns=1 + max((e.head for e in own), default=0),
    )  # fmt: skip


def tile(explanation: Explanation, question: Question, say: Say) -> dict[str, Any]:
    """What the template needs of a method or a head: its name, its map if it has one, and the words it weighs."""
    e, words = explanation, shaded(explanation)
    name, where = head_name(e.layer, e.head, say), where_said(e, say)
    stretched = heat.stretched(e.image_map)
    shown = e.image_map if stretched is None else stretched
    map_ = heat.map_uri(shown, e.signed, TILE) if e.patch_map.any() else ""
    if not name:
        name = method_name(e.method, say)
        label = say("attention.tile_alt", method=name, where=where)
    elif map_:
        label, words = say("attention.head_alt_map", name=name, where=where), []
    else:
        heaviest = sorted(words, key=lambda pair: -pair[1])[:2]
        label = say("attention.head_alt", name=name, words=say.joined([word for word, _ in heaviest]))
    pressed = (e.method, e.layer, e.head) == (question.method, question.layer, question.head)
    note = say("attention.tile_stretched", share=say.percent(heat.ROBUST)) if map_ and stretched is not None else ""
    drawn = {"map": map_, "words": words, "note": note}
    return {"explanation": e, "name": name, "label": label, "pressed": pressed} | drawn


def shaded(explanation: Explanation) -> list[tuple[str, float]]:
    """The words with their weights as shares of the heaviest, in [-1, 1]; [] where none has any."""
    weights = explanation.word_weights
    top = max((abs(weight) for _, weight in weights), default=0)
    return [(word, weight / top) for word, weight in weights] if top > 0 else []
