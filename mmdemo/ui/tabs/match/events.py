"""What the Match tab asks; `pair.py` says when. Read next: `draw.py`."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image

from mmdemo import inputs
from mmdemo.types import MatchingResult
from mmdemo.ui.gallery import in_other_language
from mmdemo.ui.hub.names import BUILT_IN, find, languages, model_title
from mmdemo.ui.markup import part, render
from mmdemo.ui.tabs.match.draw import OUR_OWN, Reader, Twice, draw
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine


@dataclass(frozen=True)
class Asked:
    """Who is asked, and how.

    Args:
        model: who answers.
        ensemble: each text is read in the model's prompt templates.
        octaves: the temperature of the softmax is the model's own times 2 to this power.
        rival: another model to stand beside, "" for none.
    """

    model: str = BUILT_IN
    ensemble: bool = False
    octaves: float = 0.0
    rival: str = ""


PLAINLY = Asked()


def answer(
    engine: "Engine", say: Say, path: str | None, sentence: str, more: str = "", both: bool = False,
    asked: Asked = PLAINLY,
) -> str:  # fmt: skip
    """A photo's path, a sentence and further lines -> the answer as HTML, or the answers of two models side by side.

    With `both`, in the other language too.
    """
    image = inputs.read_image(path)
    texts, dropped = inputs.split_lines(f"{sentence}\n{more}")
    if not asked.rival or asked.rival == asked.model:
        return answer_of(engine, say, image, texts, dropped, both, asked)
    models = {name: model_title(engine, name, say) for name in (asked.model, asked.rival)}
    answers = {}
    for name, title in models.items():
        row = find(engine, name)
        here = row is None or row.state == "here"
        answers[title] = (
            answer_of(engine, say, image, texts, dropped, both, replace(asked, model=name))
            if here
            else part("note", say("match.rival_missing", title=title))
        )
    return render("match/rivals.html", answers=answers)


def answer_of(
    engine: "Engine", say: Say, image: Image.Image, texts: list[str], dropped: int, both: bool, asked: Asked
) -> str:
    """One model's answer as HTML."""
    result, setting = engine.match(image, texts, model=asked.model, ensemble=asked.ensemble), ""
    if asked.octaves and result.temperature:
        given = {"temperature": result.temperature * 2**asked.octaves, "ensemble": asked.ensemble}
        setting = say("match.heated", own=say.number(result.temperature, 4), now=say.number(given["temperature"], 4))
        result = engine.match(image, texts, model=asked.model, **given)
    row = find(engine, asked.model)
    reader = Reader(row.title, languages(row, say), setting) if row else OUR_OWN
    background, other = engine.match_background(asked.model), twice(engine, say, image, result) if both else None
    return draw(result, background, dropped, say, other, reader)


def twice(engine: "Engine", say: Say, image: Image.Image, result: MatchingResult) -> Twice:
    """The sentences that an example has in both languages, and what the photo makes of each in the other one.

    Nothing here translates: only the examples' sentences are known in both languages.
    """
    others = [in_other_language(text, say) for text in result.texts]
    known = [(i, text) for i, text in enumerate(others) if text and text != result.texts[i]]
    if not known:
        return []
    there = engine.match(image, [text for _, text in known], model=result.model)
    return [(of(result, i), of(there, place)) for place, (i, _) in enumerate(known)]


def of(result: MatchingResult, i: int) -> tuple[str, float | None, float]:
    """Text, probability (None where the model has none) and cosine of one of K."""
    probability = None if result.probability is None else float(result.probability[i])
    return result.texts[i], probability, float(result.similarity[i])
