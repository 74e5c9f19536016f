"""Every fusion's answer at a glance: one row each, a bar for the match and a divided bar for the feeling.

Above the fusions stands their mean, at the two ends what a photo or a sentence says alone. A row is a button that
chooses its fusion for a closer look. Read next: `templates/fusion/strip.html`, `shapley_values.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmdemo.types import FEELINGS, FusionResult, VerdictBounds
from mmdemo.ui.doubts import why_bounds
from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

MATCH, FEELING = "matching", "sentiment"
VERDICTS = {"match": "fusion.verdict", "mismatch": "fusion.verdict_not", "unsure": "fusion.verdict_unsure"}


class Answer(NamedTuple):
    """What one fusion says of one pair: whether it matches, and which feeling it carries."""

    match: FusionResult
    feeling: FusionResult


def ensemble(results: Sequence[FusionResult]) -> FusionResult:
    """All fusions as one: the mean of their probabilities [C], the sum of their times and sizes."""
    mean = np.mean([r.probabilities for r in results], axis=0)  # [C]
    milliseconds, parameters = sum(r.milliseconds for r in results), sum(r.parameters for r in results)
    return FusionResult("ensemble", results[0].labels, mean, milliseconds, parameters, results[0].missing)


def mean(answers: Sequence[Answer]) -> Answer:
    """The ensembles of both tasks."""
    return Answer(*map(ensemble, zip(*answers, strict=True)))


def draw(
    now: Sequence[Answer],
    full: Sequence[Answer] | None,
    alone: Mapping[str, FusionResult | None],
    chosen: str,
    filled: str,
    bounds: VerdictBounds,
    say: Say,
    trust: str = "",
) -> str:
    """The headline, a note when a side is missing, and the rows.

    Args:
        now: what the fusions say of what they were given.
        full: what they say of the whole pair, drawn beside it when a side was taken away; None otherwise.
        alone: "image" and "text" -> the feeling of that side by itself; None for a side that there is not.
        chosen: the fusion whose row is marked.
        filled: what stands in for a missing side.
        bounds: within which the mean's probability of a match is no verdict.
        trust: whether to trust the mean or Match, as HTML; "" where they agree.
    """
    together = mean(now)
    line, agreed = headline(now, together, bounds, say)
    verdict = bounds.verdict(shares(together.match)["match"])
    return render(
        "fusion/strip.html", say=say, line=line, agreed=agreed, trust=trust, missing=together.match.missing,
        filled=filled, compared=full is not None, chosen=chosen, feelings=FEELINGS,
        together=row(together, full and mean(full), together, say) | {"fits": verdict == "match"},
        bounds=[] if together.match.missing else why_bounds(bounds, say),
        rows=[row(a, b, together, say) for a, b in zip(now, full or [None] * len(now), strict=True)],
        alone={side: feeling and felt(shares(feeling), say) for side, feeling in alone.items()},
    )  # fmt: skip


def headline(now: Sequence[Answer], together: Answer, bounds: VerdictBounds, say: Say) -> tuple[str, str]:
    """The ensemble's answer, and how many fusions share it; no verdict on the match within the bounds.

    When a side is missing there is no word on the match at all.
    """
    match, feeling = together
    values = {"label": say(f"sentiment.{feeling.label}"), "share": say.percent(float(feeling.probabilities.max()))}
    same = {"feeling": sum(a.feeling.label == feeling.label for a in now), "n": len(now)}
    if match.missing:
        return say(f"fusion.verdict_no_{match.missing}", **values), say("fusion.agree_feeling", **same)
    verdict = bounds.verdict(shares(match)["match"])
    wanted, key = ("match", "fusion.agree_unsure") if verdict == "unsure" else (verdict, "fusion.agree")
    agreed = say(key, match=sum(a.match.label == wanted for a in now), **same)
    return say(VERDICTS[verdict], match=say.percent(shares(match)["match"]), **values), agreed


def row(now: Answer, before: Answer | None, together: Answer, say: Say) -> dict[str, Any]:
    """One row's values; `before`: the answer to the full pair, shown beside it, `together`: the mean of all."""
    differs = {  # without both sides the match is only a habit, and a habit is no disagreement
        "match": now.match.label != together.match.label and not now.match.missing,
        "feeling": now.feeling.label != together.feeling.label,
    }
    notes = "".join(say(f"fusion.differs_{task}") for task, is_other in differs.items() if is_other)
    mine, was = worded(now, say), before and worded(before, say)
    if was:
        notes += say("fusion.full_alt", match=was["percent"], feeling=was["feeling"]["words"])
    name = say(f"fusion.name_{now.match.name}")
    spoken = say("fusion.row_alt", name=name, match=mine["percent"], feeling=mine["feeling"]["words"], notes=notes)
    return mine | {"fusion": now.match.name, "name": name, "differs": differs, "was": was, "spoken": spoken}


def worded(answer: Answer, say: Say) -> dict[str, Any]:
    """The probability of a match and the feeling, each as a share and in words."""
    match = shares(answer.match)["match"]
    fits = answer.match.label == "match"
    return {"match": match, "percent": say.percent(match), "fits": fits, "feeling": felt(shares(answer.feeling), say)}


def felt(shares: Mapping[str, float], say: Say) -> dict[str, Any]:
    """A feeling's shares, the strongest one in words, and all of them in words."""
    words = {name: f"{say(f'sentiment.{name}')} {say.percent(share)}" for name, share in shares.items()}
    label = max(shares, key=lambda name: shares[name])
    spoken = say.joined(list(words.values()))
    percent = say.percent(shares[label])
    return {"label": label, "shares": shares, "words": words[label], "percent": percent, "spoken": spoken}


def shares(result: FusionResult) -> dict[str, float]:
    """A label -> its probability in [0, 1]."""
    return dict(zip(result.labels, map(float, result.probabilities), strict=True))
