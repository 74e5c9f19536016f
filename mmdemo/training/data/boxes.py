"""Where things lie in a photo: boxes as places of a grid, the names of what they hold, and points in them.

A box is [x, y, w, h] in fractions of the photo. Read next: `matching_losses.py`.
"""

from collections.abc import Sequence

import numpy as np

PERSON = ("a person", "people", "man", "woman", "boy", "girl", "人", "一个人", "男人", "女人")  # for boxes "person"
Boxes = Sequence[Sequence[float]]


def box_ways(name: str) -> tuple[str, ...]:
    """Ways of naming what a box holds."""
    return (name, f"a photo of a {name}") + (PERSON * 2 if name == "person" else ())


def box_mask(boxes: Boxes, side: int = 9, margin: float = 0.03) -> np.ndarray:
    """Which places of a side x side grid have their middle in a box, [side * side] bool."""
    middle = (np.arange(side) + 0.5) / side
    inside = np.zeros((side, side), bool)
    for x, y, w, h in boxes:
        columns = (middle >= x - margin) & (middle <= x + w + margin)
        inside |= columns[None, :] & ((middle >= y - margin) & (middle <= y + h + margin))[:, None]
    return inside.ravel()


def in_box(x: float, y: float, boxes: Boxes) -> bool:
    """Whether a point lies in one of the boxes."""
    return any(left <= x <= left + w and top <= y <= top + h for left, top, w, h in boxes)
