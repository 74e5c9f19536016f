"""How a block of torchvision's `mobilenet_v2` is taught by a teacher's block: hints, the verdict, and two closed forms.

A hint is the teacher's feature map at the same place, asked for channel by channel in units of that channel's spread
(Romero et al. 2015, arXiv 1412.6550). The verdict is the teacher's distribution over its classes (Hinton et al. 2015,
arXiv 1503.02531). What lies between gradient steps has a closed form: the statistics of batch normalisation are means,
and the last layer of a block is linear, so the best one is a least-squares fit. Only outputs of blocks are ever asked
for: the teacher's inner channels, and so its weights, are not copied. Read next: `recipes/mobilenet.py`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def spread(values: Tensor) -> Tensor:
    """Variance of each channel, none below a tenth of the mean: a dead channel must not count. [B, C, ...] -> [C]."""
    variance = values.float().transpose(0, 1).flatten(1).var(1)  # [C]
    return variance.clamp_min(0.1 * variance.mean().item())


def hint(got: Tensor, wanted: Tensor, scale: Tensor) -> Tensor:
    """Mean squared error in units of each channel's spread [C]; 1 = no better than its mean. Both [B, C, ...]."""
    error = (got.float() - wanted.float()).square().transpose(0, 1).flatten(1).mean(1)  # [C]
    return (error / scale).mean()


def verdict(got: Tensor, wanted: Tensor, classifier: nn.Module) -> Tensor:
    """Kullback-Leibler divergence of the student's class distribution from the teacher's, in nats.

    Args:
        got, wanted: pooled vectors of student and teacher, [B, D]; one classifier, the teacher's, reads both.
    """
    log_q = classifier(got.float()).log_softmax(1)  # [B, C]
    log_p = classifier(wanted.float()).log_softmax(1)  # [B, C]
    return (log_p.exp() * (log_p - log_q)).sum(1).mean()


def norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """Every batch normalisation in the module, in order."""
    return [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]


@torch.no_grad()
def start_at_target(block: nn.Module, target: Tensor) -> None:
    """Set a fresh block's last normalisation to the mean and deviation of what it should compute, [B, C, h, w]."""
    last = norms(block)[-1]
    last.bias.copy_(target.float().mean((0, 2, 3)))
    last.weight.copy_(target.float().std((0, 2, 3)).clamp_min(1e-3))


@torch.no_grad()
def reestimate(module: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Replace the running statistics of batch normalisation by the means over these batches; eval mode afterwards."""
    momenta = [norm.momentum for norm in norms(module)]
    for norm in norms(module):
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    module.train()
    for batch in inputs:
        module(batch)
    module.eval()
    for norm, momentum in zip(norms(module), momenta, strict=True):
        norm.momentum = momentum


@torch.no_grad()
def refit_projection(
    block: nn.Module, inputs: Sequence[Tensor], targets: Sequence[Tensor], ridge: float = 1e-3
) -> None:
    """Refit an inverted residual block's last layer, so that its output is nearest the targets.

    With hidden values h and what is still missing r = target - W h - b, the change of W that solves the ridge problem
    is (C + ridge * mean(diag C) I)^-1 R, where C = cov(h, h) and R = cov(h, r): it shrinks towards the W that was
    there, not towards zero. The student's own inputs are used, so the fit also mends the drift of earlier blocks.

    Args:
        block: torchvision's `InvertedResidual`, in eval mode; changed in place.
        inputs: batches of the student's activations before the block, [B, C_in, h, w].
        targets: the teacher's after it, [B, C_out, h', w'].
    """
    conv, norm = block.conv[-2], block.conv[-1]
    weight, bias = _as_linear(conv, norm)  # [O, I], [O]
    count, h_sum, r_sum, hh, hr = 0, 0.0, 0.0, 0.0, 0.0
    for x, target in zip(inputs, targets, strict=True):
        h = block.conv[:-2](x).permute(0, 2, 3, 1).flatten(0, 2)  # [places, I]
        wanted = target - x if block.use_res_connect else target
        r = wanted.permute(0, 2, 3, 1).flatten(0, 2) - h @ weight.T - bias  # [places, O]
        count += len(h)
        h_sum, r_sum = h_sum + h.double().sum(0), r_sum + r.double().sum(0)
        hh, hr = hh + (h.T @ h).double(), hr + (h.T @ r).double()
    h_mean, r_mean = h_sum / count, r_sum / count
    covariance = hh / count - torch.outer(h_mean, h_mean)  # [I, I]
    missing = hr / count - torch.outer(h_mean, r_mean)  # [I, O]
    change = torch.linalg.solve(_with_ridge(covariance, ridge), missing).T  # [O, I]
    new = weight.double() + change
    _write_linear(conv, norm, new, bias.double() + r_mean - change @ h_mean, h_mean, covariance)


def _with_ridge(covariance: Tensor, ridge: float) -> Tensor:
    return covariance + ridge * covariance.diag().mean() * torch.eye(len(covariance), device=covariance.device)


def _as_linear(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """A 1 x 1 convolution and its normalisation as one linear map: [O, I], [O]."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return conv.weight.flatten(1) * scale[:, None], norm.bias - norm.running_mean * scale


def _write_linear(
    conv: nn.Conv2d, norm: nn.BatchNorm2d, weight: Tensor, bias: Tensor, mean: Tensor, covariance: Tensor
) -> None:
    """The other way: statistics are those of inputs with this mean [I] and covariance [I, I].

    The convolution keeps its old norm, channel by channel, for the learning rates were chosen for it.
    """
    k = conv.weight.flatten(1).norm(dim=1).double() / weight.norm(dim=1)  # [O]
    variance = ((weight @ covariance) * weight).sum(1) * k.square()
    conv.weight.copy_((weight * k[:, None]).view_as(conv.weight))
    norm.running_mean.copy_(weight @ mean * k)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt() / k)
    norm.bias.copy_(bias + weight @ mean)


@torch.no_grad()
def unit_scale(features: nn.Module) -> dict[str, Tensor]:
    """The same network with every channel before a normalisation brought to variance 1, as a state dict.

    The scale of a convolution before batch normalisation means nothing, and training lets it grow: variances beyond
    65,504 become infinite in float16, which silences the channel. Answers in eval mode are unchanged.
    """
    state = {name: value.clone() for name, value in features.state_dict().items()}
    conv_name, conv = "", None
    for name, module in features.named_modules():
        if isinstance(module, nn.Conv2d):
            conv_name, conv = name, module
        elif isinstance(module, nn.BatchNorm2d) and conv is not None:
            k = (module.running_var + module.eps).rsqrt()  # [C]
            state[f"{conv_name}.weight"] = conv.weight * k[:, None, None, None]
            state[f"{name}.running_mean"] = module.running_mean * k
            state[f"{name}.running_var"] = torch.full_like(k, 1 - module.eps)
    return state
