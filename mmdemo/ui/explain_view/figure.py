"""The first thing the Attention tab shows: the sentence as words to click, and the photo with the map over it.

Read next: `verdict.py`.
"""

import numpy as np
from PIL import Image

from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.explain_view.question import MEAN, head_name, model_name, subject_name, target_name
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say


def word_row(sentence: str, found: Explanation, say: Say) -> str:
    """Every word as a button, its weight as the line below it; the sentence rides along, for the field may change."""
    sizes = [abs(weight) for _, weight in found.word_weights]
    top, total = max(sizes, default=0.0) or 1.0, sum(sizes) or 1.0
    chosen = range(0) if found.word is None else range(found.word, found.word + found.run)
    buttons = "".join(
        f'<button type="button" class="mm-word" data-word="{i}" dir="auto" aria-pressed="{_truth(i in chosen)}"'
        f' style="--w:{abs(weight) / top:.2f}"{_side(weight)}'
        f' aria-label="{escape(say("attention.word_alt", word=word, percent=say.percent(abs(weight) / total)))}">'
        f"{escape(word)}<i></i></button>"
        for i, (word, weight) in enumerate(found.word_weights)
    )
    lead, whole = escape(say("attention.words")), escape(say("attention.whole"))
    return (
        f'<p class="mm-words-lead">{lead}</p>'
        f'<div class="mm-words" role="group" aria-label="{lead}" data-sentence="{escape(sentence)}">'
        f'<button type="button" class="mm-word mm-all" aria-pressed="{_truth(found.word is None)}">{whole}</button>'
        f"{buttons}</div>"
    )


def figure(image: Image.Image, found: Explanation, say: Say) -> str:
    """The photo with the map over it, in words what it shows, and whose map it is."""
    what, where = subject_name(found, say), where_said(found, say)
    label = say("attention.figure_alt", what=what, where=where)
    parts = [method_name(found.method, say), head_name(found.layer, found.head, say)]
    parts += [model_name(found.model, say), target_name(found.target, say)] if found.model else []
    whose = " · ".join(part for part in parts if part)
    rows, columns = found.patch_map.shape
    grid, ratio = f"{rows},{columns}", image.width / image.height
    return (
        f'<figure class="mm-figure" style="--ratio:{ratio:.4f};--rows:{rows};--columns:{columns}" '
        f'data-caption="{escape(f"{what} · {whose}")}">{stage(image, found, label, grid)}{scale(found.signed, say)}'
        f'<figcaption role="status"><b dir="auto">{escape(what)}</b> <span class="mm-soft">{escape(whose)}</span><br>'
        f"{escape(where)}</figcaption></figure>"
    )


def stage(image: Image.Image, found: Explanation, label: str, grid: str = "") -> str:
    """The photo and the map upon each other; `grid` "h,w" lets its places be chosen by mouse and keys (`figure.js`)."""
    kind = f'role="group" tabindex="0" data-grid="{grid}"' if grid else 'role="img"'
    return (
        f'<div class="mm-stage" {kind} aria-label="{escape(label)}">'
        f'<img class="mm-photo-shown" alt="" src="{heat.photo_uri(image)}">'
        f'<img class="mm-heat" alt="" src="{heat.map_uri(found.image_map, signed=found.signed)}"></div>'
    )


def scale(signed: bool, say: Say) -> str:
    """The colour bar with its two ends in words."""
    low, high = ("against", "for") if signed else ("low", "high")
    ends = [escape(say(f"attention.scale_{end}")) for end in (low, high)]
    return f'<span class="mm-scale">{ends[0]}<i style="background:{heat.gradient(signed)}"></i>{ends[1]}</span>'


def where_said(found: Explanation, say: Say) -> str:
    """Where the weight lies, and of a signed map how much of it speaks against the answer."""
    where = heat.describe(np.maximum(found.image_map, 0), say)
    total, against = float(np.abs(found.image_map).sum()), float(-found.image_map[found.image_map < 0].sum())
    if against <= 0:
        return where
    percent = say.percent(against / total)
    return f"{where} {say('attention.against', percent=percent)}"


def method_name(method: str, say: Say) -> str:
    """A method, or the mean of all, as people call it."""
    return say("attention.mean") if method == MEAN else say(f"attention.{method}")


def tools(say: Say) -> str:
    """Opacity, saving, and what a map does not say. All in the browser; the server is not asked."""
    return (
        '<div class="mm-tools">'
        f"<label>{escape(say('attention.opacity'))}"
        '<input type="range" id="attention-opacity" min="0" max="100" value="60"></label>'
        f'<label class="mm-check"><input type="checkbox" id="attention-grid">{escape(say("attention.grid"))}</label>'
        f'<button type="button" id="attention-save">{escape(say("attention.save"))}</button>'
        f'<p class="mm-caution">{escape(say("attention.caution"))}</p>'
        f"<p>{escape(say('attention.click_hint'))}</p></div>"
    )


def hint(method: str, paper: str, say: Say) -> str:
    """What a method can and cannot say, and where it was published ("" for the mean)."""
    if method == MEAN:
        return f'<p class="mm-soft">{escape(say("attention.mean_hint"))}</p>'
    said = say.sentences(say(f"attention.{method}_hint"), say("attention.paper", paper=paper))
    return f'<p class="mm-soft">{escape(said)}</p>'


def looked(words: tuple[tuple[str, float], ...], row: int, column: int, grid: tuple[int, int], say: Say) -> str:
    """The words that looked at one clicked place, the heaviest first, with their shares."""
    total = sum(abs(weight) for _, weight in words)
    place = {"row": row + 1, "column": column + 1, "h": grid[0], "w": grid[1]}
    if total <= 0:
        return f'<p class="mm-note" role="status">{escape(say("attention.looked_none", **place))}</p>'
    ranked = sorted(words, key=lambda pair: -abs(pair[1]))[:4]
    said = say.joined([f"{word} {say.percent(abs(weight) / total)}" for word, weight in ranked])
    return f'<p class="mm-note" role="status">{escape(say("attention.looked_here", **place, words=said))}</p>'


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _side(weight: float) -> str:
    return ' data-side="against"' if weight < 0 else ""
