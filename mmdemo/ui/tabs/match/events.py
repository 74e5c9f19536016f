"""What the Match tab asks; `pair.py` says when. Read next: `draw.py`."""

from collections.abc import Sequence

from PIL import Image

from mmdemo import inputs
from mmdemo.engine import Engine
from mmdemo.types import MatchingResult
from mmdemo.ui.gallery import in_other_language
from mmdemo.ui.tabs.match.draw import Twice, draw
from mmdemo.ui.text import Say


def answer(engine: Engine, say: Say, path: str | None, sentence: str, more: str = "", both: bool = False) -> str:
    """A photo's path, a sentence and further lines -> the answer as HTML; with `both`, in the other language too."""
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(f"{sentence}\n{more}")
    result = engine.match(image, texts)
    return draw(result, engine.background, dropped, say, twice(engine, say, image, result) if both else None)


def twice(engine: Engine, say: Say, image: Image.Image, result: MatchingResult) -> Twice:
    """The sentences that an example has in both languages, and what the photo makes of each in the other one.

    Nothing here translates: only the examples' sentences are known in both languages.
    """
    others = [in_other_language(text, say) for text in result.texts]
    known = [(i, text) for i, text in enumerate(others) if text and text != result.texts[i]]
    if not known:
        return []
    there = engine.match(image, [text for _, text in known])
    return [(of(result, i), of(there, place)) for place, (i, _) in enumerate(known)]


def of(result: MatchingResult, i: int) -> tuple[str, float, float]:
    """Text, probability and cosine of one of K."""
    values: Sequence[float] = (result.probability[i], result.similarity[i])
    return result.texts[i], *map(float, values)
