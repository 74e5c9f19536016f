"""What the endpoints answer, but for those that explain: plain values in, what JSON can hold out.

Read next: `api_explaining.py`, `mmdemo/engine/match.py`.
"""

from typing import TYPE_CHECKING, Any

from mmdemo import inputs
from mmdemo.errors import ImageError, InputError
from mmdemo.inputs.archives import MAX_PHOTOS
from mmdemo.ui import heat
from mmdemo.ui.hub.names import BUILT_IN
from mmdemo.ui.plain import plain, read_sides
from mmdemo.ui.tabs.fusion.strip import ensemble
from mmdemo.ui.tabs.gallery.photos import loaded

if TYPE_CHECKING:
    from mmdemo.engine import Engine

ANSWERING = "answering"  # row of the table


def match(engine: "Engine", image: str, texts: list[str] | str, model: str | None = None) -> dict[str, Any]:
    """How well each text fits the photo.

    Args:
        image: the photo, by `handle_file(path)`.
        texts: one text, or a list of up to 50 (more are left out, and counted in `dropped`).
        model: null or "matching" for the built-in one, or one of the Hub that is on this machine ("clip_b32").

    Returns:
        texts; similarity (cosines in [-1, 1]); probability (in [0, 1], each text by itself, times understood; null for
        a model that has none of one pair); share (softmax over the texts with temperature, null for a single one, or
        where the model does not choose among texts); percentile (in [0, 100], of unmatched pairs below);
        cut_tokens; understood (in [0, 1], whether each text can be read at all); familiar (in [0, 1], whether the
        picture is like photos); unread (for each text the words that were not read); none_of_these (in [0, 1], the
        probability that no text fits); bounds (between low and high a probability is no verdict; share, inside, outside
        and pairs say how that was measured); model; temperature; foreign (for each text whether the model does not read
        its language); tokens (for each text how many it has, and how many are read); templates; dropped.

    Example:
        client.predict(handle_file("photo.jpg"), ["a dog", "a cat"], api_name="/match")
    """
    picture = inputs.read_image(image)
    lines, dropped = inputs.split_lines("\n".join(map(str, texts)) if isinstance(texts, list) else str(texts or ""))
    return {**plain(engine.match(picture, lines, model=model or BUILT_IN)), "dropped": dropped}


def sentiment(engine: "Engine", image: str | None = None, text: str | None = None) -> dict[str, Any]:
    """The feeling of a photo, of a sentence, and of both together.

    Args:
        image: the photo, by `handle_file(path)`, or null.
        text: the sentence, or null. One of the two must be given.

    Returns:
        labels; label; probabilities; image_only and text_only (null where not given); note ("disagree" or "");
        understood and familiar (in [0, 1], whether the text can be read and the picture is like photos; null where not
        given); accuracy (in [0, 1], how often the verdict was right on validation pairs whose sides disagreed, or
        agreed, as these do; null with a side missing).

    Example:
        client.predict(handle_file("photo.jpg"), "what a day", api_name="/sentiment")
    """
    result = engine.sentiment(*read_sides(image, text))
    return {"label": result.label, **plain(result)}


