"""What the Sentiment tab asks; `pair.py` says when. Read next: `draw.py`."""

from typing import TYPE_CHECKING

from mmdemo.ui.plain import read_sides
from mmdemo.ui.tabs.sentiment.draw import draw
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine


def answer(engine: "Engine", say: Say, path: str | None, sentence: str) -> str:
    """A photo's path or None and a sentence or "" -> the answer as HTML."""
    return draw(engine.sentiment(*read_sides(path, sentence)), sentence, say)
