"""The first thing the tab shows: the sentence as words to click, and the photo with the map over it.

Read next: `templates/attention/figure.html`, `draw_test.py`.
"""

from collections.abc import Mapping, Sequence

from PIL import Image

from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.attention.sentences import answer_said, caption, subject_name, where_said, words_explained
from mmdemo.ui.text import Say


def word_row(explanation: Explanation, say: Say) -> str:
    """Every word as a button, its weight as the line below it."""
    sizes = [abs(weight) for _, weight in explanation.word_weights]
    return render(
        "attention/words.html", say=say, weights=explanation.word_weights, chosen=words_explained(explanation),
        top=max(sizes, default=0) or 1, total=sum(sizes) or 1,
    )  # fmt: skip


def figure(image: Image.Image, explanation: Explanation, say: Say, values: Mapping[str, float]) -> str:
    """The photo with the map over it, in words what it shows, whose map it is, and what that model answers.

    Args:
        values: the model's numbers by their targets, see `Engine.target_values`.
    """
    e = explanation
    return render(
        "attention/figure.html", say=say, **layers(image, e), grid=e.patch_map.shape, what=subject_name(e, say),
        where=where_said(e, say), whose=caption(e, say), answer=answer_said(values, e.target, say),
        ends=("against", "for") if e.signed else ("low", "high"), colours=heat.gradient(e.signed),
    )  # fmt: skip


def layers(image: Image.Image, explanation: Explanation) -> dict[str, str]:
    """The photo, the map upon it (data URIs), and the photo's width over its height."""
    map_ = heat.map_uri(explanation.image_map, explanation.signed)
    return {"photo": heat.photo_uri(image), "map": map_, "ratio": ratio(image)}


def ratio(image: Image.Image) -> str:
    """Width over height, for CSS."""
    return f"{image.width / image.height:.4f}"


def hint(method: str, paper: str, say: Say) -> str:
    """What a method can and cannot say, and where it was published; the mean was not ("")."""
    return render("attention/hint.html", say=say, method=method, paper=paper)


def words_at(weights: Sequence[tuple[str, float]], row: int, column: int, grid: tuple[int, int], say: Say) -> str:
    """The words that looked at one place of the grid (rows, columns), the heaviest first, with their shares."""
    total = sum(abs(weight) for _, weight in weights)
    heaviest = sorted(weights, key=lambda pair: -abs(pair[1]))[:4] if total > 0 else []
    return render(
        "attention/words_at.html", say=say, place={"row": row + 1, "column": column + 1, "h": grid[0], "w": grid[1]},
        words=[f"{word} {say.percent(abs(weight) / total)}" for word, weight in heaviest],
    )  # fmt: skip
