"""A match result as HTML: the ranking, every text's place among other pairs, and the numbers folded below.

Read next: `templates/match/answer.html`, `chart.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmdemo.types import UNDERSTOOD_FROM, MatchBackground, MatchingResult
from mmdemo.ui.chart import Axes, ticks
from mmdemo.ui.doubts import doubts, named, why_bounds
from mmdemo.ui.markup import render
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say

WIDTH, HEIGHT, FLOOR, TOP = 640, 132, 104, 26  # of the histogram; bars stand between TOP and FLOOR
One = tuple[str, float | None, float]  # text, probability, cosine
Twice = list[tuple[One, One]]  # in two languages
LETTER = r"[^\W_\u2e80-\U0002ffff]"  # or a digit, of a script that writes words apart
LABELLED, APART, EDGE = 9, 25, 12  # marks with a number, the room of one, and how near to the side it may stand


@dataclass(frozen=True)
class Reader:
    """A model of the Hub in words: its title, the languages that it reads, and what was set for it; "" of our own."""

    title: str = ""
    languages: str = ""
    setting: str = ""


OUR_OWN = Reader()


def draw(
    result: MatchingResult, background: MatchBackground, dropped: int, say: Say, twice: Twice | None = None,
    reader: Reader = OUR_OWN,
) -> str:  # fmt: skip
    """The whole answer.

    Args:
        result: of K texts.
        background: matched and unmatched validation pairs.
        dropped: how many lines were too many.
        twice: the same sentences in this language and in the other; None where nobody asked.
        reader: who answers.
    """
    if not reader.title:  # of our own one `understood` says it, whichever the language
        result = replace(result, foreign=())
    best_first = order(result)
    return render(
        "match/answer.html", say=say, result=result, source=source_said(background, say), dropped=dropped,
        order=best_first, verdicts=verdicts(result), bounds=why_bounds(result.bounds, say), reader=reader,
        doubts=doubts(result.texts, result.understood, result.familiar, say),
        read=readable(result),
        likeliest=None if result.probability is None else int(result.probability.argmax()),
        best=next((i for i in best_first if not result.foreign[i]), None), why=why(result, reader.title, say),
        chart=chart(result, background, say),
        columns=columns(result, best_first, say),
        pieces=[pieces(text, words) for text, words in zip(result.texts, result.unread, strict=True)],
        unread=unread(result, say), twice=None if twice is None else compared(twice, say),
    )  # fmt: skip


def source_said(background: MatchBackground, say: Say) -> str:
    """Where the pairs of the background come from."""
    if background.captions:
        return say("match.source_hub", captions=background.captions, drawn=background.drawn)
    return say("match.source", source=termed(background.source, say))


def why(result: MatchingResult, title: str, say: Say) -> list[str]:
    """How to read the numbers of the answer, a sentence each."""
    said = [say("match.why_cosine")]
    if result.probability is not None:
        said.append(say("match.why_sigmoid", title=title) if title else say("match.why_probability"))
    if result.share is not None and title:
        said.append(say("match.why_softmax", temperature=say.number(result.temperature, 4)))
    elif result.share is not None:
        said.append(say("match.why_share"))
    return said


def compared(twice: Twice, say: Say) -> list[list[str]]:
    """The rows of the table: sentence, probability, cosine; the same in the other language."""
    return [
        [cell for text, p, cosine in row for cell in (text, "–" if p is None else say.percent(p), say.number(cosine))]
        for row in twice
    ]


def verdicts(result: MatchingResult) -> list[str]:
    """Of each text "match", "mismatch" or "unsure"; of one that was not read no doubt is said twice.

    A model without a probability has no verdict: [].
    """
    if result.probability is None:
        return []
    return [result.verdict(i) if known else "mismatch" for i, known in enumerate(readable(result))]


def readable(result: MatchingResult) -> list[bool]:
    """Of each text whether the model reads such texts at all."""
    pairs = zip(result.understood, result.foreign, strict=True)
    return [bool(known >= UNDERSTOOD_FROM and not foreign) for known, foreign in pairs]


def order(result: MatchingResult) -> list[int]:
    """Indices of the texts, the best fit first; equals stay in the order given."""
    return [int(i) for i in np.argsort(-result.similarity, kind="stable")]


def pieces(text: str, unread: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is an unread word; together they are the text."""
    if not unread:
        return [(text, False)]
    wanted = "|".join(whole(word) for word in sorted(set(unread), key=len, reverse=True))
    found = re.split(f"({wanted})", text)
    return [(piece, i % 2 == 1) for i, piece in enumerate(found) if piece]  # re.split: every second one is a word


