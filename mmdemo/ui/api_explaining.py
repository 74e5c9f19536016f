"""The endpoints /attention and /faithfulness for programs. Read next: `api.py`, `mmdemo/engine/explain.py`."""

from contextlib import closing
from typing import Any

from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import Curves, Explanation
from mmdemo.ui.gate.asker import still_wanted
from mmdemo.ui.plain import plain


def attention(
    engine: Engine,
    image: str,
    text: str,
    method: str | None = None,
    word: int | str | None = None,
    target: str | list[str] | None = None,
    layer: int | None = None,
    head: int | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """Where in the photo the model looked for the whole sentence, or for one word of it.

    Args:
        image: the photo, by `handle_file(path)`.
        text: the sentence.
        method: "cross_attention", "gradcam" or another; null takes the one that is measured best for the model.
        word: index of a word in `words`, or the word itself; null for the whole sentence.
        target: what to explain: "similarity", "match", a label, or a list of two labels or two sentences for why the
            first and not the second; null takes the model's own answer.
        layer: of "self_attention", from 0; null takes the last.
        head: of the attention methods, from 0; null takes their mean.
        model: "matching", "cross_attention", "sentiment" or a fusion ("sentiment-gated"); null takes one that fits.

    Returns:
        patch_map (rows of the patch grid); words; word_weights; method; signed; word (index or null); run (how many
        words were explained); model; target; layer; head; size [height, width].

    Example:
        client.predict(handle_file("photo.jpg"), "a dog runs", word="dog", api_name="/attention")
    """
    _, found = explained(engine, image, text, method, word, target, layer, head, model)
    answer = plain(found, leave_out=("image_map",))
    answer["words"] = [name for name, _ in found.word_weights]
    answer["word_weights"] = [weight for _, weight in found.word_weights]
    return {**answer, "size": list(found.image_map.shape)}


def faithfulness(
    engine: Engine,
    image: str,
    text: str,
    method: str | None = None,
    word: int | str | None = None,
    target: str | list[str] | None = None,
    layer: int | None = None,
    head: int | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """Whether the answer hangs on what a map calls important: its deletion and insertion curves.

    Args:
        image: the photo, by `handle_file(path)`.
        text: the sentence.
        method: as for /attention.
        word: as for /attention.
        target: as for /attention.
        layer: as for /attention.
        head: as for /attention.
        model: as for /attention.

    Returns:
        verdict ("finds" what matters, "blob": no better than one, "flat": nothing to find); word_verdict (or null);
        deletion, insertion, word_deletion and word_insertion (null where words are not tested), each with share, map,
        random, centre (lists) and areas; method; model; target.

    Example:
        client.predict(handle_file("photo.jpg"), "a dog runs", method="gradcam", api_name="/faithfulness")
    """
    picture, found = explained(engine, image, text, method, word, target, layer, head, model)
    with closing(engine.growing_faithfulness(picture, inputs.clean_text(text), found)) as work:
        for part in work:
            still_wanted()
            test = part[1]
    named = ("deletion", "insertion", "word_deletion", "word_insertion")
    answer = {name: _curves(getattr(test, name)) for name in named}
    answer |= {"verdict": test.verdict, "word_verdict": test.word_verdict, "target": plain(test)["target"]}
    return {**answer, "method": found.method, "model": found.model}


def explained(
    engine: Engine, image: str, text: str, method: str | None, word: object, target: object, *options: Any
) -> tuple[Image.Image, Explanation]:
    """The photo and its explanation, from the plain values of an endpoint.

    Raises:
        As `engine.explain`.
    """
    picture = inputs.read_image(image)
    asked = tuple(target) if isinstance(target, list) else target or None
    layer, head, model = options
    chosen = None if word in (None, "") else word
    return picture, engine.explain(picture, text, method or None, chosen, asked, layer, head, model or None)


def _curves(curves: Curves | None) -> dict[str, Any] | None:
    return None if curves is None else plain(curves) | {"areas": curves.areas}
