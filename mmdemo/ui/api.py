"""The endpoints for programs, /match, /sentiment, /compare, /ledger and others: plain values out, errors as sentences.

    from gradio_client import Client, handle_file
    Client("http://127.0.0.1:7860").predict(handle_file("photo.jpg"), ["a dog", "a cat"], api_name="/match")

They have widgets of their own, never shown, because gradio reads an endpoint's inputs from widgets.
Read next: `mmdemo/engine/questions.py`.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.api_autoencoder import reconstruct
from mmdemo.ui.api_explaining import attention, faithfulness
from mmdemo.ui.plain import plain
from mmdemo.ui.tabs.fusion.strip import ensemble
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import MODEL, guard, photo_path


def build_api(engine: Engine, say: Say) -> None:
    """Register the endpoints on the page being built; their docstrings are what the API page shows."""
    for answer in (match, sentiment, attention, faithfulness, compare, ledger, reconstruct):
        bound = functools.update_wrapper(functools.partial(answer, engine), answer)
        del bound.__wrapped__  # or gradio would look through and ask for an engine
        register(say, bound)


def match(engine: Engine, image: str, texts: list[str]) -> dict[str, Any]:
    """How well each text fits the photo.

    Args:
        image: the photo, by `handle_file(path)`.
        texts: one text, or a list of up to 50 (more are left out, and counted in `dropped`).

    Returns:
        texts; similarity (cosines in [-1, 1]); probability (in [0, 1], each text by itself, times understood); share
        (softmax over the texts, null for a single one); percentile (in [0, 100], of unmatched pairs below);
        cut_tokens; understood (in [0, 1], whether each text can be read at all); familiar (in [0, 1], whether the
        picture is like photos); unread (for each text the words that were not read); none_of_these (in [0, 1], the
        probability that no text fits); dropped.
    """
    picture = inputs.read_image(image)
    lines, dropped = inputs.split_lines("\n".join(map(str, texts)) if isinstance(texts, list) else str(texts or ""))
    return {**plain(engine.match(picture, lines)), "dropped": dropped}


def sentiment(engine: Engine, image: str | None = None, text: str | None = None) -> dict[str, Any]:
    """The feeling of a photo, of a sentence, and of both together.

    Args:
        image: the photo, by `handle_file(path)`, or null.
        text: the sentence, or null. One of the two must be given.

    Returns:
        labels; label; probabilities; image_only and text_only (null where not given); note ("disagree" or "");
        understood and familiar (in [0, 1], whether the text can be read and the picture is like photos; null where not
        given).
    """
    result = engine.sentiment(*pair(image, text))
    return {"label": result.label, **plain(result)}


def compare(
    engine: Engine,
    image: str | None = None,
    text: str | None = None,
    task: str | None = None,
    imputation: str | None = None,
) -> dict[str, Any]:
    """What every trained fusion says of one pair, and their mean; either side may be missing.

    Args:
        image: the photo, by `handle_file(path)`, or null.
        text: the sentence, or null. One of the two must be given.
        task: "matching" (the default) or "sentiment".
        imputation: what stands in for a missing side: "zeros", "mean", "nearest" or "predicted"; null takes each
            fusion's own learned vector.

    Returns:
        task; fusions, a list of name, label, labels, probabilities, milliseconds, parameters, missing (null, "image"
        or "text"); ensemble, the same for the mean of their probabilities.
    """
    results = engine.compare(*pair(image, text), task or "matching", imputation or None)
    rows = [{**plain(r), "label": r.label} for r in (*results, ensemble(results))]
    return {"task": task or "matching", "fusions": rows[:-1], "ensemble": rows[-1]}


def ledger(
    engine: Engine, image: str, text: str, fusion: str | None = None, task: str | None = None, label: str | None = None
) -> dict[str, Any]:
    """How much of one answer came from the photo, from the sentence, and from both together.

    Args:
        image: the photo, by `handle_file(path)`.
        text: the sentence.
        fusion: one of the names that /compare answers with; null takes "gated".
        task: "matching" (the default) or "sentiment".
        label: the answer to explain; null takes the most probable one.

    Returns:
        fusion; task; label; none, image, text, both (the label's probability when nothing, one side, or both are
        given); image_share and text_share (Shapley values, together both - none); interaction; conflict.
    """
    picture, sentence = inputs.read_image(image), inputs.clean_text(text)
    return plain(engine.ledger(picture, sentence, fusion or "gated", task or "matching", label or None))


def pair(image: str | None, text: str | None) -> tuple[Any, str | None]:
    """A photo's path and a sentence, read and cleaned; None for what was not given."""
    sentence = inputs.clean_text(text) if text and text.strip() else None
    return None if image is None else inputs.read_image(image), sentence


EXAMPLES: dict[str, Any] = {  # what the API page shows for each input
    "texts": ["a dog on a beach", "two cats"],
    "text": "a dog on a beach",
    "method": "cross_attention",
    "word": "dog",
    "target": "match",
    "layer": 0,
    "head": 0,
    "model": "matching",
    "task": "sentiment",
    "imputation": "zeros",
    "fusion": "gated",
    "label": "positive",
}


JSON = ("texts", "word", "target", "layer", "head")  # inputs that are not always a string


def register(say: Say, answer: Callable[..., Any]) -> None:
    """One endpoint, with a hidden widget for each of its inputs."""
    with gr.Row(visible=False):
        given = [hidden(name) for name in inspect.signature(answer).parameters]
        back = gr.JSON(label="answer")
        button = gr.Button()
    button.click(guard(say, answer), given, back, api_name=answer.__name__, show_progress="hidden", **MODEL)


def hidden(name: str) -> gr.components.Component:
    """The widget that takes one input: a file for the photo, a line for what is always text, JSON for the rest."""
    if name == "image":
        photo = gr.Image(type="filepath", label=name)
        photo.preprocess = photo_path
        return photo
    widget = (gr.JSON if name in JSON else gr.Textbox)(label=name)
    widget.example_payload = lambda: EXAMPLES[name]
    return widget
