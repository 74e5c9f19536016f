"""What visitors send as the engine takes it, and typed results as what JSON can hold. Read next: `api.py`."""

from typing import Any

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.types import VerdictBounds


def read_sides(path: str | None, text: str | None) -> tuple[Image.Image | None, str | None]:
    """A photo's path and a sentence, read and cleaned; None for what is empty or was not given."""
    image = None if path is None else inputs.read_image(path)
    return image, inputs.clean_text(text) if text and text.strip() else None


def plain(result: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frozen result as lists, numbers and strings, with the names of its fields."""
    fields = {name: value for name, value in vars(result).items() if name not in leave_out}
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, VerdictBounds):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value
