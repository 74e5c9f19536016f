"""A sentiment result as HTML: three verdicts side by side, and whether photo and sentence agree.

Read next: `templates/sentiment/answer.html`.
"""

from typing import Any

import numpy as np

from mmdemo.types import SentimentResult
from mmdemo.ui.doubts import doubts
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say


def draw(result: SentimentResult, sentence: str, say: Say) -> str:
    """The whole answer; `sentence` is as it was typed."""
    sides = {
        "sentiment.image": result.image_only,
        "sentiment.words": result.text_only,
        "sentiment.both": result.probabilities,
    }
    return render(
        "sentiment/answer.html", say=say, headline=headline(result, say), doubts=doubted(result, sentence, say),
        verdicts=[verdict(result.labels, say(name), side, say) for name, side in sides.items()],
        note=note(result, say), disagree=bool(result.note),
    )  # fmt: skip


def headline(result: SentimentResult, say: Say) -> str:
    """The verdict in one line; it says so when one side decided alone."""
    key = "sentiment.verdict"
    if result.image_only is None:
        key = "sentiment.only_text"
    elif result.text_only is None:
        key = "sentiment.only_image"
    return say(key, label=say(f"sentiment.{result.label}"), percent=say.percent(float(result.probabilities.max())))


def doubted(result: SentimentResult, sentence: str, say: Say) -> str:
    """The quiet line on what was not read; signs and emoji alone carry a feeling that this head does read."""
    worded = result.understood is not None and any(c.isalpha() for c in sentence)
    texts, understood = ([sentence], [result.understood]) if worded else ([], [])
    return doubts(texts, understood, 1.0 if result.familiar is None else result.familiar, say)


def verdict(labels: tuple[str, ...], name: str, probabilities: np.ndarray | None, say: Say) -> dict[str, Any]:
    """One card: its name, its bars (label, per cent, share), the best one, and all of it in words; no side, no bars."""
    if probabilities is None:
        return {"name": name, "bars": []}
    bars = [(say(f"sentiment.{label}"), say.percent(p), p) for label, p in zip(labels, probabilities, strict=True)]
    parts = say.joined([f"{label} {percent}" for label, percent, _ in bars])
    spoken = say("sentiment.card_alt", name=name, parts=parts)
    return {"name": name, "bars": bars, "best": int(probabilities.argmax()), "spoken": spoken}


def note(result: SentimentResult, say: Say) -> str:
    """Whether the two sides agree and how often such a verdict is right, or which side is missing."""
    if result.image_only is None or result.text_only is None:
        return say("sentiment.no_image" if result.image_only is None else "sentiment.no_text")
    image, text = (strongest(result.labels, side, say) for side in (result.image_only, result.text_only))
    said = say("sentiment.disagree", image=image, text=text) if result.note else say("sentiment.agree")
    if result.accuracy is None:
        return said
    key = "sentiment.right_disagree" if result.note else "sentiment.right_agree"
    return say.sentences(said, say(key, percent=say.percent(result.accuracy)))


def strongest(labels: tuple[str, ...], probabilities: np.ndarray, say: Say) -> str:
    """The most probable label of one side and its probability: "negative 61 %"."""
    best = int(probabilities.argmax())
    return f"{say(f'sentiment.{labels[best]}')} {say.percent(float(probabilities[best]))}"
