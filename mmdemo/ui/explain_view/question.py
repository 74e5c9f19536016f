"""One question of the Attention tab as plain values, and its answer: what the other drawings are made of.

A visitor's page keeps the question, not the answer: a map is made again in a few hundredths of a second, and thousands
of pages would keep megabytes each. Read next: `figure.py`.
"""

from dataclasses import dataclass

from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import Explanation
from mmdemo.ui.text import Say

MEAN = "mean"  # the mean of all methods that fit, as a method of its own
LABELS = ("negative", "neutral", "positive")
FUSION_TASKS = ("matching", "sentiment")
HEADS = ("cross_attention", "matching", "sentiment")  # the models with a name of their own, the page's first one first
SYSTEMS = ("bert_resnet",)  # of the Fusion tab's time machine, those that can be explained


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
    """

    path: str
    text: str
    model: str
    method: str
    target: str | tuple[str, str] | None = None
    word: int | None = None
    layer: int | None = None
    head: int | None = None


def read(path: str | None, sentence: str, model: str, method: str, target: str | tuple[str, str] | None) -> Question:
    """The question a visitor's fields ask.

    Raises:
        ImageError, TextError: there is no photo, or no sentence.
    """
    inputs.read_image(path)
    return Question(str(path), inputs.clean_text(sentence), model, method, target)


def target_of(target: str, rival: str, rival_text: str, sentence: str) -> str | tuple[str, str] | None:
    """What to explain, from the widgets: a name or "", a rival label or "", a rival sentence or ""."""
    if target in LABELS and rival in LABELS and rival != target:
        return target, rival
    if target not in LABELS and rival_text and rival_text.strip():
        return inputs.clean_text(sentence), inputs.clean_text(rival_text)
    return target or None


def find(engine: Engine, question: Question) -> tuple[Image.Image, Explanation]:
    """The photo and the map that answers a question.

    Raises:
        As `engine.explain`.
    """
    image = inputs.read_image(question.path)
    q = question
    if q.method == MEAN:
        return image, engine.agreement(image, q.text, None, q.word, q.target, q.model).mean
    return image, engine.explain(image, q.text, q.method, q.word, q.target, q.layer, q.head, q.model)


def model_name(model: str, say: Say) -> str:
    """A model of the table as people call it."""
    if model in HEADS:
        return say(f"attention.model_{model}")
    if model in SYSTEMS:
        return say(f"fusion.system_{model}")
    task, _, fusion = model.partition("-")
    if task in FUSION_TASKS and fusion:
        return say(f"attention.model_fusion_{task}", name=say(f"fusion.name_{fusion}"))
    return model


def target_name(target: str | tuple[str, str], say: Say) -> str:
    """The number that is explained, in words."""
    if isinstance(target, tuple):
        first, second = (say(f"sentiment.{t}") if t in LABELS else t for t in target)
        return say("attention.target_pair", first=first, second=second)
    if target in LABELS:
        return say("attention.target_feeling", label=say(f"sentiment.{target}"))
    known = {"similarity": "attention.target_similarity", "match": "attention.target_match"}
    return say(known.get(target, "attention.target_any"))


def subject_name(found: Explanation, say: Say) -> str:
    """The word that is explained, or "whole sentence"."""
    if found.word is None:
        return say("attention.whole")
    run = "".join(word for word, _ in found.word_weights[found.word : found.word + found.run])
    return say("attention.word_caption", word=run)


def head_name(layer: int | None, head: int | None, say: Say) -> str:
    """A layer and a head, counted from 1; "" where none was chosen."""
    if head is None:
        return ""
    if layer is None:
        return say("attention.only_head", head=head + 1)
    return say("attention.layer_head", layer=layer + 1, head=head + 1)
