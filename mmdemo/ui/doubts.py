"""One quiet line where an answer should not be believed: a text that was not read, a photo unlike all others.

Read next: `tabs/match/draw.py`, `mmdemo/tasks/familiarity.py`.
"""

from collections.abc import Sequence

from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM, VerdictBounds
from mmdemo.ui.markup import part
from mmdemo.ui.text import Say

NAMED, LONGEST = 3, 30  # texts named in the line, and characters of each


def doubts(texts: Sequence[str], understood: Sequence[float], familiar: float, say: Say) -> str:
    """The line as HTML, "" where nothing is to be doubted.

    Args:
        texts: the K texts.
        understood: [K] in [0, 1].
        familiar: in [0, 1]; 1 without a photo.
    """
    lost = [text for text, known in zip(texts, understood, strict=True) if known < UNDERSTOOD_FROM]
    lines = []
    if lost:
        key = "doubt.text" if len(lost) == 1 else "doubt.texts" if len(lost) <= NAMED else "doubt.many"
        lines.append(say(key, texts=named(lost[:NAMED], say), n=len(lost)))
    if familiar < FAMILIAR_FROM:
        lines.append(say("doubt.photo"))
    return part("doubt", say.sentences(*lines)) if lines else ""


def why_bounds(bounds: VerdictBounds | None, say: Say) -> list[str]:
    """What verdicts within and outside the bounds are worth, as one sentence; none where nothing lies within."""
    if bounds is None or bounds.low == bounds.high:
        return []
    percents = {name: say.percent(getattr(bounds, name)) for name in ("low", "high", "inside", "outside")}
    within = round(bounds.share * bounds.pairs)
    return [say("pair.why_bounds", **percents, n_inside=within, n_outside=bounds.pairs - within)]


def named(texts: Sequence[str], say: Say) -> str:
    """Texts or words in quotation marks, as a list; long ones are cut."""
    return say.joined([say("quote", text=_short(text)) for text in texts])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
