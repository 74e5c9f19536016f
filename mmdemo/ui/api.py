"""The three endpoints for programs: /match, /sentiment, /attention. Plain lists and numbers, errors as English sentences.

    from gradio_client import Client, handle_file
    Client("http://127.0.0.1:7860").predict(handle_file("photo.jpg"), ["a dog", "a cat"], api_name="/match")

They have widgets of their own, never shown, because gradio reads an endpoint's inputs from widgets.
Read next: `mmdemo/engine.py`.
"""

from typing import Any

import gradio as gr
import numpy as np

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import MODEL, guard, photo_path


def build_api(engine: Engine, say: Say) -> None:
    """Register the endpoints on the page being built; their docstrings are what the API page shows."""

    def match(image: str, texts: list[str]) -> dict[str, Any]:
        """How well each text fits the photo.

        Args:
            image: the photo, by `handle_file(path)`.
            texts: one text, or a list of up to 50 (more are left out, and counted in `dropped`).

        Returns:
            texts; similarity (cosines in [-1, 1]); probability (in [0, 1], each text by itself); share (softmax over
            the texts, null for a single one); percentile (in [0, 100], of unmatched pairs below); cut_tokens; dropped.
        """
        picture = inputs.read_image(image)
        lines, dropped = inputs.split_lines("\n".join(map(str, texts)) if isinstance(texts, list) else str(texts or ""))
        return {**plain(engine.match(picture, lines)), "dropped": dropped}

    def sentiment(image: str | None = None, text: str | None = None) -> dict[str, Any]:
        """The feeling of a photo, of a sentence, and of both together.

        Args:
            image: the photo, by `handle_file(path)`, or null.
            text: the sentence, or null. One of the two must be given.

        Returns:
            labels; label; probabilities; image_only and text_only (null where not given); note ("disagree" or "").
        """
        sentence = inputs.clean_text(text) if text and text.strip() else None
        result = engine.sentiment(None if image is None else inputs.read_image(image), sentence)
        return {"label": result.label, **plain(result)}

    def attention(image: str, text: str, method: str | None = None, word: int | str | None = None) -> dict[str, Any]:
        """Where in the photo the model looked for the whole sentence, or for one word of it.

        Args:
            image: the photo, by `handle_file(path)`.
            text: the sentence.
            method: "cross_attention" (the default) or "gradcam".
            word: index of a word in `words`, or the word itself; null for the whole sentence.

        Returns:
            patch_map (rows of the patch grid); words; word_weights; method; signed; word (index or null); size [height, width].
        """
        picture = inputs.read_image(image)
        found = engine.explain(picture, text, method or None, None if word in (None, "") else word)
        answer = plain(found, leave_out=("image_map",))
        answer["words"] = [name for name, _ in found.word_weights]
        answer["word_weights"] = [weight for _, weight in found.word_weights]
        return {**answer, "size": list(found.image_map.shape)}

    for answer, kinds in ((match, "pj"), (sentiment, "pt"), (attention, "pttj")):
        register(say, answer, kinds)


def register(say: Say, answer: Any, kinds: str) -> None:
    """One endpoint with hidden widgets: p photo, t text, j anything that JSON can say."""
    with gr.Row(visible=False):
        given = [hidden(kind) for kind in kinds]
        back = gr.JSON(show_label=False)
        button = gr.Button()
    button.click(guard(say, answer), given, back, api_name=answer.__name__, show_progress="hidden", **MODEL)


def hidden(kind: str) -> gr.components.Component:
    """The widget that takes one input of an endpoint."""
    if kind == "p":
        photo = gr.Image(type="filepath")
        photo.preprocess = photo_path
        return photo
    return gr.Textbox() if kind == "t" else gr.JSON()


def plain(result: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frozen result as lists, numbers and strings, with the names of its fields."""
    fields = {name: value for name, value in vars(result).items() if name not in leave_out}
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
