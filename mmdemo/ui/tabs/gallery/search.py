"""What is asked of a gallery, and what it finds. Read next: `draw.py`."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image

from mmdemo import inputs
from mmdemo.types import Explanation, Hit, MatchingResult
from mmdemo.ui.tabs.gallery.kept import Gallery
from mmdemo.ui.tabs.gallery.photos import photo

if TYPE_CHECKING:
    from mmdemo.engine import Engine

BY = ("text", "photo", "both")
RANKED = 10  # hits that the cross-attention head reads again


@dataclass(frozen=True)
class Query:
    """A question: a text, a photo, or both, less what it should be without.

    Args:
        image, text: None and "" where that side is not asked with.
        without: "" for nothing.
        like: index in the gallery of the photo that is asked with, where it is one of its own; it is not found again.
    """

    image: Image.Image | None
    text: str
    without: str = ""
    like: int | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a text alone: only such a similarity can be compared with other pairs'."""
        return self.image is None and not self.without


@dataclass(frozen=True)
class Found:
    """All photos of a gallery, the nearest first.

    Args:
        query: what was asked.
        hits: N of them.
        match: of the first one with a text alone; None of another query.
    """

    query: Query
    hits: list[Hit]
    match: MatchingResult | None


def asked(path: str | None, text: str, by: str, without: str) -> Query:
    """The page's photo, sentence or both as a query.

    Raises:
        ImageError, TextError: the side that is asked with is missing or cannot be used.
    """
    image = None if by == "text" else inputs.read_image(path)
    said = "" if by == "photo" else inputs.clean_text(text)
    return Query(image, said, inputs.clean_text(without) if without.strip() else "")


def search(engine: "Engine", gallery: Gallery, query: Query) -> Found:
    """Every photo by its similarity to the query."""
    vector = gallery.index.query(query.image, query.text, query.without)
    hits = [hit for hit in gallery.index.search(vector, len(gallery.index)) if hit.place != query.like]
    match = engine.match(photo(gallery, hits[0].place), query.text) if query.plain else None
    return Found(query, hits, match)


def ranked(engine: "Engine", gallery: Gallery, text: str) -> list[Hit]:
    """The first hits of a text again, by the head that reads it word by word; each with its old rank."""
    first = gallery.index.search(text, RANKED)
    again = [
        replace(hit, probability=engine.match_pair(photo(gallery, hit.place), text), before=rank)
        for rank, hit in enumerate(first)
    ]
    return sorted(again, key=lambda hit: -hit.probability)


def why(engine: "Engine", image: Image.Image, text: str) -> Explanation:
    """Where in a hit its similarity to the text comes from."""
    return engine.explain(image, text, target="similarity", model="matching")
