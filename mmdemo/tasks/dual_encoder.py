"""A dual encoder as transformers builds it: both towers of one checkpoint, and how their vectors are compared.

The cosine of the two pooled vectors is the similarity. SigLIP was trained pair by pair, so that sigmoid(scale * cosine
+ bias) is its probability of a match; the CLIPs were trained to choose among many texts, softmax(scale * cosine) over
them, and have none for one pair. The heads of our own towers are in `matching.py`.
"""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder
from mmdemo.encoders.bert import AltClipTextEncoder, ChineseClipTextEncoder
from mmdemo.encoders.clip import ClipImageEncoder, ClipTextEncoder
from mmdemo.encoders.siglip import SiglipImageEncoder, SiglipTextEncoder
from mmdemo.errors import IncompatibleError
from mmdemo.explain.base import all_traits
from mmdemo.tasks.matching import of_match
from mmdemo.tasks.ranking import Ranking
from mmdemo.tasks.targets import Target
from mmdemo.types import LABELS, FusionOutput, TokenSet

# "model_type" of the configuration: (image tower, text tower)
FAMILIES: dict[str, tuple[type[Encoder], type[Encoder]]] = {
    "clip": (ClipImageEncoder, ClipTextEncoder),
    "siglip": (SiglipImageEncoder, SiglipTextEncoder),
    "chinese_clip": (ClipImageEncoder, ChineseClipTextEncoder),
    "altclip": (ClipImageEncoder, AltClipTextEncoder),
}


class DualEncoder(Ranking):
    """Both towers of one checkpoint.

    Args:
        model: transformers' `CLIPModel`, or that of another of `FAMILIES`.
        tokenizer: its fast tokenizer.
        settings: of its image processor.

    Attributes:
        scale: log of what cosines are multiplied by, a scalar.
        bias: added to scale * cosine before the sigmoid, a scalar; None for a model without a probability.

    Raises:
        IncompatibleError: a model of another family.
    """

    traits = frozenset({"dual_encoder"})
    labels = {"matching": LABELS["matching"]}

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

    @classmethod
    def declared(cls, config: Mapping[str, Any]) -> tuple[tuple[str, ...], frozenset[str]]:
        """(targets, traits, those of the towers included) of the model that transformers' config.json describes."""
        family = config.get("model_type")
        towers = FAMILIES.get(family, ())
        targets = ("similarity", "match") if family == "siglip" else ("similarity",)
        return targets, all_traits(cls.traits, *(tower.traits for tower in towers))

    @property
    def width(self) -> int:
        """D of the space that both towers share."""
        return self.image_encoder.width

    @property
    def chooses(self) -> bool:
        """Whether it was trained to choose among texts: the CLIPs were, SigLIP was not."""
        return self.bias is None

    def embed_image(self, image: TokenSet) -> Tensor:
        """B pictures -> unit vectors [B, D]."""
        return F.normalize(image.pooled.float(), dim=-1)

    def embed_text(self, text: TokenSet) -> Tensor:
        """B texts -> unit vectors [B, D]; a dot product with a picture's is the cosine."""
        return F.normalize(text.pooled.float(), dim=-1)

    def own_sharpness(self) -> Tensor:
        """What cosines are multiplied by before a softmax over several texts, a scalar: 1 / temperature."""
        return self.scale.exp()

    def pair_probability(self, cosine: Tensor) -> Tensor | None:
        """Probability of "match" of each cosine, [...] -> [...] in [0, 1]; None for a model that has none (CLIP)."""
        return None if self.bias is None else torch.sigmoid(self.scale.exp() * cosine + self.bias)

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`; nothing where a side is missing, and nothing of a model without a probability (CLIP)."""
        if image is None or text is None or self.bias is None:
            return {}
        return {"matching": of_match(self.pair_probability(self.fuse(image, text).joint.sum(-1)))}

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Joint vectors [B, D] whose sum is the cosine."""
        return FusionOutput(F.normalize(image.pooled, dim=-1) * F.normalize(text.pooled, dim=-1))

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """The cosine, or the log odds of "match", [B]."""
        cosine = fused.joint.sum(-1)
        return cosine if target == "similarity" or self.bias is None else self.scale.exp() * cosine + self.bias
