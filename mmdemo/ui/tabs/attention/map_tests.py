"""The test of the map on the screen as it grows: a sign of progress, curves with more and more points, the badge.

Read next: `draw_test.py`.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from PIL import Image

from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM
from mmdemo.ui.stale import StaleGuard
from mmdemo.ui.tabs.attention import draw_test
from mmdemo.ui.tabs.attention.answers import Values
from mmdemo.ui.tabs.attention.question import Question, find
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine

KEPT = 64  # tests that are remembered


class MapTests:
    """The tests of maps, the last ones remembered: an example is tested once, not for every visitor.

    Args:
        engine: asked for the curves.
        say: the page's language.
    """

    def __init__(self, engine: "Engine", say: Say) -> None:
        self.engine, self.say = engine, say
        self._done: OrderedDict[Question, Values] = OrderedDict()

    def __call__(self, guard: StaleGuard, question: Question | None) -> Iterator[Values]:
        """What is shown, one after the other; it ends within one part of the work when it is stale."""
        if not question or guard.at_work == question:  # nothing to test, or that test is running
            yield {}
            return
        number = guard.begin(question)
        try:
            yield {"sanity": ""} | ({} if question in self._done else {"test": draw_test.untested("running", self.say)})
            for shown in self.parts(question):
                if not guard.is_newest(number):
                    if guard.stopped:
                        yield {"test": draw_test.untested("stopped", self.say)}
                    return
                yield shown
        except Exception:
            yield {"test": draw_test.untested("stopped", self.say)}
            raise
        finally:
            guard.end(number)

    def parts(self, question: Question) -> Iterator[Values]:
        """The curves so far for every part of the work, then the badge and all curves."""
        shown = self._done.get(question)
        if shown is None:
            image, explanation = find(self.engine, question)
            with closing(self.engine.growing_faithfulness(image, question.text, explanation)) as work:
                for done, test in work:
                    yield {"curves": draw_test.curves(test, explanation, self.say, done)}
            badge = draw_test.badge(test, explanation, self.say, doubt(self.engine, image, question.text))
            curves = draw_test.curves(test, explanation, self.say)
            shown = self._done[question] = {"test": badge, "curves": curves}
            while len(self._done) > KEPT:
                self._done.popitem(last=False)
        yield shown


def doubt(engine: "Engine", image: Image.Image, text: str) -> str:
    """Why no answer about a pair should be believed: the text is "unread", the photo "unfamiliar"; else ""."""
    if float(engine.understood([text])[0]) < UNDERSTOOD_FROM:
        return "unread"
    return "unfamiliar" if float(engine.familiar([image])[0]) < FAMILIAR_FROM else ""
