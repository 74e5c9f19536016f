"""Who is still wanted: of a visitor's questions, and of their tests, only the last one begun may speak.

Gradio drops a second click while the first is answered ("once"), or asks again with the first click's place ("always
last"); so every click is answered ("multiple"), and an answer that a later click has overtaken is not shown. Its own
`cancels` fails for what was begun a moment ago, so what is to stop looks here whether it is still wanted.
Read next: `testing.py`.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr

EVERY = {"trigger_mode": "multiple"}  # every click counts


class Line:
    """What one visitor has begun, one after the other; it lives in a `gr.State`.

    Args:
        after: the line of what follows each of these (the test of a map, say): a new one here ends what runs there.

    Attributes:
        begun: how many so far.
        about: what the one at work is about; None when none is at work.
        halted: True when the visitor has stopped the last one.
    """

    def __init__(self, after: "Line | None" = None) -> None:
        self.after = after
        self.begun = 0
        self.about: Any = None
        self.halted = False

    def begin(self, about: Any = None) -> int:
        """The number of a new one; those before it are wanted no more."""
        self.begun += 1
        self.about, self.halted = about, False
        if self.after is not None:
            self.after.begin()
        return self.begun

    def halt(self) -> None:
        """The last one is wanted no more, and none is in its place."""
        self.begun += 1
        self.about, self.halted = None, True

    def end(self, number: int) -> None:
        """This one has done its work, or has broken off."""
        if self.wants(number):
            self.about = None

    def wants(self, number: int) -> bool:
        """Whether this is still the last one."""
        return number == self.begun


def overtaken(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same event function with a `Line` before its other arguments; overtaken, it changes nothing."""

    @functools.wraps(answer)
    def answered(line: Line, *given: Any) -> Any:
        number = line.begin()
        found = answer(*given)
        return found if line.wants(number) else gr.skip()

    first = inspect.Parameter("line", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = inspect.signature(answer)
    answered.__signature__ = known.replace(parameters=[first, *known.parameters.values()])
    return answered
