"""How a small tower learns from a large one: hints, the verdict, the order among texts; and how near it came.

A hint is what the teacher says of the same place or text, asked for number by number in units of each number's spread
(Romero et al. 2015, arXiv 1412.6550). The verdict is the teacher's distribution over its classes (Hinton et al. 2015,
arXiv 1503.02531). The order is who of a batch is near to whom (relational distillation, Park et al. 2019, arXiv
1904.05068). Read next: `recipes/resnet.py`, `recipes/lstm.py`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

TEMPERATURE = 0.05


def spread(values: Tensor) -> Tensor:
    """Variance of each channel, none below a tenth of the mean: a dead channel must not count. [B, C, ...] -> [C]."""
    variance = values.float().transpose(0, 1).flatten(1).var(1)  # [C]
    return variance.clamp_min(0.1 * variance.mean().item())


def hint(got: Tensor, wanted: Tensor, scale: Tensor) -> Tensor:
    """Mean squared error in units of each channel's spread [C]; 1 = no better than its mean. Both [B, C, ...]."""
    error = (got.float() - wanted.float()).square().transpose(0, 1).flatten(1).mean(1)  # [C]
    return (error / scale).mean()


def verdict(got: Tensor, wanted: Tensor, classifier: Callable[[Tensor], Tensor]) -> Tensor:
    """Kullback-Leibler divergence of the student's class distribution from the teacher's, in nats.

    Args:
        got, wanted: pooled vectors of student and teacher, [B, D].
        classifier: the teacher's, which reads both; [B, D] -> logits [B, C].
    """
    log_q = classifier(got.float()).log_softmax(1)  # [B, C]
    log_p = classifier(wanted.float()).log_softmax(1)  # [B, C]
    return (log_p.exp() * (log_p - log_q)).sum(1).mean()


def order(point: Tensor, target: Tensor) -> Tensor:
    """Point where the teacher points, and stand to the batch's other items as the teacher does.

    Args:
        point: what the student says, [B, D], any length.
        target: the teacher's vectors, [B, D], any length.
    """
    point, target = F.normalize(point, dim=-1), F.normalize(target, dim=-1)
    cosine = (point * target).sum(-1).mean()
    wanted = (target @ target.T / TEMPERATURE).softmax(-1)  # [B, B]
    log_q = (point @ target.T / TEMPERATURE).log_softmax(-1)  # [B, B]
    return 4 * (1 - cosine) + F.kl_div(log_q, wanted, reduction="batchmean")


def linear_map(given: Tensor, wanted: Tensor) -> Callable[[Tensor], Tensor]:
    """The ridge regression of `wanted` [n, O] on `given` [n, D], as a function of other rows [m, D] -> [m, O].

    For figures of a tower whose width is not its teacher's: they need the shipped weights and some training items only.
    """

    def with_one(x: Tensor) -> Tensor:
        return torch.cat([x - centre, torch.ones(len(x), 1, device=x.device)], 1)  # [n, D + 1]

    centre = given.mean(0)
    x = with_one(given).double()
    weak = 0.01 * x.square().sum(0).mean() * torch.eye(x.shape[1], dtype=torch.float64, device=x.device)
    weight = torch.linalg.solve(x.T @ x + weak, x.T @ wanted.double()).float()  # [D + 1, O]
    return lambda other: with_one(other) @ weight
