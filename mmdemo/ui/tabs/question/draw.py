"""An answer as HTML: with the photo and without it side by side, where it looked, and how often it is right.

Read next: `templates/question/answer.html`.
"""

from collections.abc import Mapping
from typing import Any

from PIL import Image

from mmdemo.types import AnswerResult, EngineStatus, Explanation
from mmdemo.ui import heat
from mmdemo.ui.doubts import doubts
from mmdemo.ui.markup import Markup, render
from mmdemo.ui.terms import termed
from mmdemo.ui.text import HTML_LANGUAGE, Say

MODEL = "answering"
ACCURACIES = ("accuracy", "known_accuracy", "alone_accuracy", "commonest_accuracy")  # its own two, and two to beat
SHOWN, LEAST = 5, 0.01  # answers at most, and the probability of all but the first two
SIDE = 480  # pixels on the long side of the photo


def draw(
    image: Image.Image, result: AnswerResult, status: EngineStatus, say: Say, title: str = "", note: str = ""
) -> Markup:
    """The whole answer.

    Args:
        image: the photo.
        result: what was answered to one question about it.
        status: holds the head's card.
        title: of the model of the Hub that answered, "" for the built-in one.
        note: what stands above the answer.
    """
    card = {} if title else status.card(MODEL)
    given = {"with": result.answers, "without": result.without_image}
    named = result.ranked_by in ("named", "statements")  # what the question offers is told, however unlikely
    sides = {
        side: [one for i, one in enumerate(some[:SHOWN]) if named or i < 2 or one[1] >= LEAST]
        for side, some in given.items()
    }
    return render(
        "question/answer.html", say=say, result=result, sides=sides, lang=HTML_LANGUAGE[result.language],
        doubt=doubts([result.question], [result.understood], result.familiar, say), prior=prior(result, say),
        map=None if result.explanation is None else mapped(image, result.explanation),
        kind=say(f"question.kind_{result.kind}"), rows=figures(card, result, say), title=title, note=note,
        why=why_written(title, say) if title else why(card, result, say),
    )  # fmt: skip


def prior(result: AnswerResult, say: Say) -> str:
    """What it would say without the photo, in a sentence; "" where it would say nothing."""
    if not result.without_image:
        return ""
    answer, probability = result.without_image[0]
    key = "question.same" if answer == result.best else "question.differs"
    return say(key, answer=answer, percent=say.percent(probability))


def mapped(image: Image.Image, explanation: Explanation) -> dict[str, Any]:
    """The photo, the map upon it, and the words with their weights as shares of the largest and of all."""
    sizes = [abs(weight) for _, weight in explanation.word_weights]
    top, total = max(sizes, default=0) or 1, sum(sizes) or 1
    words = [(word, size / top, size / total) for (word, _), size in zip(explanation.word_weights, sizes, strict=True)]
    return {
        "photo": heat.photo_uri(image, SIDE), "ratio": f"{image.width / image.height:.4f}", "words": words,
        "map": heat.map_uri(explanation.image_map, explanation.signed), "colours": heat.gradient(explanation.signed),
        "ends": ("against", "for") if explanation.signed else ("low", "high"),
    }  # fmt: skip


def figures(card: Mapping[str, Any], result: AnswerResult, say: Say) -> list[list[str]]:
    """A row of each data set that has questions of this kind: its name, how many, when, and `ACCURACIES`.

    [] where statements were compared, for the card has nothing of those.
    """
    if result.ranked_by == "statements":
        return []
    of: dict[str, dict[str, Any]] = {}
    for row in card.get("metrics", ()):
        if row["metric"].startswith(prefix := key(result, "")):
            of.setdefault(f"{row['dataset']}, {row['split']}", {})[row["metric"].removeprefix(prefix)] = row
    return [
        [source(data, rows["accuracy"], say), *percents(rows, say)] for data, rows in of.items() if "accuracy" in rows
    ]


def source(data: str, row: Mapping[str, Any], say: Say) -> str:
    """Which questions, how many, and when they were asked."""
    return say("question.source", data=termed(data, say), n=f"{row['n']:,}", date=row["date"])


def percents(rows: Mapping[str, Mapping[str, Any]], say: Say) -> list[str]:
    """`ACCURACIES`; a dash for one that was not measured."""
    return [say.percent(rows[name]["value"] / 100) if name in rows else "–" for name in ACCURACIES]


def key(result: AnswerResult, name: str) -> str:
    """What the card calls a figure of a kind of question: "yes_no_accuracy"."""
    return f"{result.kind.replace('/', '_')}_{name}"


def why(card: Mapping[str, Any], result: AnswerResult, say: Say) -> list[str]:
    """How to read the answer, a sentence each."""
    listed, said = card.get("counts", {}).get("answers"), []
    if listed and result.ranked_by == "list":
        said = [say("question.why_probability", n=f"{listed:,}")]
    bound = next((row["value"] for row in card.get("metrics", ()) if row["metric"] == key(result, "bound")), 1)
    if card and result.ranked_by != "statements":
        said.append(say("question.why_bound", percent=say.percent(bound)) if bound < 1 else say("question.why_never"))
    return [*said, say("question.why_without"), say("question.why_map")]


def why_written(title: str, say: Say) -> list[str]:
    """How to read the answer of a model of the Hub that writes it."""
    keys = ("question.why_probability_hub", "question.why_without_hub", "question.why_map_hub")
    return [say(key, title=title) for key in keys]
