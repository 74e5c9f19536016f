"""Every fusion's answer at a glance: one row each, a bar for the match and a divided bar for the feeling.

Above the fusions stands their mean, at the two ends what a photo or a sentence says alone. A row is a button that
chooses its fusion for a closer look. Read next: `ledger.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmdemo.types import FusionResult
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

MATCH, FEELING = "matching", "sentiment"


@dataclass(frozen=True)
class Answers:
    """What all fusions say of one pair.

    Args:
        match: a result per fusion for "matching".
        feeling: a result per fusion for "sentiment", in the same order.
    """

    match: Sequence[FusionResult]
    feeling: Sequence[FusionResult]

    @property
    def mean(self) -> tuple[FusionResult, FusionResult]:
        """The ensembles of both tasks."""
        return ensemble(self.match), ensemble(self.feeling)


def ensemble(results: Sequence[FusionResult]) -> FusionResult:
    """All fusions as one: the mean of their probabilities [C], the sum of their times and sizes."""
    return FusionResult(
        "ensemble",
        results[0].labels,
        np.mean([r.probabilities for r in results], axis=0),
        sum(r.milliseconds for r in results),
        sum(r.parameters for r in results),
        results[0].missing,
    )


def strip(now: Answers, full: Answers | None, alone: dict[str, FusionResult | None], chosen: str, say: Say) -> str:
    """The rows as HTML.

    Args:
        now: what the fusions say of what they were given.
        full: what they say of the whole pair, drawn beside it when a side was taken away; None otherwise.
        alone: "image" and "text" -> the feeling of that side by itself; None for a side that there is not.
        chosen: the fusion whose row is marked.
    """
    means = now.mean
    rows = [_row("ensemble", *means, full.mean if full else None, None, say)]
    rows += [_alone("image", alone["image"], say)]
    pairs = zip(now.match, now.feeling, strict=True)
    for i, (match, feeling) in enumerate(pairs):
        before = (full.match[i], full.feeling[i]) if full else None
        row = _row(match.name, match, feeling, before, means, say)
        label = escape(_spoken(match, feeling, before, means, say))
        rows.append(
            f'<button type="button" class="mm-fusion" data-fusion="{escape(match.name)}"'
            f' aria-pressed="{str(match.name == chosen).lower()}" aria-label="{label}"'
            f' title="{escape(say(f"fusion.idea_{match.name}"))}">{row}</button>'
        )
    rows[0] = f'<div class="mm-fusion mm-mean">{rows[0]}</div>'
    rows.append(_alone("text", alone["text"], say))
    label = escape(say("fusion.lead"))
    look = "mm-strip mm-compared" if full else "mm-strip"
    return f'<div class="{look}" role="group" aria-label="{label}">{_head(say)}{"".join(rows)}</div>'


def headline(now: Answers, say: Say) -> str:
    """The ensemble's answer in one line, and how many fusions share it; no word on the match when a side is missing."""
    match, feeling = now.mean
    felt = {"label": say(f"sentiment.{feeling.label}"), "share": say.percent(float(feeling.probabilities.max()))}
    same = {"feeling": sum(r.label == feeling.label for r in now.feeling), "n": len(now.feeling)}
    if match.missing:
        line = say(f"fusion.verdict_no_{match.missing}", **felt)
        agreed = say("fusion.agree_feeling", **same)
    else:
        key = "fusion.verdict" if match.label == "match" else "fusion.verdict_not"
        line = say(key, match=say.percent(_of(match, "match")), **felt)
        agreed = say("fusion.agree", match=sum(r.label == match.label for r in now.match), **same)
    return f'<p class="mm-headline" role="status"><strong>{escape(line)}</strong><small>{escape(agreed)}</small></p>'


def fill(imputation: str | None, say: Say) -> str:
    """What stands in for a missing side, in words."""
    return say(f"fusion.fill_{imputation or 'learned'}")


def _of(result: FusionResult, label: str) -> float:
    return float(result.probabilities[result.labels.index(label)])


