"""Who said how much: the way from an answer without any input to the answer with both sides, step by step.

With v(S) the probability of the label when the sides in S are given, three parts lead from v(none) to v(both): what
the photo moves by itself, v(image) - v(none); what the sentence moves by itself, v(text) - v(none); and what is left
over, the interaction, which only both together say. Read next: `inside.py`.
"""

from mmdemo.types import Ledger
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

SIDES = ("image", "text", "together")
NOTHING = 0.005  # a way shorter than half a per cent is called none
BETWEEN = 0.75  # share of the interaction from which on the sides alone are said to say little


def parts(found: Ledger) -> dict[str, float]:
    """The three signed steps; with `none` they add up to `both`."""
    return {"image": found.image - found.none, "text": found.text - found.none, "together": found.interaction}


def percentages(steps: dict[str, float]) -> dict[str, int]:
    """The steps' absolute sizes in per cent of their sum: whole numbers that add up to 100 (largest remainders first).

    All are 0 when nothing moves.
    """
    total = sum(abs(v) for v in steps.values())
    if total < NOTHING:
        return dict.fromkeys(steps, 0)
    exact = {name: 100 * abs(v) / total for name, v in steps.items()}
    whole = {name: int(v) for name, v in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: 100 - sum(whole.values())]:
        whole[name] += 1
    return whole


def ledger(found: Ledger, say: Say) -> str:
    """The sentence, the bar of shares, the steps, and a flag when the sides contradict each other."""
    label = label_name(found.task, found.label, say)
    steps = parts(found)
    shares = percentages(steps)
    lead = f'<h3 class="mm-part">{escape(say("fusion.ledger"))}</h3>'
    if not any(shares.values()):
        return f'{lead}<p class="mm-said">{escape(say("fusion.ledger_nothing"))}</p>{waterfall(found, say)}'
    order = sorted(SIDES, key=lambda side: -shares[side])
    listed = say.joined([say(f"fusion.part_{side}", percent=say.percent(shares[side] / 100)) for side in order])
    said = escape(say("fusion.ledger_words", label=label, parts=listed))
    if shares["together"] >= 100 * BETWEEN:
        said += f" {escape(say('fusion.ledger_between'))}"
    bar = "".join(f'<i class="mm-part-{s}" style="width:{shares[s]}%"></i>' for s in SIDES)
    flag = f'<p class="mm-note mm-warn">{escape(_conflict(steps, label, say))}</p>' if found.conflict else ""
    values = say("fusion.shapley", image=signed(found.image_share), text=signed(found.text_share))
    return (
        f'{lead}<p class="mm-said" role="status">{said}</p><div class="mm-stack mm-tall" aria-hidden="true">{bar}</div>'
        f'{waterfall(found, say)}{flag}<p class="mm-soft">{escape(values)}</p>'
    )


def label_name(task: str, label: str, say: Say) -> str:
    """A label as people say it."""
    return say(f"fusion.{label}") if task == "matching" else say(f"sentiment.{label}")


def signed(value: float) -> str:
    """+0.31 or \u22120.31, and 0.00 for what rounds to nothing."""
    shown = f"{value:+.2f}".replace("-", "\u2212")
    return "0.00" if float(shown[1:]) == 0 else shown


def _conflict(steps: dict[str, float], label: str, say: Say) -> str:
    speaker, other = ("image", "text") if steps["image"] > steps["text"] else ("text", "image")
    names = {"speaker": say(f"fusion.the_{speaker}"), "other": say(f"fusion.the_{other}")}
    return say("fusion.conflict", label=label, **names)


def waterfall(found: Ledger, say: Say) -> str:
    """Five rows on one axis: where it starts, three steps, where it ends.

    The axis holds 0 to 1, and more where two steps in one direction lead past an end before the interaction takes back
    what both said twice.
    """
    steps = parts(found)
    spans = {"none": (0.0, found.none)}
    at = found.none
    for side in SIDES:
        spans[side] = (at, at + steps[side])
        at += steps[side]
    spans["both"] = (0.0, found.both)
    low = min(0.0, *(min(s) for s in spans.values()))
    high = max(1.0, *(max(s) for s in spans.values()))
    rows = "".join(_step(name, span, low, high, say) for name, span in spans.items())
    words = {side: _points(steps[side], say) for side in SIDES}
    alt = say("fusion.ledger_alt", none=say.percent(found.none), both=say.percent(found.both), **words)
    return f'<div class="mm-fall" role="img" aria-label="{escape(alt)}">{rows}</div>'


def _step(name: str, span: tuple[float, float], low: float, high: float, say: Say) -> str:
    start, end = span
    left, wide = (min(span) - low) / (high - low), abs(end - start) / (high - low)
    value = _points(end - start, say) if name in SIDES else say.percent(end)
    look = f"mm-part-{name}" + (" mm-down" if end < start else "")
    edge = "".join(f'<u style="left:{100 * (tick - low) / (high - low):.1f}%"></u>' for tick in (0.0, 1.0))
    return (
        f'<div class="mm-fall-row"><span>{escape(say(f"fusion.row_{name}"))}</span><span class="mm-track">{edge}'
        f'<i class="{look}" style="left:{100 * left:.1f}%;width:{100 * wide:.1f}%"></i></span>'
        f"<b>{escape(value)}</b></div>"
    )


def _points(value: float, say: Say) -> str:
    shown = f"{100 * value:+.0f}".replace("-", "\u2212")
    return say("fusion.points", value="0" if shown[1:] == "0" else shown)
