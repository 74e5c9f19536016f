"""Every method that fits, side by side on one pair: small maps to click, how far they agree, and their mean.

Read next: `heads.py`.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from mmdemo.types import Agreement, Explanation
from mmdemo.ui import heat, render
from mmdemo.ui.explain_view.figure import method_name, where_said
from mmdemo.ui.explain_view.question import MEAN
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

TILE = 200  # pixels on the long side of a small picture
MOST_WORDS = 12  # of a sentence that are shown below a small map


def side_by_side(image: Image.Image, found: Sequence[Explanation], agreed: Agreement, chosen: str, say: Say) -> str:
    """A small map for every method and for their mean, then the table of rank correlations.

    Args:
        image: the photo.
        found: what each method of `agreed` says.
        agreed: how far they agree, and their mean.
        chosen: the method on the screen, marked.
        say: the page's language.
    """
    photo = heat.photo_uri(image, TILE)
    ratio = f"{image.width / image.height:.4f}"
    tiles = "".join(tile(e, photo, ratio, e.method == chosen, say) for e in (*found, agreed.mean))
    return (
        f'<p class="mm-said">{escape(say("attention.side_lead"))}</p><div class="mm-tiles">{tiles}</div>'
        f'<h3 class="mm-part">{escape(say("attention.agree"))}</h3>{matrix(agreed, say)}'
        f'<p class="mm-soft">{escape(say("attention.agree_why"))}</p>'
    )


def tile(found: Explanation, photo: str, ratio: str, chosen: bool, say: Say) -> str:
    """One method as a button: its map, or a remark where it speaks of words only; its words below."""
    name = method_name(found.method, say)
    label = say("attention.tile_alt", method=name, where=where_said(found, say))
    empty = not found.patch_map.any()
    map_ = "" if empty else f'<img class="mm-heat" alt="" src="{heat.map_uri(found.image_map, found.signed, TILE)}">'
    remark = f"<em>{escape(say('attention.tile_words'))}</em>" if empty else ""
    data = f'data-method="{escape(found.method)}"' if found.method != MEAN else f'data-method="{MEAN}"'
    return (
        f'<button type="button" class="mm-tile" {data} aria-pressed="{"true" if chosen else "false"}" '
        f'aria-label="{escape(label)}"><span class="mm-tile-stage" style="--ratio:{ratio}">'
        f'<img alt="" src="{photo}">{map_}{remark}</span><b>{escape(name)}</b>{words(found.word_weights)}</button>'
    )


def words(weights: Sequence[tuple[str, float]]) -> str:
    """The words of a sentence in a line, each the darker the heavier; those against the answer in the other colour."""
    top = max((abs(weight) for _, weight in weights), default=0.0)
    if top <= 0:
        return ""
    shown = "".join(
        f'<i style="--w:{abs(weight) / top:.2f}"{" data-side=against" if weight < 0 else ""} dir="auto">'
        f"{escape(word)}</i>"
        for word, weight in weights[:MOST_WORDS]
    )
    return f'<span class="mm-tile-words">{shown}{"…" if len(weights) > MOST_WORDS else ""}</span>'


def matrix(agreed: Agreement, say: Say) -> str:
    """Rank correlation of every two maps, coloured as a signed map is: blue against, orange with."""
    names = [method_name(name, say) for name in agreed.methods]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(map(_cell, row))}</tr>'
        for name, row in zip(names, agreed.patches, strict=True)
    )
    table = f'<table class="mm-matrix"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="mm-table" tabindex="0">{table}</div>'


def _cell(value: np.floating) -> str:
    side = "against" if value < 0 else "for"
    return (
        f'<td class="mm-num" data-side="{side}" style="--w:{abs(float(value)):.2f}">{render.number(float(value))}</td>'
    )
