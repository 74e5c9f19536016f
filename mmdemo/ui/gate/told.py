"""What the browser tells about a click, checked: whoever calls by hand may tell anything, or nothing.

Read next: `calls.py`.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from mmdemo.errors import InputError

LONGEST = 100  # characters of a name


def told(
    event: gr.EventData, name: str, kind: type, *, count: int | None = None, none: bool = False, longest: int = LONGEST
) -> Any:
    """One field of an event.

    Args:
        event: as gradio hands it over.
        name: of the field.
        kind: int, float (an int will do) or str.
        count: an int must lie in [0, count).
        none: whether null, or no such field, will do.
        longest: characters of a str.

    Raises:
        InputError: the field is missing or is something else ("call_kind").
    """
    fields = event._data if isinstance(event._data, dict) else {}
    value = fields.get(name)
    if value is None and none:
        return None
    kinds = (int, float) if kind is float else (kind,)
    if isinstance(value, bool) or not isinstance(value, kinds) or (isinstance(value, str) and len(value) > longest):
        raise misfit_kind()
    if kind is float and not abs(value) < 1e9:
        raise misfit_kind()
    if count is not None and not 0 <= value < count:
        raise misfit_kind()
    return value


def picked(event: gr.EventData, choices: Sequence[Any]) -> int:
    """Index of the example that was pressed.

    Raises:
        InputError: as `told`.
    """
    return told(event, "index", int, count=len(choices))


def misfit_kind() -> InputError:
    """A call whose values are of another kind than its event takes."""
    message = "This call does not fit: its values are of another kind. “Use via API” shows what is expected."
    return InputError(message, "call_kind")
