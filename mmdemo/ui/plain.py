"""Typed results as what JSON can hold. Read next: `api.py`."""

from typing import Any

import numpy as np


def plain(result: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frozen result as lists, numbers and strings, with the names of its fields."""
    fields = {name: value for name, value in vars(result).items() if name not in leave_out}
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