def whole(word: str) -> str:
    """The pattern of a word: beside letters there is no letter; a Chinese character or a sign may stand anywhere."""
    bounded = rf"(?<!{LETTER}){re.escape(word)}(?!{LETTER})"
    return bounded if re.match(LETTER, word) else re.escape(word)


def unread(result: MatchingResult, say: Say) -> str:
    """The words struck through, named once each; those of a text that was not read at all are not, its doubt is."""
    read = zip(result.unread, result.understood, strict=True)
    words = list(dict.fromkeys(w for some, known in read if known >= UNDERSTOOD_FROM for w in some))
    return say("match.unread", words=named(words, say)) if words else ""


def columns(result: MatchingResult, best_first: Sequence[int], say: Say) -> dict[str, list[str]]:
    """The table of all numbers: a name -> its cells, best fit first. The share is there for two texts or more."""

    def percents(values: Sequence[float] | None) -> list[str]:
        """No number where the model does not read a text's language, no column where it has no such number."""
        if values is None:
            return []
        return ["–" if foreign else say.percent(v, 1) for v, foreign in zip(values, result.foreign, strict=True)]

    cells = {
        "match.column_text": list(result.texts),
        "match.cosine": [say.number(v, 3) for v in result.similarity],
        "match.probability": percents(result.probability),
        "match.column_percentile": [say.percentile(float(v)) for v in result.percentile],
        "match.column_share": percents(result.share),
    }
    return {say(name): [column[i] for i in best_first] for name, column in cells.items() if column}


def chart(result: MatchingResult, background: MatchBackground, say: Say) -> str:
    """The pairs' places between unmatched and matched pairs of the validation set."""
    marks = [float(result.similarity[i]) for i in order(result)]
    middle = (background.edges[:-1] + background.edges[1:]) / 2
    both = bool(background.matched.any())
    centres = {"unmatched": background.unmatched} | ({"matched": background.matched} if both else {})
    label = say(
        "match.chart_alt" if both else "match.chart_alt_one",
        **{name: say.number((middle * bins).sum()) for name, bins in centres.items()},
        marks=" ".join(say("match.mark_alt", n=n + 1, cosine=say.number(m)) for n, m in enumerate(marks[:10])),
    )
    return render("match/chart.html", say=say, both=both, histogram=histogram(background, marks, label))


def histogram(background: MatchBackground, marks: Sequence[float], label: str) -> str:
    """Both populations as steps over the cosine axis, and a numbered line for every pair's cosine.

    Args:
        background: bins of matched and unmatched validation pairs.
        marks: cosines, the best first, drawn as lines numbered 1, 2, ...
        label: the text alternative.
    """
    peak = float(max(background.matched.max(), background.unmatched.max(), 1e-9))
    axes = Axes(axis_range(background, marks), (0, peak), left=8, right=WIDTH - 8, top=TOP, floor=FLOOR)
    low, high = axes.x
    places = [axes.at_x(m) for m in marks]
    return render(
        "match/histogram.html", axes=axes, background=background, label=label, width=WIDTH, height=HEIGHT,
        ticks=ticks(low, high, 0.1 if high - low <= 1 else 0.2), places=places, dots=dots(places[:LABELLED]),
        number=Say.number,
    )  # fmt: skip


def axis_range(background: MatchBackground, marks: Sequence[float]) -> tuple[float, float]:
    """The part of the axis worth drawing: bins that hold a pair in 500, all marks, and a margin."""
    kept = np.flatnonzero((background.matched > 0.002) | (background.unmatched > 0.002))
    first, last = (kept[0], kept[-1] + 1) if len(kept) else (0, len(background.edges) - 1)
    low = min([float(background.edges[first]), *marks]) - 0.02
    return low, max([float(background.edges[last]), *marks]) + 0.02


def dots(places: Sequence[float]) -> list[dict[str, Any]]:
    """Where the numbers of the marks go: each over its line, or as near to it as its neighbours leave it room.

    Places that are too near each other are pooled, and the numbers of a pool stand side by side around its middle
    (pool adjacent violators: the least squares of all moves).
    """
    pools: list[list[tuple[float, int]]] = []  # (place less what stands left of it, number), from left to right
    for rank, (at, i) in enumerate(sorted((at, i) for i, at in enumerate(places))):
        pools.append([(at - rank * APART, i)])
        while len(pools) > 1 and _middle(pools[-2]) >= _middle(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    last = WIDTH - EDGE - (len(places) - 1) * APART
    starts = [(min(max(_middle(pool), EDGE), last), i) for pool in pools for _, i in pool]
    return [{"x": x + rank * APART, "digit": i + 1, "at": places[i]} for rank, (x, i) in enumerate(starts)]


def _middle(pool: Sequence[tuple[float, int]]) -> float:
    return sum(at for at, _ in pool) / len(pool)
