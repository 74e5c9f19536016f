"""A dual encoder as transformers builds it: CLIP or SigLIP, both towers and how their vectors are compared.

The cosine of the two pooled vectors is the similarity. SigLIP was trained pair by pair, so that sigmoid(scale * cosine
+ bias) is its probability of a match; CLIP was trained to choose among many texts, and has none for one pair. The
heads of our own towers are in `matching.py`.
"""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.encoders.clip import ClipImageEncoder, ClipTextEncoder
from mmdemo.encoders.siglip import SiglipImageEncoder, SiglipTextEncoder
from mmdemo.errors import IncompatibleError
from mmdemo.tasks.base import Task
from mmdemo.tasks.targets import Target
from mmdemo.types import FusionOutput, TokenSet

FAMILIES = {"clip": (ClipImageEncoder, ClipTextEncoder), "siglip": (SiglipImageEncoder, SiglipTextEncoder)}


class DualEncoder(Task):
    """Both towers of one checkpoint.

    Args:
        model: transformers' `CLIPModel` or `SiglipModel`.
        tokenizer: its fast tokenizer.
        settings: its `preprocessor_config.json`.

    Raises:
        IncompatibleError: a model of another family.
    """

    traits = frozenset({"dual_encoder"})

    def __init__(self, model: nn.Module, tokenizer: Any, settings: dict[str, Any]) -> None:
        super().__init__()
        family = model.config.model_type
        if family not in FAMILIES:
            message = f"Expected a model of one of the families {', '.join(FAMILIES)}; got {family!r}."
            raise IncompatibleError(message)
        image, text = FAMILIES[family]
        self.image_encoder, self.text_encoder = image(model, settings), text(model, tokenizer)
        self.scale, self.bias = model.logit_scale, getattr(model, "logit_bias", None)
        self.targets = ("similarity",) if self.bias is None else ("similarity", "match")

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Joint vectors [B, D] whose sum is the cosine."""
        return FusionOutput(F.normalize(image.pooled, dim=-1) * F.normalize(text.pooled, dim=-1))

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """The cosine, or the log odds of "match", [B]."""
        cosine = fused.joint.sum(-1)
        return cosine if target == "similarity" or self.bias is None else self.scale.exp() * cosine + self.bias
