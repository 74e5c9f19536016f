"""Familiarity: is this a text that the text tower can read, is this picture like the photographs that the heads know?

A network answers for "asdf qwer" and for noise as calmly as for a dog on a beach. Two small judges say when not to
believe it. Each measures how far the tower's vector lies from those of real texts or photos (Mahalanobis' distance in
the space of the largest principal components, Lee et al. 2018, arXiv 1807.03888, and what those components leave out,
Wang et al. 2022, arXiv 2203.10807), adds what can be read off the text's letters or the picture's places, and weighs it
all in a small MLP that was shown made-up nonsense (Hendrycks et al. 2019, arXiv 1812.04606).
Read next: `ngrams.py`, `training/recipes/familiarity.py`.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.tasks.matching import Calibration
from mmdemo.tasks.ngrams import EVIDENCE, NgramCounts
from mmdemo.types import FEWEST, TokenSet

PLACES = ("log_norm", "unevenness", "agreement", "share_silent")


class Distance(nn.Module):
    """Where a vector lies among real ones: along their principal components, and off them.

    Args:
        width: D.
        kept: R, how many components.
    """

    def __init__(self, width: int, kept: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("whiten", torch.zeros(width, kept))  # principal directions / standard deviation
        self.register_buffer("spread", torch.ones(kept))  # the standard deviations
        self.register_buffer("rest", torch.ones(()))  # usual length of what the components leave out

    @torch.no_grad()
    def fit(self, real: Tensor) -> None:
        """Mean and components of real vectors [n, D], n > R."""
        self.mean.copy_(real.mean(0))
        centred = real - self.mean
        _, scale, directions = torch.linalg.svd(centred, full_matrices=False)
        self.spread.copy_(scale[: len(self.spread)] / len(real) ** 0.5)
        self.whiten.copy_(directions[: len(self.spread)].T / self.spread)
        self.rest.fill_(1.0)
        self.rest.copy_(self(real)[2].exp().mean())

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[B, D] -> coordinates [B, R] (variance 1 among real ones), log distance [B], log of the rest's length [B].

        The distance is Mahalanobis', over the square root of R: about 1 for a real vector.
        """
        centred = pooled - self.mean
        z = centred @ self.whiten  # [B, R]
        distance = z.square().mean(1).sqrt()  # [B]
        explained = (z * self.spread).square().sum(1)
        rest = (centred.square().sum(1) - explained).clamp_min(1e-6).sqrt()
        return z, distance.clamp_min(1e-6).log(), (rest / self.rest).log()


class Judge(nn.Module):
    """Evidence -> probability: standardised, one hidden layer, Platt's calibration.

    Args:
        evidence: F.
        hidden: width of the hidden layer.
        dropout: in training only.
    """

    def __init__(self, evidence: int, hidden: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(evidence))
        self.register_buffer("scale", torch.ones(evidence))
        self.mlp = nn.Sequential(nn.Linear(evidence, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, 1))
        self.calibration = Calibration()

    def logit(self, evidence: Tensor) -> Tensor:
        """[B, F] -> [B]; no number counts for more than five standard deviations."""
        return self.mlp(((evidence - self.mean) / self.scale).clamp(-5, 5)).squeeze(-1)

    def forward(self, evidence: Tensor) -> Tensor:
        """[B, F] -> probability [B] in [0, 1]."""
        return self.calibration(self.logit(evidence))


class TextFamiliarity(nn.Module):
    """`understood`: the probability that a text is English or Chinese that people write, rather than nonsense.

    Args:
        width: D of the text tower.
        components: R of the distance.
        hidden: width of the judge.
        ngrams: runs of letters and characters kept.
    """

    def __init__(self, width: int, components: int, hidden: int, ngrams: int) -> None:
        super().__init__()
        self.distance = Distance(width, components)
        self.ngrams = NgramCounts(ngrams)
        self.judge = Judge(len(EVIDENCE) + 2 + components, hidden)

    def evidence(self, pooled: Tensor, letters: Tensor) -> Tensor:
        """What the judge weighs, [B, F]. pooled [B, D]; letters [B, 15], see `NgramCounts.evidence`."""
        z, near, rest = self.distance(pooled)
        return torch.cat([letters, near[:, None], rest[:, None], z], 1)

    @torch.no_grad()
    def predict(self, text: TokenSet) -> np.ndarray:
        """Texts with their layouts -> `understood` [B] in [0, 1]."""
        letters = torch.stack([self.ngrams.evidence(layout) for layout in text.layout]).to(text.pooled.device)
        more = (0, 0, 0, max(0, FEWEST - len(letters)))  # rows of nothing
        probability = self.judge(self.evidence(F.pad(text.pooled.float(), more), F.pad(letters, more)))
        return probability[: len(letters)].cpu().numpy()


class ImageFamiliarity(nn.Module):
    """`familiar`: the probability that a picture is a photograph, rather than noise, a plain colour or a drawing.

    Args:
        width: D of the image tower.
        components: R of the distance.
        hidden: width of the judge.
    """

    def __init__(self, width: int, components: int, hidden: int) -> None:
        super().__init__()
        self.distance = Distance(width, components)
        self.judge = Judge(len(PLACES) + 2 + components, hidden)

    def evidence(self, pooled: Tensor, places: Tensor) -> Tensor:
        """What the judge weighs, [B, F]. pooled [B, D]; places [B, 4], see `place_statistics`."""
        z, near, rest = self.distance(pooled)
        return torch.cat([places, near[:, None], rest[:, None], z], 1)

    @torch.no_grad()
    def predict(self, image: TokenSet) -> np.ndarray:
        """Pictures -> `familiar` [B] in [0, 1]."""
        evidence = self.evidence(image.pooled.float(), place_statistics(image.tokens.float()))
        return self.judge(evidence).cpu().numpy()


def place_statistics(tokens: Tensor) -> Tensor:
    """How the places of a picture differ, in the order of `PLACES`: noise and plain colours look alike everywhere.

    Args:
        tokens: [B, N, D], all real.

    Returns:
        [B, 4]: log length of the mean token; standard deviation over places as a share of the mean size; mean cosine
        of a place and the mean; share of numbers that are 0.
    """
    pooled = tokens.mean(1)  # [B, D]
    length = pooled.norm(dim=1).clamp_min(1e-6)
    uneven = tokens.std(1, correction=0).mean(1) / tokens.abs().mean((1, 2)).clamp_min(1e-6)
    cosines = (tokens @ pooled[:, :, None]).squeeze(2) / (tokens.norm(dim=2) * length[:, None]).clamp_min(1e-6)
    agree = cosines.mean(1)
    silent = (tokens == 0).float().mean((1, 2))
    return torch.stack([length.log(), uneven, agree, silent], 1)
