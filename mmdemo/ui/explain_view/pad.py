"""Box and eraser: mark where the answer should be, or take something away and ask every question again.

A box is (left, top, right, bottom) in per cent of the photo, as the fields and `pad.js` say it.
Read next: `tabs/attention.py`.
"""

import numpy as np
from PIL import Image, ImageFilter

from mmdemo.engine import Engine
from mmdemo.errors import InputError
from mmdemo.types import Explanation
from mmdemo.ui import heat, render
from mmdemo.ui.explain_view.figure import stage
from mmdemo.ui.explain_view.question import LABELS
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

Box = tuple[float, float, float, float]
BRIGHTEST = 0.2  # of the photo's area that the eraser takes
SMALLEST = 1.0  # per cent of a side; a box below this is a slip of the hand
BLUR = 0.06  # of the photo's long side
FIRST_BOX = (25, 25, 75, 75)  # what the fields say of a photo that nobody has drawn on


def pad(image: Image.Image, found: Explanation, say: Say, box: Box | None = None) -> str:
    """The photo with the map, to draw on, and the box that was drawn before; `pad.js` draws a new one."""
    shown = stage(image, found, say("attention.box_alt"))
    left, top, right, bottom = box or FIRST_BOX
    place = f"left:{left:g}%;top:{top:g}%;width:{right - left:g}%;height:{bottom - top:g}%"
    return (
        f'<div class="mm-pad" style="--ratio:{image.width / image.height:.4f}">{shown}'
        f'<i class="mm-drawn" style="{place}"{"" if box else " hidden"}></i></div>'
        f'<p class="mm-soft">{escape(say("attention.box_lead"))}</p>'
    )


def whole_box(*corners: float | None) -> Box | None:
    """`checked_box`, or None for corners that make no box (a field that is being typed in, say)."""
    try:
        return checked_box(*corners)
    except InputError:
        return None


def checked_box(left: float | None, top: float | None, right: float | None, bottom: float | None) -> Box:
    """Four corners from the page, put in order and kept within the photo.

    Raises:
        InputError: a corner is missing, or the box is too small.
    """
    if any(corner is None or not np.isfinite(corner) for corner in (left, top, right, bottom)):
        raise InputError("Expected four corners of a box; one is missing.", "no_box")
    (left, right), (top, bottom) = (
        sorted(min(max(float(c), 0.0), 100.0) for c in p) for p in ((left, right), (top, bottom))
    )
    if right - left < SMALLEST or bottom - top < SMALLEST:
        raise InputError("Expected a box of at least 1 % of each side.", "no_box")
    return left, top, right, bottom


def box_result(found: Explanation, box: Box, say: Say) -> str:
    """Hit or miss of the map's peak, and how much of its weight lies inside; only what speaks for the answer counts."""
    weights = np.maximum(found.image_map, 0)
    if not weights.any():
        return f'<p class="mm-note" role="status">{escape(say("attention.box_empty"))}</p>'
    rows, columns = inside(weights.shape, box)
    peak = np.unravel_index(int(weights.argmax()), weights.shape)
    hit = rows.start <= peak[0] < rows.stop and columns.start <= peak[1] < columns.stop
    covers = (box[2] - box[0]) * (box[3] - box[1]) / 10_000
    share = float(weights[rows, columns].sum() / weights.sum())
    line = escape(say("attention.box_hit" if hit else "attention.box_miss"))
    rest = escape(say("attention.box_share", inside=say.percent(share), covers=say.percent(covers)))
    return (
        f'<p class="mm-badge mm-badge-{"finds" if hit else "blob"}" role="status"><strong>{line}</strong><br>{rest}</p>'
    )


def inside(shape: tuple[int, ...], box: Box) -> tuple[slice, slice]:
    """Rows and columns of a [height, width] array that a box holds, at least one of each."""
    height, width = shape[:2]
    left, right = (round(width * c / 100) for c in (box[0], box[2]))
    top, bottom = (round(height * c / 100) for c in (box[1], box[3]))
    left, top = min(left, width - 1), min(top, height - 1)
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def brightest(image_map: np.ndarray) -> np.ndarray:
    """[height, width] bool: the fifth of the picture with the largest weights; ties are broken in reading order."""
    count = max(1, round(BRIGHTEST * image_map.size))
    order = np.argsort(-image_map, axis=None, kind="stable")[:count]
    taken = np.zeros(image_map.size, bool)
    taken[order] = True
    return taken.reshape(image_map.shape)


def boxed(shape: tuple[int, ...], box: Box) -> np.ndarray:
    """[height, width] bool: what lies in the box."""
    taken = np.zeros(shape[:2], bool)
    taken[inside(shape, box)] = True
    return taken


def erased(image: Image.Image, taken: np.ndarray) -> Image.Image:
    """The photo, blurred beyond recognition where `taken` [height, width] is True."""
    blurred = image.filter(ImageFilter.GaussianBlur(max(2.0, BLUR * max(image.size))))
    return Image.composite(blurred, image, Image.fromarray((255 * taken).astype(np.uint8)))


def without(text: str, words: tuple[str, ...], index: int) -> str:
    """A text with one of its words taken out, found by walking through the words before it.

    Args:
        text: the sentence.
        words: its words in reading order, in any case.
        index: of the word to take out.

    Raises:
        InputError: it is the only word.
    """
    if len(words) < 2 or not 0 <= index < len(words):
        raise InputError("Expected one of several words.", "last_word")
    at, low = 0, text.lower()
    for word in words[:index]:
        at = max(low.find(word.lower(), at), at - 1) + len(word)
    start = low.find(words[index].lower(), at)
    if start < 0:
        return " ".join(w for i, w in enumerate(words) if i != index)
    return " ".join((text[:start] + text[start + len(words[index]) :]).split())


def asked_again(
    engine: Engine, before: tuple[Image.Image, str], after: tuple[Image.Image, str], title: str, say: Say
) -> str:
    """Match and feelings of a pair as it was and as it is now, before -> after.

    Args:
        engine: asked four times.
        before: the photo and the sentence on the screen.
        after: the same with something taken away.
        title: what was taken, in words.
        say: the page's language.
    """
    sides = []
    for image, text in (before, after):
        match = float(engine.match(image, [text]).probability[0])
        feeling = engine.sentiment(image, text)
        named = dict(zip(feeling.labels, feeling.probabilities.tolist(), strict=True))
        sides.append([(say("attention.erased_match"), match)] + [(say(f"sentiment.{n}"), named[n]) for n in LABELS])
    rows = "".join(_move(name, old, new, say) for (name, old), (_, new) in zip(*sides, strict=True))
    alt, source = escape(say("attention.erased_alt")), heat.photo_uri(after[0], 320)
    photo = f'<img class="mm-erased-photo" alt="{alt}" src="{source}">'
    return (
        f'<div class="mm-card mm-erased" role="status"><div>{photo}<p class="mm-soft" dir="auto">{escape(after[1])}</p>'
        f'</div><div><h3 class="mm-part">{escape(title)}</h3>{rows}</div></div>'
    )


def _move(name: str, old: float, new: float, say: Say) -> str:
    label = say("attention.erased_move", name=name, before=say.percent(old), after=say.percent(new))
    bars = render.bar(old, "") + render.bar(new, label, strong=True)
    return (
        f'<div class="mm-move"><span>{escape(name)}</span><div>{bars}</div>'
        f"<b>{escape(say.percent(old))} → {escape(say.percent(new))}</b></div>"
    )
