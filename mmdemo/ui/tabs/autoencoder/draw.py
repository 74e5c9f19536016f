"""What an autoencoder gave as HTML: pictures, words, code, errors, neighbours.

Read next: `templates/autoencoder/answer.html`, `walk.py`.
"""

import re
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from mmdemo.types import Reconstruction, ReconstructionBackground
from mmdemo.ui import heat
from mmdemo.ui.chart import Axes
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

WORDS = 10  # bars on the page
NEIGHBOURS = 4
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BETWEEN = " · "  # stands between a caption's English and its Chinese
WIDTH, HEIGHT = 640, 44  # of the code's drawing, in its own units
WHY = ("why_missing", "why_loss", "why_features", "why_memory", "why_neighbours")


def draw(result: Reconstruction, usual: ReconstructionBackground, given: str, say: Say) -> str:
    """The whole answer; `given` says what went in: "both", "image" or "text"."""
    original = None if result.original is None else heat.picture_uri(result.original)
    return render(
        "autoencoder/answer.html", say=say, given=given, unread=unread(result, usual, say), original=original,
        decoded=heat.picture_uri(result.picture), spoken=spoken(result, say), words=words(result, say),
        errors=errors(result, usual, say), code=code(result, say), neighbours=neighbours(result, say),
        numbers=result.picture.size, n=len(result.latent), edges=usual.edges_kept, why=why(result, usual, say),
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


def words(result: Reconstruction, say: Say) -> Markup:
    """The likeliest words of the page's language as bars; those of the sentence are marked."""
    mine = in_language(result.words, say.language == "zh")[:WORDS]
    return render("autoencoder/words.html", say=say, words=mine, given=result.known_words)


def code(result: Reconstruction, say: Say) -> Markup:
    """The code as bars up and down from a middle line."""
    z = result.latent
    peak = max(float(np.abs(z).max()), 1e-6)
    axes = Axes((0, len(z)), (-peak, peak), left=0, right=WIDTH, top=1, floor=HEIGHT - 1)
    top, bottom = int(z.argmax()), int(z.argmin())
    alt = say(
        "autoencoder.code_alt", n=len(z), top=top + 1, high=say.number(z[top]), bottom=bottom + 1,
        low=say.number(z[bottom]),
    )  # fmt: skip
    return render("autoencoder/code.html", say=say, n=len(z), axes=axes, alt=alt, bars=axes.bars(z, 0.7))


def errors(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> Markup:
    """The error of each side as a bar; a full bar is as bad as an answer without looking."""
    picture = ("picture", result.image_error, usual.mean_picture_error)
    return render(
        "autoencoder/errors.html", say=say, sides=(picture, ("words", result.text_error, usual.common_words_error))
    )


def neighbours(result: Reconstruction, say: Say) -> Markup:
    """Captions of the nearest training pairs, in the page's language."""
    near = [(caption_in(caption, say), say.number(cosine)) for caption, cosine in result.neighbours[:NEIGHBOURS]]
    return render("autoencoder/neighbours.html", say=say, neighbours=near)


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
    meant = say("autoencoder.why_errors", source=usual.source)
    return [*(say(f"autoencoder.{key}") for key in WHY), meant, f"{say('autoencoder.why_words')} {listed}"]
