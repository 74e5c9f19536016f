"""What happens inside one fusion: its tensors as boxes, photo on the left, sentence on the right, joined below.

The boxes are drawn from the trace alone; their names are those of the code.
Read next: `templates/fusion/inside.html`, `dial.py`.
"""

import re

from mmdemo.types import FusionTrace, TraceStep
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.fusion.shapley_values import label_name
from mmdemo.ui.text import Say

# The first part of a step's name -> the lane it stands in; whatever is not named here belongs to both sides.
LANES = {"image": "image", "v": "image", "p": "image", "text": "text", "t": "text", "q": "text"}


def formula(trace: FusionTrace) -> str:
    """The fusion's formula as Markdown with LaTeX: its equations one by one, so that a phone may break between them."""
    equations = (part.strip() for part in re.split(r"\\q?quad", trace.formula))
    return " &emsp; ".join(rf"$\displaystyle {part}$" for part in equations if part)


def draw(trace: FusionTrace, task: str, filled: str, say: Say) -> str:
    """The data flow of this input: its real shapes and norms; `filled` is what stands in for a missing side."""
    lanes: dict[str, list[TraceStep]] = {"image": [], "text": [], "joint": []}
    for step in trace.steps:
        lanes[LANES.get(step.name.split(".")[0], "joint")].append(step)
    listed = {lane: say.joined([f"{s.name} {shape(s)}" for s in steps]) or "–" for lane, steps in lanes.items()}
    result = trace.result
    answer = f"{label_name(task, result.label, say)} {say.percent(float(result.probabilities.max()))}"
    return render(
        "fusion/inside.html", say=say, trace=trace, lanes=lanes, label=say("fusion.inside_alt", **listed),
        filled=filled, answer=answer, shape=shape, short=short,
    )  # fmt: skip


def shape(step: TraceStep) -> str:
    """[7, 256], and [ ] for a single number."""
    return f"[{', '.join(map(str, step.shape)) or ' '}]"


def short(value: float) -> str:
    """Three figures and a true minus; what is below 0.0005 is only rounding and shown as 0."""
    return "0" if abs(value) < 5e-4 else f"{value:.3g}".replace("-", "\u2212")
