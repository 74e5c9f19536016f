"""What the Match tab asks; `form.py` says when. Read next: `draw.py`."""

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.tabs.match.draw import draw
from mmdemo.ui.text import Say


def answer(engine: Engine, say: Say, path: str | None, lines: str) -> str:
    """A photo's path and lines of text -> the answer as HTML."""
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(lines)
    return draw(engine.match(image, texts), engine.background, dropped, say)
