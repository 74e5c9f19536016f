"""What a person gives: a picture, a text, or one of the two. Read next: `tokens.py`, `engine/models.py`."""

from dataclasses import dataclass
from typing import Any

from mmdemo.errors import TextError


def is_blank(text: str | None) -> bool:
    """Whether a text is missing, or has nothing in it but spaces."""
    return text is None or (isinstance(text, str) and not text.strip())


@dataclass(frozen=True)
class Sides:
    """One pair, of which one side may be missing.

    Args:
        image: a picture as it was given, or None.
        text: a text as it was given, or None; a blank one becomes None.

    Raises:
        TextError: neither side is there ("nothing_given").
    """

    image: Any = None
    text: str | None = None

    def __post_init__(self) -> None:
        if is_blank(self.text):
            object.__setattr__(self, "text", None)
        if self.image is None and self.text is None:
            raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")

    @property
    def missing(self) -> str | None:
        """The side that was not given: "image", "text", or None."""
        if self.image is None:
            return "image"
        return "text" if self.text is None else None
