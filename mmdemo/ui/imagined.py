"""What an autoencoder gave, drawn: pictures, words, code, errors, neighbours. Plain values in, HTML out.

Read next: `tabs/autoencoder.py`, `way.py`.
"""

import re

import numpy as np

from mmdemo.types import Reconstruction, ReconstructionBackground
from mmdemo.ui import heat, render
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

WORDS = 10  # bars on the page
NEIGHBOURS = 4
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BETWEEN = " · "  # stands between a caption's English and its Chinese
STRIP_WIDTH, STRIP_HEIGHT = 640, 44  # of the code's drawing, in its own units


def in_language(words: tuple[tuple[str, float], ...], chinese: bool) -> list[tuple[str, float]]:
    """The words of one language, in the order given."""
    return [(word, p) for word, p in words if bool(CHINESE.search(word)) == chinese]


def pictures(result: Reconstruction, say: Say) -> str:
    """The photo as it went in beside what came back."""
    if result.original is None:
        before = f'<div class="mm-pixels mm-absent">{escape(say("autoencoder.left_out"))}</div>'
        name = say("autoencoder.imagined")
    else:
        alt = escape(say("autoencoder.original_alt"))
        before = f'<img class="mm-pixels" src="{heat.picture_uri(result.original)}" alt="{alt}">'
        name = say("autoencoder.decoded")
    after = f'<img class="mm-pixels" src="{heat.picture_uri(result.picture)}" alt="{escape(spoken(result, say))}">'
    return (
        f"<figure>{before}<figcaption>{escape(say('autoencoder.original'))}</figcaption></figure>"
        f"<figure>{after}<figcaption>{escape(name)}</figcaption></figure>"
    )


def spoken(result: Reconstruction, say: Say) -> str:
    """The decoded picture for those who do not see it: how bright, which tint."""
    red, green, blue = (float(v) for v in result.picture.mean((0, 1)))
    tints = {"red": red, "green": green, "blue": blue}
    strongest = max(tints, key=tints.get)
    tint = strongest if tints[strongest] - min(tints.values()) > 0.05 else "grey"
    colour = say(f"autoencoder.colour_{tint}")
    return say("autoencoder.decoded_alt", brightness=say.percent((red + green + blue) / 3), colour=colour)


def words(result: Reconstruction, say: Say) -> str:
    """The likeliest words of the page's language as bars; those of the sentence are marked."""
    rows = "".join(_word(word, p, word in result.known_words, say) for word, p in _mine(result, say)[:WORDS])
    keys = f'<span class="mm-key mm-on">{escape(say("autoencoder.words_given"))}</span>'
    keys += f'<span class="mm-key">{escape(say("autoencoder.words_guessed"))}</span>'
    head = f"<h3>{escape(say('autoencoder.words'))}</h3>"
    return f'<div class="mm-likely">{head}{rows}<p class="mm-soft">{keys}</p></div>'


def _mine(result: Reconstruction, say: Say) -> list[tuple[str, float]]:
    return in_language(result.words, say.language == "zh")


def _word(word: str, probability: float, given: bool, say: Say) -> str:
    percent = say.percent(probability)
    bar = render.bar(probability, f"{word} {percent}", strong=given)
    return f'<div class="mm-measure"><span>{escape(word)}</span>{bar}<b>{percent}</b></div>'


def code(result: Reconstruction, say: Say) -> str:
    """The code as bars up and down from a middle line."""
    z = result.latent
    top, bottom = int(z.argmax()), int(z.argmin())
    alt = say(
        "autoencoder.code_alt", n=len(z), top=top + 1, high=render.number(float(z[top])), bottom=bottom + 1,
        low=render.number(float(z[bottom])),
    )  # fmt: skip
    step, middle = STRIP_WIDTH / len(z), STRIP_HEIGHT / 2
    heights = z / max(float(np.abs(z).max()), 1e-6) * (middle - 1)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{middle - max(h, 0):.1f}" width="{0.7 * step:.1f}" height="{abs(h):.1f}"/>'
        for i, h in enumerate(heights.tolist())
    )
    line = f'<line x1="0" x2="{STRIP_WIDTH}" y1="{middle}" y2="{middle}"/>'
    return (
        f'<div class="mm-code"><span class="mm-soft">{escape(say("autoencoder.code", n=len(z)))}</span>'
        f'<svg viewBox="0 0 {STRIP_WIDTH} {STRIP_HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(alt)}">{bars}{line}</svg></div>'
    )


