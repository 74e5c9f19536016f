"""The endpoint /reconstruct for programs. Read next: `api.py`, `mmdemo/engine/imagination.py`."""

from typing import Any

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui import heat


def reconstruct(engine: Engine, image: str | None = None, text: str | None = None) -> dict[str, Any]:
    """A photo, a sentence or both through one short code and back; a missing side is imagined from the other.

    Args:
        image: the photo, by `handle_file(path)`, or null.
        text: the sentence, English or Chinese, or null. One of the two must be given.

    Returns:
        picture and original (64 x 64 PNG as data URIs; original is null without a photo); words (lists of word and
        probability, most likely first); latent (the code); image_error and text_error (null without that side);
        neighbours (lists of caption and cosine); known_words and unknown_words of the sentence.
    """
    sentence = inputs.clean_text(text) if text and text.strip() else None
    result = engine.reconstruct(None if image is None else inputs.read_image(image), sentence)
    return {
        "picture": heat.picture_uri(result.picture),
        "original": None if result.original is None else heat.picture_uri(result.original),
        "words": [list(pair) for pair in result.words],
        "latent": result.latent.tolist(),
        "image_error": result.image_error,
        "text_error": result.text_error,
        "neighbours": [list(pair) for pair in result.neighbours],
        "known_words": list(result.known_words),
        "unknown_words": list(result.unknown_words),
    }
