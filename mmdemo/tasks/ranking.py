"""What every model shares that compares by cosine: texts ranked for a picture, and pictures with texts as a matrix.

The cosine is always there. A probability of one pair is what the model means by it: ours is calibrated, SigLIP's is
sigmoid(scale * cosine + bias), CLIP has none. A softmax over candidates needs a temperature, softmax(cosine /
temperature); 1 / exp(its learned scale) is the model's own (Radford et al. 2021, section 2.3). Read next:
`matching.py`, `dual_encoder.py`.
"""

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.base import Task
from mmdemo.types import MatchBackground, MatchingResult, MatrixResult, TokenSet


class Ranking(Task):
    """Base class of the dual encoders.

    Attributes:
        width: D of the space that both sides share.
        chooses: whether it was trained to choose among texts, by a softmax over them.
    """

    width: int
    chooses: bool = True

    def embed_image(self, image: TokenSet) -> Tensor:
        """B pictures -> unit vectors [B, D]."""
        raise TypeError(f"{type(self).__name__} does not say how it embeds.")

    def embed_text(self, text: TokenSet) -> Tensor:
        """B texts -> unit vectors [B, D]; a dot product with a picture's is the cosine."""
        raise TypeError(f"{type(self).__name__} does not say how it embeds.")

    def own_sharpness(self) -> Tensor:
        """What it multiplies cosines by before a softmax, a scalar > 0: one over its own temperature."""
        raise TypeError(f"{type(self).__name__} has no temperature.")

    def pair_probability(self, cosine: Tensor) -> Tensor | None:
        """Probability of "match" by itself, [...] -> [...] in [0, 1]; None where the model has none."""
        raise TypeError(f"{type(self).__name__} does not say what a cosine is worth.")

    @torch.no_grad()
    def rank(
        self, image: Tensor, texts: Tensor, strings: tuple[str, ...], cut: tuple[int, ...],
        background: MatchBackground, temperature: float | None = None,
    ) -> MatchingResult:  # fmt: skip
        """One picture's embedding [D] against K text embeddings [K, D].

        Args:
            temperature: of the softmax over the texts; None takes the model's own, where it was trained with one.
        """
        cosine = texts @ image  # [K]
        probability = self.pair_probability(cosine)
        similarity = cosine.float().clamp(-1, 1).cpu().numpy()
        sharpness, own = self._sharpness(temperature)
        shared = len(strings) > 1 and (self.chooses or temperature is not None)
        return MatchingResult(
            texts=strings,
            similarity=similarity,
            probability=None if probability is None else probability.float().cpu().numpy(),
            share=(cosine * sharpness).softmax(0).float().cpu().numpy() if shared else None,
            percentile=background.percentile(similarity).astype(np.float32),
            cut_tokens=cut,
            temperature=own if shared else None,
        )

    @torch.no_grad()
    def matrix(
        self, images: Tensor, texts: Tensor, strings: tuple[str, ...], temperature: float | None = None
    ) -> MatrixResult:
        """B picture embeddings [B, D] against K text embeddings [K, D]; `temperature` None takes the model's own."""
        cosine = images @ texts.T  # [B, K]
        b, k = cosine.shape
        probability, (sharpness, own) = self.pair_probability(cosine), self._sharpness(temperature)
        logits = cosine * sharpness
        return MatrixResult(
            texts=strings,
            similarity=cosine.float().clamp(-1, 1).cpu().numpy(),
            probability=None if probability is None else probability.float().cpu().numpy(),
            over_texts=logits.softmax(1).float().cpu().numpy() if k > 1 else None,
            over_images=logits.softmax(0).float().cpu().numpy() if b > 1 else None,
            temperature=own,
        )

    def _sharpness(self, temperature: float | None) -> tuple[Tensor | float, float]:
        """What cosines are multiplied by, and the temperature that this is."""
        sharpness = self.own_sharpness() if temperature is None else 1 / temperature
        return sharpness, 1 / float(sharpness)