def compare(
    engine: "Engine",
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

    Example:
        client.predict(handle_file("photo.jpg"), "what a day", task="sentiment", api_name="/compare")
    """
    results = engine.compare(*read_sides(image, text), task or "matching", imputation or None)
    rows = [{**plain(r), "label": r.label} for r in (*results, ensemble(results))]
    return {"task": task or "matching", "fusions": rows[:-1], "ensemble": rows[-1]}


def ledger(
    engine: "Engine",
    image: str,
    text: str,
    fusion: str | None = None,
    task: str | None = None,
    label: str | None = None,
) -> dict[str, Any]:  # fmt: skip
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

    Example:
        client.predict(handle_file("photo.jpg"), "what a day", task="sentiment", label="positive", api_name="/ledger")
    """
    picture, sentence = inputs.read_image(image), inputs.clean_text(text)
    return plain(engine.shapley_values(picture, sentence, fusion or "gated", task or "matching", label or None))


def reconstruct(engine: "Engine", image: str | None = None, text: str | None = None) -> dict[str, Any]:
    """A photo, a sentence or both through one short code and back; a missing side is imagined from the other.

    Args:
        image: the photo, by `handle_file(path)`, or null.
        text: the sentence, English or Chinese, or null. One of the two must be given.

    Returns:
        picture and original (64 x 64 PNG as data URIs; original is null without a photo); words (lists of word and
        probability, most likely first); latent (the code); image_error and text_error (null without that side);
        neighbours (lists of caption and cosine); known_words and unknown_words of the sentence.

    Example:
        client.predict(text="a dog runs through the grass", api_name="/reconstruct")
    """
    result = engine.reconstruct(*read_sides(image, text))
    original = None if result.original is None else heat.picture_uri(result.original)
    rest = plain(result, leave_out=("picture", "original"))
    return {"picture": heat.picture_uri(result.picture), "original": original, **rest}


def caption(
    engine: "Engine",
    image: str,
    language: str | None = None,
    count: int | None = None,
    start: str | None = None,
    temperature: float | None = None,
    model: str | None = None,
) -> list[dict[str, Any]]:
    """What a photo shows, in different sentences.

    Args:
        image: the photo, by `handle_file(path)`.
        language: "en" (the default) or "zh"; those of the Hub write English alone.
        count: how many captions at most, 1 (the default) to 5.
        start: what all of them begin with; null or "" for nothing.
        temperature: 0 (the default) looks for the likeliest captions; up to 2, words are drawn by chance.
        model: null or "captioning" for the built-in one, or one of the Hub that is on this machine ("blip_caption").

    Returns:
        a list, the best first, of text, probability (in [0, 1], of all words that were not given and of the end, one
        after the other) and cosine (of text and photo by the match head; it counts in the built-in one's order too).

    Example:
        client.predict(handle_file("photo.jpg"), language="zh", count=3, api_name="/caption")
    """
    many = 1 if count is None else count
    asked = language or "en", many, start or "", temperature or 0.0, model or "captioning"
    result = engine.caption(inputs.read_image(image), *asked)
    rows = zip(result.texts, result.probabilities, result.cosines, strict=True)
    return [{"text": text, "probability": p, "cosine": cosine} for text, p, cosine in rows]


def answer(engine: "Engine", image: str, question: str, model: str | None = None) -> dict[str, Any]:
    """The answer to a question about a photo, and what the question alone would have got.

    Args:
        image: the photo, by `handle_file(path)`.
        question: in English or Chinese, up to 2,000 characters.
        model: null or "answering" for the built-in one, or one of the Hub that is on this machine ("blip_answer").

    Returns:
        question; language ("en" or "zh", of the answers); kind (what is asked for: "yes/no", "which", "colour",
        "count", "where", "doing" or "what"); answers (lists of answer and probability, the likeliest first);
        without_image (the same for the question without the photo; empty where nothing can be said then); known (false
        where it cannot tell); model; ranked_by ("list" of all answers, those that the question has "named",
        "statements" made of them; "writer" where the model wrote them, each with the probability of just these words);
        understood and familiar (in [0, 1], whether the question can be read and the picture is like photos);
        cut_tokens; patch_map (rows of weights: where it looked for the best answer) and words (lists
        of word and weight), null where there is no map.

    Example:
        client.predict(handle_file("photo.jpg"), "Is it a dog or a cat?", api_name="/answer")
    """
    result = engine.answer(inputs.read_image(image), question, model or ANSWERING)
    seen = result.explanation
    looked = (None, None) if seen is None else (seen.patch_map.tolist(), [list(pair) for pair in seen.word_weights])
    return plain(result, leave_out=("explanation",)) | dict(zip(("patch_map", "words"), looked, strict=True))


def search(
    engine: "Engine", photos: list[tuple[str, ImageError | None]], text: str, k: int | None = None
) -> dict[str, Any]:
    """The photos nearest to a sentence, of 2 to 500 that are sent along; none of them is kept.

    Args:
        photos: a list of photos, each by `handle_file(path)`.
        text: the sentence.
        k: how many hits at most, from 1; null for 10.

    Returns:
        hits, a list of rank (from 1), name and similarity (cosine in [-1, 1]), the nearest first; skipped, a list of
        name and reason of what cannot be read or came twice.

    Example:
        client.predict([handle_file("a.jpg"), handle_file("b.jpg")], "a dog on a beach", api_name="/search")
    """
    sentence, most = inputs.clean_text(text), 10 if k is None else k
    if type(most) is not int or most < 1:
        got = str(most)[:40]
        raise InputError(f"Expected a number of photos from 1; got {got}.", "gallery_k", most=MAX_PHOTOS, got=got)
    gallery = loaded(engine, photos)
    hits = gallery.index.search(sentence, most)
    return {
        "hits": [{"rank": n, "name": hit.name, "similarity": hit.similarity} for n, hit in enumerate(hits, 1)],
        "skipped": [{"name": name, "reason": str(reason)} for name, reason in gallery.skipped],
    }