def errors(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> str:
    """The error of each side as a bar; a full bar is as bad as an answer without looking."""
    picture = _error("picture", result.image_error, usual.mean_picture_error, say)
    return f'<div class="mm-errors">{picture}{_error("words", result.text_error, usual.common_words_error, say)}</div>'


def _error(side: str, error: float | None, usual: float, say: Say) -> str:
    name = say(f"autoencoder.{side}_error")
    if error is None:
        missing = escape(say(f"autoencoder.no_{side}_error"))
        return f'<div><span>{escape(name)}</span><p class="mm-soft">{missing}</p></div>'
    value, than = f"{error:.4f}", f"{usual:.4f}"
    bar = render.bar(error / usual, say("autoencoder.error_alt", name=name, value=value, usual=than), strong=True)
    against = say(f"autoencoder.{side}_usual", usual=than)
    return f'<div><span>{escape(name)} <b>{value}</b></span>{bar}<p class="mm-soft">{escape(against)}</p></div>'


def neighbours(result: Reconstruction, say: Say) -> str:
    """Captions of the nearest training pairs, in the page's language."""
    rows = "".join(
        f'<li><span dir="auto">{escape(caption_in(caption, say))}</span><b>{render.number(cosine)}</b></li>'
        for caption, cosine in result.neighbours[:NEIGHBOURS]
    )
    listed = f"<ol>{rows}</ol>" if rows else f"<p>{escape(say('autoencoder.no_neighbours'))}</p>"
    return f'<div class="mm-near"><h3>{escape(say("autoencoder.neighbours"))}</h3>{listed}</div>'


def caption_in(caption: str, say: Say) -> str:
    """The half of a caption that is in the page's language; all of it where there is one language only.

    Flickr8k parts marks from words by a space: "a field ."
    """
    english, _, chinese = caption.partition(BETWEEN)
    return chinese if chinese and say.language == "zh" else re.sub(r"\s+([.,;:!?])", r"\1", english)


def notes(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> str:
    """Which words of the sentence were not read."""
    if not result.unknown_words:
        return ""
    if not result.known_words:
        line = say("autoencoder.none_known", n=f"{usual.words:,}")
    else:
        line = say("autoencoder.unknown", words=say.joined(result.unknown_words[:20]))
    return f'<p class="mm-note mm-warn">{escape(line)}</p>'


def details(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> str:
    """Folded: how it was trained, what the numbers mean, and the words of the other language."""
    keys = ("why_missing", "why_loss", "why_features", "why_memory", "why_neighbours")
    text = "".join(f"<p>{escape(say(f'autoencoder.{key}'))}</p>" for key in keys)
    text += f"<p>{escape(say('autoencoder.why_errors', source=usual.source))}</p>"
    others = in_language(result.words, say.language != "zh")[:WORDS]
    listed = say.joined([f"{word} {say.percent(p)}" for word, p in others])
    text += f"<p>{escape(say('autoencoder.why_words'))} {escape(listed)}</p>"
    return f'<details class="mm-details"><summary>{escape(say("details"))}</summary>{text}</details>'


def blur(result: Reconstruction, usual: ReconstructionBackground, say: Say) -> str:
    """Why the picture is blurred, with the numbers of this code."""
    numbers, n, edges = f"{result.picture.size:,}", len(result.latent), say.percent(usual.edges_kept)
    line = say("autoencoder.blur", numbers=numbers, n=n, edges=edges)
    return f'<p class="mm-note">{escape(line)}</p>'
