"""The Match tab's widgets. Read next: `../../pair.py`, `events.py`."""

from mmdemo.engine import Engine
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.tabs.match.events import Asked, answer
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import build_answer, build_lead

RESULT = "match-result"


def build(engine: Engine, say: Say, pair: Pair) -> None:
    """The tab's widgets and events; `pair.more` holds the lines that are compared with the sentence."""
    build_lead(say("match.lead"))
    shown = build_answer(say, RESULT)

    def answered(path: str | None, sentence: str, model: str, more: str, both: bool) -> Values:
        return {shown: answer(engine, say, path, sentence, more, both, Asked(model))}

    pair.answers(
        "match", answered, [shown], RESULT, fields=[pair.more, pair.both], listen=[pair.both.input], reads=True
    )
    pair.keep(match__both=pair.both)
