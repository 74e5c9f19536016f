"""Which of two answers to "does it fit?" to trust, in one line, where they differ: Match's cosine head or another's.

Read next: `mmdemo/engine/verdicts.py`, which has the figures.
"""

from typing import TYPE_CHECKING

from PIL import Image

from mmdemo.types import UNDERSTOOD_FROM
from mmdemo.ui.markup import part
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine

MODEL, MEAN = "matching", "mean"
APART = 0.05  # probabilities that differ by less, with one verdict, are one answer
CLEAR = 0.005  # AUCs nearer than this are as good as each other
REASONS = {MEAN: "trust.why_mean", "cross_attention": "trust.why_cross_attention"}  # others: "trust.why_fusion"


def trust(engine: "Engine", image: Image.Image, text: str, model: str, name: str, value: float, say: Say) -> str:
    """The line as HTML; "" where both say the same, and of a text that nobody read.

    Args:
        model: who answered.
        name: as people call it within a sentence.
        value: the probability of "match" that it gave.
    """
    if model == MODEL or model not in engine.match_aucs:  # of the Hub's models nobody has measured it here
        return ""
    result, bounds = engine.match(image, [text]), engine.verdict_bounds
    match = float(result.probability[0])
    same = bounds[MODEL].verdict(match) == bounds.get(model, bounds[MODEL]).verdict(value)
    if result.understood[0] < UNDERSTOOD_FROM or (same and abs(match - value) < APART):
        return ""
    mine, other = engine.match_aucs[MODEL], engine.match_aucs[model]
    better = "either" if abs(mine - other) < CLEAR else "match" if mine > other else "other"
    trusted = say(f"trust.{better}", **({"other": name} if better == "other" else {}))
    return part("soft", say(
        "trust.line", other=name, match=say.percent(match), value=say.percent(value), match_auc=say.percent(mine, 1),
        other_auc=say.percent(other, 1), trusted=trusted,
        why=say(REASONS.get(model, "trust.why_fusion")),
    ))  # fmt: skip
