"""Captions beside a gallery as HTML: the photo's nearest ones, recall both ways, the matrix, and the flat map.

Read next: `templates/gallery/captions.html`, `mmdemo/engine/gallery_measures.py`.
"""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mmdemo.engine.gallery_measures import KS, flat_map, recall
from mmdemo.engine.index import nearest
from mmdemo.types import Recall
from mmdemo.ui import heat
from mmdemo.ui.markup import Markup, render
from mmdemo.ui.tabs.gallery.captions import own
from mmdemo.ui.tabs.gallery.kept import Captions, Gallery
from mmdemo.ui.tabs.gallery.photos import photo
from mmdemo.ui.tabs.match.several import MOST, THUMB, cells, foreign
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine

NEAREST = 10
WIDTH, HEIGHT, EDGE = 640, 400, 14  # of the map
JOINED = 100  # pairs; with more the lines would hide the points


def draw_captions(
    engine: "Engine", gallery: Gallery, captions: Captions, image: Image.Image | None, say: Say
) -> Markup:
    """What captions and photos find of each other.

    Args:
        image: whose captions are looked for; None for none.
    """
    mine = own(captions, gallery.index.names)
    return render(
        "gallery/captions.html", say=say, dropped=captions.dropped, n=len(captions.texts),
        hits=nearest_captions(engine, captions, image), recalls=recalls(gallery, captions, mine, say),
        strangers=sum(bool(name) for name in captions.photos) - int(mine.any(0).sum()),
        matrix=draw_matrix(engine, gallery, captions, mine, say),
    )  # fmt: skip


def nearest_captions(engine: "Engine", captions: Captions, image: Image.Image | None) -> list[tuple[str, float]]:
    """Those nearest to a photo with their cosines, the nearest first; [] without a photo."""
    if image is None:
        return []
    cosines, places = nearest(engine.encode_images([image]), captions.vectors, NEAREST)  # [1, k] both
    return [(captions.texts[i], cosine) for i, cosine in zip(places[0], cosines[0].tolist(), strict=True)]


def recalls(gallery: Gallery, captions: Captions, mine: np.ndarray, say: Say) -> list[list[str]]:
    """Rows of the table: text to photo and photo to text, each with what a blind order would give; [] without pairs."""
    rows, columns = mine.any(1), mine.any(0)
    if not rows.any():
        return []
    similarity = gallery.index.vectors.astype(np.float32) @ captions.vectors.T  # [N, K]
    both = {
        "gallery.text_to_image": recall(similarity.T[columns], mine.T[columns]),
        "gallery.image_to_text": recall(similarity[rows], mine[rows]),
    }
    return [line for key, one in both.items() for line in (_said(say(key), one, say), _blind(one, say))]


def _said(name: str, one: Recall, say: Say) -> list[str]:
    return [name, *(say.percent(one.at[k], 1) for k in KS), f"{one.median_rank:g}", f"{one.queries:,}"]


def _blind(one: Recall, say: Say) -> list[str]:
    return [say("gallery.chance"), *(say.percent(one.chance[k], 1) for k in KS), "–", "–"]


def draw_matrix(engine: "Engine", gallery: Gallery, captions: Captions, mine: np.ndarray, say: Say) -> Markup:
    """The cosines of the first photos and captions, pairs first."""
    places = [int(i) for i in np.flatnonzero(mine.any(1))] or [*range(len(mine))]
    places = places[:MOST]
    owned = [int(mine[i].argmax()) for i in places if mine[i].any()]
    chosen = list(dict.fromkeys([*owned, *range(len(captions.texts))]))[:MOST]
    images = [photo(gallery, i) for i in places]
    result = engine.matrix(images, [captions.texts[i] for i in chosen])
    return render(
        "match/matrix.html", say=say, title=say("gallery.matrix", n=len(places), k=len(chosen)), view="cosine",
        kept=0, dropped=0, texts=result.texts, foreign=foreign(result), rows=cells(result, "cosine", say), heated="",
        photos=[heat.photo_uri(image, THUMB) for image in images],
    )  # fmt: skip


def draw_map(gallery: Gallery, captions: Captions, close: bool, say: Say) -> Markup:
    """Photos and captions in the plane of their two principal components."""
    flat = flat_map(gallery.index.vectors.astype(np.float32), captions.vectors, bool(close))
    both = np.concatenate([flat.photos, flat.texts])
    low, span = both.min(0), np.maximum(np.ptp(both, 0), 1e-6)
    room = np.array([WIDTH, HEIGHT]) - 2 * EDGE
    photos, texts = (EDGE + (side - low) / span * room for side in (flat.photos, flat.texts))
    pairs = np.argwhere(own(captions, gallery.index.names)).tolist()
    return render(
        "gallery/map.html", say=say, width=WIDTH, height=HEIGHT, flat=flat, photos=photos.tolist(),
        texts=texts.tolist(), names=gallery.index.names, captions=captions.texts,
        pairs=pairs if len(pairs) <= JOINED else [],
    )  # fmt: skip
