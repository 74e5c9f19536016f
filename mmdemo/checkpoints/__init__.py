"""CHECKPOINTS: one literal table of every model this app can load. Data only; `loading/` turns a row into a module.

What a model of ours was trained on, how well it does and the sha256 of its files stand in its `weights/NAME/card.json`,
written by the recipe that made the files, so that no number is kept in two places. Read in this order: `row.py`,
`embedded.py` (weights/), `hub.py` (fetched when somebody asks for them).
"""

from mmdemo.checkpoints.embedded import BOUNDS, EMBEDDED, FIRST, MEAN_AUC
from mmdemo.checkpoints.hub import HUB
from mmdemo.checkpoints.row import Checkpoint, Figure, HubSource, Published
from mmdemo.errors import ChoiceError

__all__ = [
    "BOUNDS", "CHECKPOINTS", "MEAN_AUC", "Checkpoint", "Figure", "HubSource", "Published", "find", "folders",
    "loading_order",
]  # fmt: skip

CHECKPOINTS: dict[str, Checkpoint] = {row.name: row for row in (*EMBEDDED, *HUB)}
assert len(CHECKPOINTS) == len(EMBEDDED) + len(HUB), "two rows of the table share a name"


def find(name: str) -> Checkpoint:
    """The row of that name; `ChoiceError` naming the rows when there is none."""
    if name not in CHECKPOINTS:
        raise ChoiceError("checkpoint", name, sorted(CHECKPOINTS))
    return CHECKPOINTS[name]


def loading_order() -> list[str]:
    """The rows of weights/, those first that the first answer of the page waits for."""
    return list(dict.fromkeys([*FIRST, *(row.name for row in EMBEDDED)]))


def folders() -> list[str]:
    """The folders of weights/ that the table names, each once, in the table's order."""
    return list(dict.fromkeys(row.card for row in CHECKPOINTS.values() if row.card))
