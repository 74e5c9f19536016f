"""What the Match tab asks; `pair.py` says when. Read next: `draw.py`."""

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.tabs.match.draw import draw
from mmdemo.ui.text import Say


def answer(engine: Engine, say: Say, path: str | None, sentence: str, more: str = "") -> str:
    """A photo's path, a sentence and further lines -> the answer as HTML."""
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(f"{sentence}\n{more}")
    return draw(engine.match(image, texts), engine.background, dropped, say)
