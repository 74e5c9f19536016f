"""How often an answer is right: by who asked and what was asked for, beside two who do not look at the photo.

The commonest answer of each kind of question in training, and the same head without the photo. And from which
probability on an answer is worth saying. Read next: `recipes/answering.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from mmdemo.tasks.question_words import left_open
from mmdemo.training.data.questions import Question

LEAST = 20  # questions of a kind that make a figure
WORTH, SEEN, OF = 0.8, 30, 100  # share right from the bound on; questions above it; questions a source must have


def offered(questions: Sequence[Question], answers: Sequence[str], answers_zh: Sequence[str]) -> Tensor:
    """The answers each question leaves open, [Q, V]."""
    open_ = torch.zeros(len(questions), len(answers), dtype=torch.bool)
    for row, q in zip(open_, questions, strict=True):
        row[left_open(q.question, answers_zh if q.source == "chinese" else answers)] = True
    return open_


def by_kind(questions: Sequence[Question], value: Tensor) -> dict[tuple[str, str], Tensor]:
    """Values [Q] by source and kind, "" for all kinds of a source; of those with `LEAST` questions or more."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, q in enumerate(questions):
        groups[q.source, ""].append(i)
        groups[q.source, q.kind].append(i)
    return {key: value[index] for key, index in sorted(groups.items()) if len(index) >= LEAST}


def accuracy(questions: Sequence[Question], right: Tensor) -> dict[tuple[str, str], float]:
    """In per cent, by source and kind."""
    return {key: 100 * values.float().mean().item() for key, values in by_kind(questions, right).items()}


def commonest(taught: Sequence[Question], tested: Sequence[Question]) -> Tensor:
    """Whether the commonest answer of a source and kind in training is right, [Q]."""
    said: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for q in taught:
        said[q.source, q.kind][q.answer] += 1
    best = {key: counts.most_common(1)[0][0] for key, counts in said.items()}
    return torch.tensor([best.get((q.source, q.kind)) == q.answer for q in tested])


def bounds(questions: Sequence[Question], probability: Tensor, right: Tensor) -> dict[str, float]:
    """From which probability of its best answer on a kind of question is answered: right `WORTH` of the times above it.

    So in every source that asks it often enough; 1, which no answer reaches, where there is no such probability.
    """
    found: dict[str, float] = {}
    likeliest = by_kind(questions, probability)
    for (source, kind), good in by_kind(questions, right).items():
        if kind and len(good) >= OF:
            bound = _bound(likeliest[source, kind], good)
            found[kind] = max(found.get(kind, 0.0), bound)
    return found


def _bound(probability: Tensor, right: Tensor) -> float:
    """The lowest probability above which `WORTH` of the answers are right."""
    order = probability.argsort(descending=True)
    share = right[order].float().cumsum(0) / torch.arange(1, len(order) + 1)  # of the first 1, 2, ... right
    enough = (share >= WORTH).nonzero().flatten()
    enough = enough[enough >= SEEN - 1]
    return probability[order][enough[-1]].item() if len(enough) else 1.0
