"""What the Sentiment tab asks; `form.py` says when. Read next: `draw.py`."""

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.ui.tabs.sentiment.draw import draw
from mmdemo.ui.text import Say


def answer(engine: Engine, say: Say, path: str | None, sentence: str) -> str:
    """A photo's path or None and a sentence or "" -> the answer as HTML."""
    image = None if path is None else inputs.read_image(path)
    text = inputs.clean_text(sentence) if sentence and sentence.strip() else None
    return draw(engine.sentiment(image, text), sentence, say)