def _head(say: Say) -> str:
    keys = "".join(
        f'<span class="mm-key mm-{label}">{escape(say(f"sentiment.{label}"))}</span>'
        for label in ("negative", "neutral", "positive")
    )
    return (
        f'<div class="mm-strip-head"><span>{escape(say("fusion.column_fusion"))}</span>'
        f"<span>{escape(say('fusion.column_match'))}</span>"
        f"<span>{escape(say('fusion.column_feeling'))} <small>{keys}</small></span></div>"
    )


def _row(
    name: str,
    match: FusionResult,
    feeling: FusionResult,
    before: tuple[FusionResult, FusionResult] | None,
    means: tuple[FusionResult, FusionResult] | None,
    say: Say,
) -> str:
    """Name, match, feeling; beside each value the one of the full pair, and a sign where it differs from the mean."""
    was = ["", ""]
    tick = ""
    if before:
        at = _of(before[0], "match")
        tick = f'<u style="left:{100 * at:.1f}%"></u>'
        share = say.percent(float(before[1].probabilities.max()))
        values = (say.percent(at), share if before[1].label == feeling.label else _feeling(before[1], say))
        was = [f"<small>{escape(say('fusion.was', value=v))}</small>" for v in values]
    odd = [_differs(mine, mean, say) for mine, mean in zip((match, feeling), means or (match, feeling), strict=True)]
    yes = _of(match, "match")
    strong = " mm-strong" if match.label == "match" else ""
    return (
        f'<span class="mm-fusion-name">{escape(say(f"fusion.name_{name}"))}</span>'
        f'<span class="mm-cell">'
        f'<span class="mm-bar mm-half{strong}"><i style="width:{100 * yes:.1f}%"></i>{tick}</span>'
        f'<span class="mm-value"><b>{say.percent(yes)}</b>{odd[0]}{was[0]}</span></span>'
        f'<span class="mm-cell">{_stack(feeling)}'
        f'<span class="mm-value"><b>{escape(_feeling(feeling, say))}</b>{odd[1]}{was[1]}</span></span>'
    )


def _alone(side: str, feeling: FusionResult | None, say: Say) -> str:
    """What one side says by itself; a match it cannot know."""
    name = f'<span class="mm-fusion-name">{escape(say(f"fusion.alone_{side}"))}</span>'
    if feeling is None:
        cells = f'<span class="mm-cell mm-soft">{escape(say("fusion.not_given"))}</span>'
    else:
        cells = (
            f'<span class="mm-cell mm-soft">{escape(say("fusion.alone_cannot"))}</span><span class="mm-cell">'
            f'{_stack(feeling)}<span class="mm-value"><b>{escape(_feeling(feeling, say))}</b></span></span>'
        )
    return f'<div class="mm-fusion mm-alone">{name}{cells}</div>'


def _stack(feeling: FusionResult) -> str:
    """Three probabilities as one divided bar; the words beside it say the same."""
    parts = "".join(
        f'<i class="mm-{label}" style="width:{100 * float(p):.1f}%"></i>'
        for label, p in zip(feeling.labels, feeling.probabilities, strict=True)
    )
    return f'<span class="mm-stack" aria-hidden="true">{parts}</span>'


def _feeling(result: FusionResult, say: Say) -> str:
    return f"{say(f'sentiment.{result.label}')} {say.percent(float(result.probabilities.max()))}"


def _differs(mine: FusionResult, mean: FusionResult, say: Say) -> str:
    if mine.label == mean.label or (mine.missing and mine.labels[-1] == "match"):  # a habit is no disagreement
        return ""
    return f'<em class="mm-differs" title="{escape(say("fusion.differs"))}">\u2260</em>'


def _spoken(
    match: FusionResult,
    feeling: FusionResult,
    before: tuple[FusionResult, FusionResult] | None,
    means: tuple[FusionResult, FusionResult],
    say: Say,
) -> str:
    """A row for those who hear it."""
    notes = ""
    if match.label != means[0].label and not match.missing:
        notes += say("fusion.differs_match")
    if feeling.label != means[1].label:
        notes += say("fusion.differs_feeling")
    if before:
        notes += say("fusion.full_alt", match=say.percent(_of(before[0], "match")), feeling=_feeling(before[1], say))
    return say(
        "fusion.row_alt",
        name=say(f"fusion.name_{match.name}"),
        match=say.percent(_of(match, "match")),
        feeling=_feeling(feeling, say),
        notes=notes,
    )
