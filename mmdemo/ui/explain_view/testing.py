"""The test of the map on the screen as it grows: a sign of progress, curves with more and more points, the badge.

Read next: `verdict.py`.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from mmdemo.engine import Engine
from mmdemo.ui.explain_view import verdict
from mmdemo.ui.explain_view.question import Question, find
from mmdemo.ui.explain_view.turns import Line
from mmdemo.ui.text import Say

KEPT = 64  # tests that are remembered
Shown = tuple[Any, Any, Any]  # badge, curves, sanity


class MapTests:
    """The tests of maps, the last ones remembered: an example is tested once, not for every visitor.

    Args:
        engine: asked for the curves.
        say: the page's language.
    """

    def __init__(self, engine: Engine, say: Say) -> None:
        self.engine, self.say = engine, say
        self._done: OrderedDict[Question, tuple[str, str]] = OrderedDict()

    def __call__(self, line: Line, question: Question | None) -> Iterator[Shown]:
        """What is shown, one after the other; it ends within one part of the work when it is wanted no more."""
        skip = gr.skip()
        if not question or line.about == question:  # nothing to test, or that test is running
            yield skip, skip, skip
            return
        number = line.begin(question)
        try:
            yield skip if question in self._done else verdict.waiting(self.say, running=True), skip, ""
            for badge, curves in self.parts(question):
                if not line.wants(number):
                    if line.halted:
                        yield verdict.stopped(self.say), skip, skip
                    return
                yield badge, curves, skip
        except Exception:
            yield verdict.stopped(self.say), skip, skip
            raise
        finally:
            line.end(number)

    def parts(self, question: Question) -> Iterator[tuple[Any, str]]:
        """(badge left as it is, curves so far) for every part of the work, then (badge, all curves)."""
        shown = self._done.get(question)
        if shown is None:
            image, found = find(self.engine, question)
            with closing(self.engine.growing_faithfulness(image, question.text, found)) as work:
                for done, test in work:
                    yield gr.skip(), verdict.progress(done, self.say) + verdict.curves(test, found, self.say)
            shown = verdict.badge(test, found, self.say), verdict.curves(test, found, self.say)
            self._done[question] = shown
            while len(self._done) > KEPT:
                self._done.popitem(last=False)
        yield shown
