"""Captions as HTML: words to press, the photo with the pressed one's map, and the captions by their rank.

All maps travel with the answer, for they are small: pressing a word asks no server (`static/caption.js`).
Read next: `templates/caption/answer.html`.
"""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from mmdemo.types import CaptionResult, CaptionWord, EngineStatus, HubModel
from mmdemo.ui import heat
from mmdemo.ui.doubts import doubts
from mmdemo.ui.hub.names import languages
from mmdemo.ui.markup import Markup, render
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say

MODEL = "captioning"
SIDE = 480  # pixels on the long side of the photo
MEASURES = ("CIDEr", "BLEU-4")
DATA = {"en": "English", "zh": "Chinese"}  # what the card's data sets are told by


def draw(
    image: Image.Image, result: CaptionResult, familiar: float, status: EngineStatus, say: Say,
    row: HubModel | None = None, other: bool = False,
) -> Markup:  # fmt: skip
    """The whole answer.

    Args:
        image: the photo.
        result: its captions; those without a word are left out.
        familiar: in [0, 1], whether the photo is like those that the heads know.
        status: holds the decoder's card.
        row: the model of the Hub that wrote them; None for our own decoder.
        other: whether another language was asked for, which it does not write.
    """
    rows = zip(result.texts, result.probabilities, result.cosines, result.words, strict=True)
    captions = [
        {"text": text, "probability": probability, "cosine": cosine, **shown(words, say)}
        for text, probability, cosine, words in rows
        if text
    ]
    return render(
        "caption/answer.html", say=say, captions=captions, **pictured(image, result.language),
        doubt="" if row else doubts([], [], familiar, say), title=row.title if row else "",
        only=say("caption.only", title=row.title, languages=languages(row, say)) if row and other else "",
        foot=foot(result, status, say, row),
    )  # fmt: skip


def draw_spoken(image: Image.Image, words: Sequence[CaptionWord], start: str, language: str, say: Say) -> Markup:
    """A caption that grows: its words so far, the newest pressed."""
    caption = {"text": start, **shown(words, say), "pressed": len(words) - 1}
    return render(
        "caption/spoken.html", say=say, captions=[caption], start=start.strip(), **pictured(image, language),
        ended=not words[-1].text,
    )  # fmt: skip


def pictured(image: Image.Image, language: str) -> dict[str, str]:
    """What the figure needs of the photo, and the `lang` of its captions."""
    return {
        "photo": heat.photo_uri(image, SIDE), "ratio": f"{image.width / image.height:.4f}", "colours": heat.gradient(),
        "lang": "zh-CN" if language == "zh" else "en",
    }  # fmt: skip


def shown(words: Sequence[CaptionWord], say: Say) -> dict[str, Any]:
    """A caption's words as the template takes them, and which is pressed at first: that with the narrowest map."""
    said = [i for i, word in enumerate(words) if word.text and not word.given] or [0]
    return {
        "words": [
            {"name": name_of(word.text, say), "ends": not word.text, "given": word.given, "share": word.probability,
             "map": mapped(word), "others": [(name_of(text, say), p) for text, p in word.others]}
            for word in words
        ],
        "pressed": max(said, key=lambda i: 0.0 if words[i].attention is None else float(words[i].attention.max())),
    }  # fmt: skip


def mapped(word: CaptionWord) -> str:
    """Its map as an image; "" where the model does not say where it read."""
    return "" if word.attention is None else heat.map_uri(word.attention)


def foot(result: CaptionResult, status: EngineStatus, say: Say, row: HubModel | None) -> dict[str, Any]:
    """What stands below the captions: what they are worth, how they are ranked, and the details."""
    if row is None:
        soft = say.sentences(say("caption.trained"), measured(status, result.language, say))
        details = [say("caption.why_probability"), say("caption.why_fit"), say("caption.why_map")]
        return {"ranked": say("caption.ranked"), "soft": soft, "details": details}
    mapped_at_all = all(word.attention is not None for words in result.words for word in words)
    why_map = say("caption.why_map_hub" if mapped_at_all else "caption.no_map", title=row.title)
    details = [say("caption.why_probability"), say("caption.why_fit_hub", title=row.title), why_map]
    return {"ranked": say("caption.ranked_hub", title=row.title), "soft": "", "details": details}


def name_of(text: str, say: Say) -> str:
    """A word as it is shown; the end has a name."""
    return text or say("caption.end")


def measured(status: EngineStatus, language: str, say: Say) -> str:
    """What the decoder's card says of captions in a language, as one sentence; "" without such figures."""
    card = status.card(MODEL)
    of = {m["metric"]: m for m in card.get("metrics", []) if DATA[language] in m["dataset"]}
    if not of.keys() >= set(MEASURES):
        return ""
    first = of[MEASURES[0]]
    figures = say.joined([f"{name} {say.number(of[name]['value'])}" for name in MEASURES])
    return say("caption.measured", data=termed(f"{first['dataset']}, {first['split']}", say), figures=figures)
