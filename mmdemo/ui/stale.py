"""Answers that come too late: of a visitor's questions about one place of the page, only the newest may change it.

A newer question makes the older answers of the same place stale. Gradio has no such rule: its `trigger_mode` "once"
drops a second click while the first is answered, "always_last" asks again but with the first click's place, and
`cancels` misses what began a moment ago. So every click is answered ("multiple"), each takes a number when it begins,
and an answer whose number is no longer the newest is not shown. Read next: `tabs/attention/map_tests.py`.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr

EVERY = {"trigger_mode": "multiple"}  # every click counts


class StaleGuard:
    """What one visitor has asked about one place, one question after the other; it lives in a `gr.State`.

    Args:
        after: guards what follows each answer (the test of a map, say): a new question here makes that stale too.

    Attributes:
        newest: number of the newest question.
        at_work: what the newest is about while it is being answered, else None.
        stopped: True when the visitor has stopped the newest one.
    """

    def __init__(self, after: "StaleGuard | None" = None) -> None:
        self.after = after
        self.newest = 0
        self.at_work: Any = None
        self.stopped = False

    def begin(self, about: Any = None) -> int:
        """The number of a new question; those before it are stale."""
        self.newest += 1
        self.at_work, self.stopped = about, False
        if self.after is not None:
            self.after.begin()
        return self.newest

    def stop(self) -> None:
        """The newest one is stale, and none is in its place."""
        self.begin()
        self.stopped = True

    def end(self, number: int) -> None:
        """This one has been answered, or has broken off."""
        if self.is_newest(number):
            self.at_work = None

    def is_newest(self, number: int) -> bool:
        """Whether no newer question makes this one stale."""
        return number == self.newest


def newest_only(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same event function with a `StaleGuard` before its other arguments; stale, it changes nothing."""

    @functools.wraps(answer)
    def guarded(guard: StaleGuard, *given: Any) -> Any:
        number = guard.begin()
        shown = answer(*given)
        return shown if guard.is_newest(number) else gr.skip()

    return _with_guard(guarded, answer)


def newest_stream(answer: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`newest_only` for a function that yields one answer after another: stale, it ends within one part of its work."""

    def guarded(guard: StaleGuard, *given: Any) -> Iterator[Any]:
        number = guard.begin()
        with closing(answer(*given)) as work:
            for shown in work:
                if not guard.is_newest(number):
                    yield gr.skip()
                    return
                yield shown

    return _with_guard(guarded, answer)


def _with_guard(guarded: Callable[..., Any], answer: Callable[..., Any]) -> Callable[..., Any]:
    first = inspect.Parameter("guard", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = inspect.signature(answer)
    guarded.__signature__ = known.replace(parameters=[first, *known.parameters.values()])  # gradio reads it
    return guarded
