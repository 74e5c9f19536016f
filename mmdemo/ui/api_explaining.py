"""The endpoints /attention and /faithfulness for programs. Read next: `api.py`, `mmdemo/engine/explain.py`."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from PIL import Image

from mmdemo import inputs
from mmdemo.types import Explanation
from mmdemo.ui.gate.asker import still_wanted
from mmdemo.ui.plain import plain

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def attention(
    engine: "Engine", image: str, text: str, method: str | None = None, word: int | str | None = None,
    target: str | list[str] | None = None, layer: int | None = None, head: int | None = None, model: str | None = None,
) -> dict[str, Any]:  # fmt: skip
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
    _, explanation = explained(engine, image, text, method, word, target, layer, head, model)
    answer = plain(explanation, leave_out=("image_map",)) | {"size": list(explanation.image_map.shape)}
    answer["words"] = [name for name, _ in explanation.word_weights]
    return answer | {"word_weights": [weight for _, weight in explanation.word_weights]}


def faithfulness(
    engine: "Engine", image: str, text: str, method: str | None = None, word: int | str | None = None,
    target: str | list[str] | None = None, layer: int | None = None, head: int | None = None, model: str | None = None,
) -> dict[str, Any]:  # fmt: skip
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
        verdict ("finds" what matters, "blob": not shown to beat a random map and a blob in the middle in both curves,
        "flat": nothing to find, "no": the model says no match, "other": it answers something else); word_verdict (or
        null);
        deletion, insertion, word_deletion and word_insertion (null where words are not tested), each with share, map,
        random, centre (lists) and areas; method; model; target.

    Example:
        client.predict(handle_file("photo.jpg"), "a dog runs", method="gradcam", api_name="/faithfulness")
    """
    picture, explanation = explained(engine, image, text, method, word, target, layer, head, model)
    with closing(engine.growing_faithfulness(picture, inputs.clean_text(text), explanation)) as work:
        for part in work:
            still_wanted()
            test = part[1]
    answer = {"verdict": test.verdict, "word_verdict": test.word_verdict, "target": plain(test)["target"]}
    for name in ("deletion", "insertion", "word_deletion", "word_insertion"):
        curves = getattr(test, name)
        answer[name] = None if curves is None else plain(curves, ("random_orders",)) | {"areas": curves.areas}
    return answer | {"method": explanation.method, "model": explanation.model}


def explained(
    engine: "Engine", image: str, text: str, method: str | None, word: object, target: object, layer: int | None,
    head: int | None, model: str | None,
) -> tuple[Image.Image, Explanation]:  # fmt: skip
    """The photo and its explanation, from the plain values of an endpoint.

    Raises:
        As `engine.explain`.
    """
    picture, chosen = inputs.read_image(image), None if word == "" else word
    asked = tuple(target) if isinstance(target, list) else target or None
    return picture, engine.explain(picture, text, method or None, chosen, asked, layer, head, model or None)
