"""What happens inside one fusion: its tensors as boxes, photo on the left, sentence on the right, joined below.

The boxes are drawn from the trace alone; their names are those of the code. Read next: `dial.py`.
"""

import re
from collections.abc import Sequence

from mmdemo.types import FusionTrace, TraceStep
from mmdemo.ui.bench.ledger import label_name
from mmdemo.ui.bench.strip import fill
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

# The first part of a step's name -> the lane it stands in; whatever is not named here belongs to both sides.
LANES = {"image": "image", "v": "image", "p": "image", "text": "text", "t": "text", "q": "text"}


def formula(trace: FusionTrace) -> str:
    """The fusion's formula as Markdown with LaTeX: its equations one by one, so that a phone may break between them."""
    equations = (part.strip() for part in re.split(r"\\q?quad", trace.formula))
    return " &emsp; ".join(rf"$\displaystyle {part}$" for part in equations if part)


def inside(trace: FusionTrace, task: str, imputation: str | None, say: Say) -> str:
    """The data flow of this input.

    Args:
        trace: with the real shapes and norms.
        task: "matching" or "sentiment".
        imputation: what stands in for a missing side, None for the learned vector.
    """
    lanes: dict[str, list[TraceStep]] = {"image": [], "text": [], "joint": []}
    for step in trace.steps:
        lanes[LANES.get(step.name.split(".")[0], "joint")].append(step)
    names = {lane: say.joined([_plain(s) for s in steps]) or "–" for lane, steps in lanes.items()}
    sides = "".join(
        _lane(side, lanes[side], trace.result.missing == side, imputation, say) for side in ("image", "text")
    )
    result = trace.result
    answer = f"{label_name(task, result.label, say)} {say.percent(float(result.probabilities.max()))}"
    joined = "".join(_box(s, say) for s in lanes["joint"])
    alpha = ""
    if trace.alpha is not None:
        alpha = f'<p class="mm-soft">{escape(say("fusion.alpha_is", alpha=f"{trace.alpha:.2f}"))}</p>'
    return (
        f'<p class="mm-soft">{escape(say("fusion.letters"))}</p>{alpha}'
        f'<div class="mm-flow" role="img" aria-label="{escape(say("fusion.inside_alt", **names))}">'
        f'<div class="mm-lanes">{sides}</div>'
        f'<div class="mm-lane mm-joint"><h4>{escape(say("fusion.lane_joint"))}</h4>{joined}'
        f'<div class="mm-box mm-end"><b>{escape(say("fusion.answer"))}</b><span>{escape(answer)}</span></div>'
        "</div></div>"
    )


def _lane(side: str, steps: Sequence[TraceStep], missing: bool, imputation: str | None, say: Say) -> str:
    note = ""
    if missing:
        note = f'<p class="mm-soft">{escape(say("fusion.lane_filled", fill=fill(imputation, say)))}</p>'
    look = "mm-lane mm-absent" if missing else "mm-lane"
    title = f"<h4>{escape(say(f'fusion.lane_{side}'))}</h4>"
    return f'<div class="{look} mm-lane-{side}">{title}{note}{"".join(_box(s, say) for s in steps)}</div>'


def _box(step: TraceStep, say: Say) -> str:
    numbers = say("fusion.step_numbers", norm=_short(step.norm), mean=_short(step.mean))
    name = step.name.split(".", 1)[-1]  # the lane says the side already
    return (
        f'<div class="mm-box"><b><code>{escape(name)}</code> <span>{escape(_shape(step))}</span></b>'
        f"<span>{escape(numbers)}</span></div>"
    )


def _plain(step: TraceStep) -> str:
    return f"{step.name} {_shape(step)}"


def _shape(step: TraceStep) -> str:
    return f"[{', '.join(map(str, step.shape))}]" if step.shape else "[ ]"


def _short(value: float) -> str:
    """Three figures and a true minus; what is below 0.0005 is only rounding and shown as 0."""
    return "0" if abs(value) < 5e-4 else f"{value:.3g}".replace("-", "\u2212")
