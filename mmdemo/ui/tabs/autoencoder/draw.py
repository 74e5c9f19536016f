"""What an autoencoder gave as HTML: pictures, words, code, errors, neighbours; and the walk between two codes.

Read next: `templates/autoencoder/answer.html`, `templates/autoencoder/walk.html`, `static/way.js`.
"""

import json
import re
from collections.abc import Sequence

import numpy as np

from mmdemo.types import Reconstruction, ReconstructionBackground
from mmdemo.ui import heat
from mmdemo.ui.chart import Axes
from mmdemo.ui.markup import render
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say

WORDS = 10  # bars on the page
NEIGHBOURS = 4
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BETWEEN = " · "  # stands between a caption's English and its Chinese
WIDTH, HEIGHT = 640, 44  # of the code's drawing, in its own units
WHY = ("why_missing", "why_loss", "why_features", "why_memory", "why_neighbours")
STEPS = 10  # of the walk's slider; there is one picture more
SAID = 4  # words under a picture
START = 5  # where the slider stands first


def draw(result: Reconstruction, usual: ReconstructionBackground, given: str, say: Say) -> str:
    """The whole answer; `given` says what went in: "both", "image" or "text"."""
    z = result.latent
    peak = max(float(np.abs(z).max()), 1e-6)
    axes = Axes((0, len(z)), (-peak, peak), left=0, right=WIDTH, top=1, floor=HEIGHT - 1)
    near = [(caption_in(caption, say), say.number(cosine)) for caption, cosine in result.neighbours[:NEIGHBOURS]]
    return render(
        "autoencoder/answer.html", say=say, result=result, usual=usual, given=given, unread=unread(result, usual, say),
        original=None if result.original is None else heat.picture_uri(result.original),
        decoded=heat.picture_uri(result.picture), spoken=spoken(result, say),
        words=in_language(result.words, say.language == "zh")[:WORDS],
        axes=axes, bars=axes.bars(z, 0.7), code=code_in_words(z, say), neighbours=near, why=why(result, usual, say),
    )  # fmt: skip


def in_language(listed: Sequence[tuple[str, float]], chinese: bool) -> list[tuple[str, float]]:
    """The words of one language, in the order given."""
    return [(word, p) for word, p in listed if bool(CHINESE.search(word)) == chinese]


def spoken(result: Reconstruction, say: Say) -> str:
    """The decoded picture for those who do not see it: how bright, which tint."""
    red, green, blue = (float(v) for v in result.picture.mean((0, 1)))
    tints = {"red": red, "green": green, "blue": blue}
    strongest = max(tints, key=tints.get)
    tint = strongest if tints[strongest] - min(tints.values()) > 0.05 else "grey"
    colour = say(f"autoencoder.colour_{tint}")
    return say("autoencoder.decoded_alt", brightness=say.percent((red + green + blue) / 3), colour=colour)


def code_in_words(z: np.ndarray, say: Say) -> str:
    """The code for those who do not see its bars: the largest and the smallest number."""
    top, bottom = int(z.argmax()), int(z.argmin())
    ends = {"top": top + 1, "high": say.number(z[top]), "bottom": bottom + 1, "low": say.number(z[bottom])}
    return say("autoencoder.code_alt", n=len(z), **ends)


def caption_in(caption: str, say: Say) -> str:
    """The half of a caption that is in the page's language; all of it where there is one language only.

    Flickr8k parts marks from words by a space: "a field ."
    """
    english, _, chinese = caption.partition(BETWEEN)
    return chinese if chinese and say.language == "zh" else re.sub(r"\s+([.,;:!?])", r"\1", english)


def unread(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> str:
    """Which words of the sentence were not read; "" when all were."""
    if not result.unknown_words:
        return ""
    if not result.known_words:
        return say("autoencoder.none_known", n=f"{usual.words:,}")
    return say("autoencoder.unknown", words=say.joined(result.unknown_words[:20]))


def why(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> list[str]:
    """How it was trained, what the numbers mean, and the words of the other language."""
    others = in_language(result.words, say.language != "zh")[:WORDS]
    listed = say.joined([f"{word} {say.percent(p)}" for word, p in others])
    meant = say("autoencoder.why_errors", source=termed(usual.source, say))
    return [*(say(f"autoencoder.{key}") for key in WHY), meant, f"{say('autoencoder.why_words')} {listed}"]


def draw_walk(results: Sequence[Reconstruction], say: Say) -> str:
    """Pictures from the first code to the second, the chosen one large, its words below.

    All are sent at once, so that the slider moves in the browser alone.
    """
    last = len(results) - 1
    frames = [
        {"picture": heat.picture_uri(result.picture), "line": line(i / last, result, say)}
        for i, result in enumerate(results)
    ]
    data = json.dumps(frames, ensure_ascii=False)
    return render("autoencoder/walk.html", say=say, frames=frames, data=data, start=START)


def line(share: float, result: Reconstruction, say: Say) -> str:
    """How far along, and the likeliest words there."""
    words = [word for word, _ in in_language(result.words, say.language == "zh")[:SAID]]
    return say("autoencoder.walk_at", percent=say.percent(share), words=say.joined(words))
