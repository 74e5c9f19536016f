"""Whether two answers are the same, bit for bit."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from PIL import Image

from mmdemo.errors import MMDemoError

TIMED = {"milliseconds", "last_call"}  # what an answer took is no part of it


def same(one: Any, other: Any) -> bool:
    """Equal in type and content, arrays and pictures too; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (np.ndarray, np.generic)):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, Image.Image):
        return (one.mode, one.size, one.tobytes()) == (other.mode, other.size, other.tobytes())
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, MMDemoError):
        return (str(one), one.code) == (str(other), other.code) and same(one.values, other.values)
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name not in TIMED)
    return repr(one) == repr(other)
