"""Box and eraser: where an answer should be, what lies there, and a photo or a sentence without some of it.

A box is (left, top, right, bottom) in per cent of the photo, as the fields and `pad.js` say it.
Read next: `templates/attention/pad.html`.
"""

import numpy as np
from PIL import Image, ImageFilter

from mmdemo.errors import InputError
from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.attention.draw_map import layers
from mmdemo.ui.tabs.attention.sentences import model_name, value_name, value_said
from mmdemo.ui.text import Say

Box = tuple[float, float, float, float]
SIDES = ("left", "top", "right", "bottom")
FIRST_BOX = (25, 25, 75, 75)  # what the fields say of a photo that nobody has drawn on
SMALLEST = 1.0  # per cent of a side; a box below this is a slip of the hand
BRIGHTEST = 0.2  # of the photo's area that the eraser takes
BLUR = 0.06  # of the photo's long side
AFTER = 320  # pixels on the long side of the photo that was asked about again


def checked_box(left: float | None, top: float | None, right: float | None, bottom: float | None) -> Box:
    """Four corners from the page, put in order and kept within the photo.

    Raises:
        InputError: a corner is missing, or the box is too small.
    """
    if any(corner is None or not np.isfinite(corner) for corner in (left, top, right, bottom)):
        raise InputError("Expected four corners of a box; one is missing.", "no_box")
    (left, right), (top, bottom) = np.sort(np.clip([(left, right), (top, bottom)], 0.0, 100.0)).tolist()
    if right - left < SMALLEST or bottom - top < SMALLEST:
        raise InputError("Expected a box of at least 1 % of each side.", "no_box")
    return left, top, right, bottom


def in_box(shape: tuple[int, ...], box: Box) -> np.ndarray:
    """[height, width] bool: what lies in the box, at least one row and one column."""
    left, top, right, bottom = box
    inside, places = np.zeros(shape[:2], bool), []
    for size, low, high in ((shape[0], top, bottom), (shape[1], left, right)):
        start = min(round(size * low / 100), size - 1)
        places.append(slice(start, max(round(size * high / 100), start + 1)))
    inside[tuple(places)] = True
    return inside


def brightest(image_map: np.ndarray) -> np.ndarray:
    """[height, width] bool: the fifth of the picture with the largest weights; ties are broken in reading order."""
    taken = np.zeros(image_map.size, bool)
    taken[np.argsort(-image_map, axis=None, kind="stable")[: max(1, round(BRIGHTEST * image_map.size))]] = True
    return taken.reshape(image_map.shape)


def occluded(image: Image.Image, where: np.ndarray) -> Image.Image:
    """The photo, blurred beyond recognition where `where` [height, width] is True."""
    blurred = image.filter(ImageFilter.GaussianBlur(max(2.0, BLUR * max(image.size))))
    return Image.composite(blurred, image, Image.fromarray((255 * where).astype(np.uint8)))


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


def pad(image: Image.Image, explanation: Explanation, say: Say, box: Box | None = None) -> str:
    """The photo with the map, to draw on, and the box that was drawn before; `pad.js` draws a new one."""
    left, top, right, bottom = box or FIRST_BOX
    place = f"left:{left:g}%;top:{top:g}%;width:{right - left:g}%;height:{bottom - top:g}%"
    return render("attention/pad.html", say=say, **layers(image, explanation), place=place, hidden=not box)


def box_share(explanation: Explanation, box: Box, say: Say) -> str:
    """Hit or miss of the map's peak, and how much of its weight lies inside; only what speaks for the answer counts."""
    weights = np.maximum(explanation.image_map, 0)
    inside = in_box(weights.shape, box)
    return render(
        "attention/box.html", say=say, hit=inside.flat[weights.argmax()],
        share=weights[inside].sum() / weights.sum() if weights.any() else None,
        covers=(box[2] - box[0]) * (box[3] - box[1]) / 10_000,
    )  # fmt: skip


def asked_again(
    image: Image.Image, text: str, title: str, model: str, before: dict[str, float], after: dict[str, float], say: Say
) -> str:
    """A pair without what `title` says, and each number of the model's answer before -> after, by its target."""
    moves = [
        (value_name(name, say), old, after[name], value_said(name, old, say), value_said(name, after[name], say))
        for name, old in before.items()
    ]
    return render(
        "attention/occluded.html", say=say, photo=heat.photo_uri(image, AFTER), text=text, title=title, moves=moves,
        model=model_name(model, say),
    )  # fmt: skip
