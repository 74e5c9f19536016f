"""A gallery and what was found in it as HTML. Read next: `templates/gallery/answer.html`, `draw_captions.py`."""

import numpy as np
from PIL import Image

from mmdemo.types import EngineStatus, Explanation, Hit, MatchBackground
from mmdemo.ui import heat
from mmdemo.ui.doubts import doubts, why_bounds
from mmdemo.ui.markup import Markup, part, render
from mmdemo.ui.tabs.gallery.kept import Gallery
from mmdemo.ui.tabs.gallery.photos import photo
from mmdemo.ui.tabs.gallery.search import Found
from mmdemo.ui.tabs.match.draw import source_said, verdicts
from mmdemo.ui.text import Say

SHOWN = 12  # hits with their photos; all of them stand in the table
MODEL, FIRST = "matching", "text_to_image_R@1"  # row of the table; a figure of its card
THUMB, SIDE = 180, 480  # pixels on the long side of a hit, and of the photo under a map


def draw(found: Found, gallery: Gallery, background: MatchBackground, say: Say) -> Markup:
    """The whole answer: the nearest photos, and the table of all."""
    query, hits, match = found.query, found.hits, found.match
    percentiles = background.percentile(np.array([hit.similarity for hit in hits])) if query.plain else None
    why = [say("gallery.why_cosine"), say("gallery.why_query")]
    return render(
        "gallery/answer.html", say=say, query=query, hits=hits, shown=SHOWN,
        verdict=verdicts(match)[0] if match else "", percentiles=percentiles,
        photos=[thumb(gallery, hit) for hit in hits[:SHOWN]],
        like="" if query.like is None else gallery.index.names[query.like],
        doubt=doubts(match.texts, match.understood, 1.0, say) if match else "",
        rows=[(rank, hit.name, say.number(hit.similarity, 3)) for rank, hit in enumerate(hits, 1)],
        why=[*why, *(why_bounds(match.bounds, say) if match else []), source_said(background, say)],
    )  # fmt: skip


def thumb(gallery: Gallery, hit: Hit) -> str:
    """A hit as a small picture."""
    return heat.photo_uri(photo(gallery, hit.place), THUMB)


def draw_why(image: Image.Image, name: str, text: str, explanation: Explanation, say: Say) -> Markup:
    """A hit with the map of its similarity to the text."""
    signed = bool((explanation.patch_map < 0).any())
    shown = heat.map_uri(explanation.patch_map, signed)
    return render(
        "gallery/why.html", say=say, name=name, text=text, photo=heat.photo_uri(image, SIDE), map=shown,
        ratio=f"{image.width / image.height:.4f}", colours=heat.gradient(signed), signed=signed,
    )  # fmt: skip


def draw_ranked(hits: list[Hit], gallery: Gallery, text: str, status: EngineStatus, say: Say) -> Markup:
    """The first hits in their new order, with the old ranks, and how good that order proved (the card in `status`)."""
    photos = [thumb(gallery, hit) for hit in hits]
    measured = order_measured(status, say)
    return render("gallery/ranked.html", say=say, hits=hits, text=text, photos=photos, measured=measured)


def order_measured(status: EngineStatus, say: Say) -> str:
    """How often each order puts the right photo first, in a sentence; "" where the card does not say."""
    card = status.card(MODEL)
    rows = {row["metric"]: row for row in card.get("metrics", ()) if row["dataset"] == "Flickr8k"}
    if (after := rows.get(f"reranked_{FIRST}")) is None:
        return ""
    before, after = (say.percent(row["value"] / 100) for row in (rows[FIRST], after))
    return say("gallery.ranked_measured", n=f"{rows[FIRST]['n']:,}", before=before, after=after)


def draw_status(gallery: Gallery, say: Say) -> Markup:
    """Which gallery stands here, and what of it was skipped, with the reason."""
    skipped = [(name, say.error(reason)) for name, reason in gallery.skipped]
    return render("gallery/status.html", say=say, n=len(gallery.index), own=gallery.own, skipped=skipped)


def draw_progress(done: int, of: int, say: Say) -> Markup:
    """How far the encoding is, with a button that stops it."""
    return render("gallery/progress.html", said=say("gallery.encoding", n=done, of=of), share=done / of, say=say)


def stopped(say: Say) -> Markup:
    """Nothing was changed."""
    return part("note", say("gallery.stopped"))
