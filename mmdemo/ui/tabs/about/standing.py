"""Which model stands on which tower, as a drawing and as a table, from the rows of the table alone.

Towers that read photos stand left, those that read sentences right, each at the mean height of the models on it.
Read next: `templates/about/standing.html`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from mmdemo.types import ModelRow
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

WIDTH, STEP, TOP = 344, 32, 20  # of the drawing; between two lines of it; of the first
TOWERS = ("image_encoder", "text_encoder", "dual_encoder")
SIDES = ("photo", "sentence")
LEFT, MIDDLE, RIGHT = (0, 108), (138, 256), (286, 344)  # where the three columns begin and end


@dataclass(frozen=True)
class Model:
    """One card's model: its title, and the names of the towers that it reads through; () where it needs none."""

    title: str
    photo: tuple[str, ...]
    sentence: tuple[str, ...]


def models(rows: Sequence[ModelRow], titles: Mapping[str, str]) -> list[Model]:
    """Every folder but the towers' own, once, in the table's order.

    Args:
        titles: card's folder -> what it is called.
    """
    drawn = []
    for folder in dict.fromkeys(row.folder for row in rows if row.folder and row.kind not in TOWERS):
        of = [row for row in rows if row.folder == folder]
        photo = tuple(dict.fromkeys(row.image_encoder for row in of if row.image_encoder))
        sentence = tuple(dict.fromkeys(row.text_encoder for row in of if row.text_encoder))
        drawn.append(Model(titles.get(folder, folder), photo, sentence))
    return drawn


def spread(heights: Mapping[str, float], count: int) -> dict[str, float]:
    """The same names, a step or more apart, kept between the first line and the last of `count`."""
    places: dict[str, float] = {}
    free = TOP
    for name in sorted(heights, key=heights.__getitem__):
        places[name] = max(heights[name], free)
        free = places[name] + STEP
    free = TOP + STEP * (count - 1)
    for name in reversed(places):
        places[name] = min(places[name], free)
        free = places[name] - STEP
    return places


def draw(rows: Sequence[ModelRow], titles: Mapping[str, str], say: Say) -> str:
    """The drawing, its text alternative and the table."""
    some = models(rows, titles)
    at = [TOP + STEP * i for i in range(len(some))]
    sides: dict[str, Any] = {}
    for side in SIDES:
        on: dict[str, list[float]] = {}  # tower -> the heights of the models on it
        for y, model in zip(at, some, strict=True):
            for tower in getattr(model, side):
                on.setdefault(tower, []).append(y)
        places = spread({tower: mean(ys) for tower, ys in on.items()}, len(some))
        sides[side] = [{"title": titles.get(tower, tower), "y": y, "to": on[tower]} for tower, y in places.items()]
    table = [[m.title, *(_read_by(m, side, titles, say) for side in SIDES)] for m in some]
    lines = [say("about.standing_line", model=m, photo=p, sentence=s) for m, p, s in table]
    return render(
        "about/standing.html", say=say, width=WIDTH, height=2 * TOP + STEP * (len(some) - 1), left=LEFT, middle=MIDDLE,
        right=RIGHT, models=list(zip(some, at, strict=True)), sides=sides, table=table,
        alt=say("about.standing_alt", lines=say.sentences(*lines)),
    )  # fmt: skip


def _read_by(model: Model, side: str, titles: Mapping[str, str], say: Say) -> str:
    towers = [titles.get(name, name) for name in getattr(model, side)]
    return say.joined(towers) or say("about.no_tower")
