"""What number of an answer can be explained: a similarity, a match, one label, or the difference of two labels.

Every task that can be explained has `targets`, the names; see `base.py`. Read next: `matching.py`.
"""

import torch
from torch import Tensor

from mmdemo.errors import ChoiceError

Target = str | tuple[str, str]


def log_odds(logits: Tensor, labels: tuple[str, ...], target: Target) -> Tensor:
    """How strongly a classifier speaks for a label, or for one label rather than another, in logits.

    For one label log p - log(1 - p), which does not change when all logits move together; for two log p_a - log p_b.

    Args:
        logits: [B, C].
        labels: the C names.
        target: a name, or two of them.

    Returns:
        [B]; its sigmoid is p, or p_a / (p_a + p_b).

    Raises:
        ChoiceError: a name that is no label.
    """
    names = (target,) if isinstance(target, str) else target
    for name in names:
        if name not in labels:
            raise ChoiceError("target", name, list(labels))
    own = logits[:, labels.index(names[0])]
    if len(names) == 2:
        return own - logits[:, labels.index(names[1])]
    others = [i for i, label in enumerate(labels) if label != names[0]]
    return own - logits[:, others].logsumexp(-1)


def shown(number: Tensor, target: Target) -> Tensor:
    """The number as a person sees it: a cosine as it is, a difference of cosines too, log odds as a probability."""
    return number if target == "similarity" else torch.sigmoid(number)
