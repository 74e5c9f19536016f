"""One question of the Attention tab as plain values, and the map that answers it.

A visitor's page keeps the question, not the answer: a map is made again in a few hundredths of a second, thousands of
pages would keep megabytes each, and no photo shall outlive its question in memory. Read next: `events.py`.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

from mmdemo import inputs
from mmdemo.types import FEELINGS, Explanation

if TYPE_CHECKING:
    from mmdemo.engine import Engine

MEAN = "mean"  # the mean of all methods that fit, as a method of its own
ASKED = "answering"  # reads a question, not the page's sentence; its map stands on a tab of its own
HEADS = ("matching", "cross_attention", "sentiment")  # the models with a name of their own, the page's first one first

Target = str | tuple[str, str] | None


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        path: the photo's file.
        text: the sentence, clean.
        model: one of `engine.explained_models()`.
        method: one of `engine.all_methods`, or "mean".
        target: as in `engine.explain`; None is the model's own answer.
        word: index of a word, or None for the whole sentence.
        layer, head: of the attention methods, or None.
        grid: (rows, columns) of its map, once it is drawn.
    """

    path: str | None
    text: str
    model: str
    method: str
    target: Target = None
    word: int | None = None
    layer: int | None = None
    head: int | None = None
    grid: tuple[int, int] = field(default=(0, 0), compare=False)


def target_of(target: str, rival: str, rival_text: str, sentence: str) -> Target:
    """What to explain, from the widgets: a name or "", a rival label or "", a rival sentence or ""."""
    if target in FEELINGS and rival in FEELINGS and rival != target:
        return target, rival
    if target not in FEELINGS and rival_text and rival_text.strip():
        return inputs.clean_text(sentence), inputs.clean_text(rival_text)
    return target or None


def find(engine: "Engine", question: Question) -> tuple[Image.Image, Explanation]:
    """The photo and the map that answers a question.

    Raises:
        ImageError: there is no photo. The others as `engine.explain`.
    """
    image = inputs.read_image(question.path)
    return image, explain(engine, image, question)


def explain(engine: "Engine", image: Image.Image, question: Question) -> Explanation:
    """The map that answers a question about a photo that has been read.

    Raises:
        As `engine.explain`.
    """
    q = question
    if q.method == MEAN:
        return engine.agreement(image, q.text, None, q.word, q.target, q.model).mean
    return engine.explain(image, q.text, q.method, q.word, q.target, q.layer, q.head, q.model)
