"""How often an answer is right, by who asked and what was asked for. Read next: `recipes/answering.py`."""

from collections import defaultdict
from collections.abc import Sequence

from torch import Tensor

from mmdemo.training.data.questions import Question


def figures(questions: Sequence[Question], right: Tensor) -> dict[str, float]:
    """Accuracy in per cent, of each source and of each (source, kind) with 20 questions or more."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for q, good in zip(questions, right.tolist(), strict=True):
        groups[q.source].append(good)
        groups[f"{q.source} {q.kind}"].append(good)
    return {name: 100 * sum(g) / len(g) for name, g in sorted(groups.items()) if len(g) >= 20}


def commonest(taught: Sequence[Question], tested: Sequence[Question]) -> dict[str, float]:
    """The same for who always gives the commonest answer of a source and kind in training."""
    said: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for q in taught:
        said[q.source, q.kind][q.answer] += 1
    best = {key: max(counts, key=counts.__getitem__) for key, counts in said.items()}
    groups: dict[str, list[bool]] = defaultdict(list)
    for q in tested:
        good = best.get((q.source, q.kind)) == q.answer
        groups[q.source].append(good)
        groups[f"{q.source} {q.kind}"].append(good)
    return {name: 100 * sum(g) / len(g) for name, g in sorted(groups.items()) if len(g) >= 20}
