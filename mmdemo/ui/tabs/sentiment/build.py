"""The Sentiment tab's widgets. Read next: `../../pair.py`, `events.py`."""

from typing import TYPE_CHECKING

from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.tabs.sentiment.events import answer
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_lead

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT = "sentiment-result"


def build(engine: "Engine", say: Say, pair: Pair) -> None:
    """The tab's widgets and events."""
    build_lead(say("sentiment.lead"))
    shown = build_answer(say, RESULT)

    def answered(path: str | None, sentence: str) -> Values:
        return {shown: answer(engine, say, path, sentence)}

    pair.answers("sentiment", answered, [shown], RESULT)
