"""Photo and sentence -> vectors -> fusion -> answer, drawn small for the page's pair; every box is a door to a tab.

Read next: `templates/chain.html`, `pair.py`.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM, MatchingResult, SentimentResult
from mmdemo.ui import heat
from mmdemo.ui.chart import Axes
from mmdemo.ui.hub.names import BUILT_IN, model_title
from mmdemo.ui.markup import render
from mmdemo.ui.plain import read_sides
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine

SAID = {"match": "chain.fits", "mismatch": "chain.fits_not", "unsure": "chain.unsure"}
THUMB = 96  # pixels on the long side
NUMBERS = 24  # of each vector that are drawn
WIDTH, HEIGHT = 96, 15  # of a vector's drawing, in its own units
ARM = 30  # length of the two arrows between which the angle is drawn


def answer(engine: "Engine", say: Say, path: str | None, sentence: str | None, model: str = BUILT_IN) -> str:
    """The chain as HTML; a side that is missing leaves its place empty.

    Args:
        path, sentence: the pair.
        model: who reads it; the feeling is always the built-in one's.

    Raises:
        As `engine.match` and `engine.sentiment`: both sides are missing, or one of them cannot be used.
    """
    image, text = read_sides(path, sentence)
    match = engine.match(image, [text], model=model) if image and text else None
    vectors = {
        "image": engine.encode_images([image], model=model)[0] if image else None,
        "text": engine.encode_texts([text], model=model)[0] if text else None,
    }
    title = "" if model == BUILT_IN else model_title(engine, model, say)
    return draw(image, text, vectors, match, engine.sentiment(image, text), say, title)


def draw(
    image: Image.Image | None, text: str | None, vectors: dict[str, np.ndarray | None], match: MatchingResult | None,
    sentiment: SentimentResult, say: Say, title: str = "",
) -> str:  # fmt: skip
    """The four boxes.

    Args:
        image, text: the sides; None = missing.
        vectors: "image", "text" -> [D] in the space that both share, or None.
        match: of the two, or None where one is missing.
        sentiment: of what there is.
        title: of the model that matched them, "" for the built-in one.
    """
    cosine = None if match is None else float(match.similarity[0])
    return render(
        "chain.html", say=say, thumb=image and heat.photo_uri(image, THUMB), text=text, width=WIDTH, height=HEIGHT,
        vectors={side: None if v is None else bars(v) for side, v in vectors.items()},
        count=max(len(v) for v in vectors.values() if v is not None), cosine=cosine,
        arrows=None if cosine is None else arrows(cosine), match=match and fits(match, say, title),
        feeling=felt(sentiment, say),
    )  # fmt: skip


def bars(vector: np.ndarray) -> list[dict[str, str]]:
    """The first numbers of a vector as bars around zero."""
    shown = vector[:NUMBERS]
    peak = max(float(np.abs(shown).max()), 1e-6)
    return Axes((0, len(shown)), (-peak, peak), left=0, right=WIDTH, top=1, floor=HEIGHT - 1).bars(shown, 0.7)


def arrows(cosine: float) -> dict[str, Any]:
    """Where the second arrow ends when the first lies flat: the angle between them is the vectors' own, arccos(cos)."""
    angle = math.acos(min(max(cosine, -1.0), 1.0))
    return {"x": ARM * math.cos(angle), "y": ARM * math.sin(angle), "degrees": round(math.degrees(angle)), "arm": ARM}


def fits(match: MatchingResult, say: Say, title: str = "") -> tuple[str, str]:
    """What is said of the match, and its probability; no verdict on what was not read, nor within the bounds.

    Of a model with a `title` that stands for the verdict, with its probability, or its cosine where it has none.
    """
    if title and match.foreign[0]:
        return title, say("chain.unread")
    if match.probability is None:
        return title, f"cos {say.number(match.similarity[0])}"
    percent = say.percent(float(match.probability[0]))
    if title:
        return title, percent
    if match.understood[0] < UNDERSTOOD_FROM:
        return say("chain.unread"), ""
    if match.familiar < FAMILIAR_FROM:
        return say("chain.unfamiliar"), percent
    return say(SAID[match.verdict(0)]), percent


def felt(sentiment: SentimentResult, say: Say) -> tuple[str, str]:
    """The feeling of what there is, and its probability."""
    return say(f"sentiment.{sentiment.label}"), say.percent(float(sentiment.probabilities.max()))
