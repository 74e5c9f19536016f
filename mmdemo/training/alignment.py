"""Align before fuse: both sides learn one language before a head has to say whether they belong together.

Li et al. 2021, "Align before fuse", arXiv 2107.07651. From yes-or-no answers alone, on a few thousand photos, no fusion
here learned to match within 400 steps. Read next: `recipes/fusions.py`, `recipes/resnet_lstm.py`.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.types import TokenSet

TEMPERATURE = 0.07


def contrast(logits: Tensor) -> Tensor:
    """InfoNCE both ways: every row's own column is the right one, and every column's own row. Logits [B, B].

    van den Oord et al. 2018, "Representation learning with contrastive predictive coding", arXiv 1807.03748, eq. 4.
    """
    own = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def true_and_false(image: TokenSet, text: TokenSet, other: Tensor) -> tuple[TokenSet, TokenSet, Tensor]:
    """B true pairs, then each text beside the photo `other` [B] names: images, texts, truth [2B] (1 = match)."""
    own = torch.arange(len(other))
    truth = (torch.arange(2 * len(own)) < len(own)).long()
    return image.select(torch.cat([own, other])), text.select(torch.cat([own, own])), truth


def align(image: Tensor, text: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Every photo asks for its text among the batch's, and every text for its photo (InfoNCE, section 3.2).

    Args:
        image: vectors of B photos, [B, D].
        text: vectors of their texts, [B, D].
        rng: for the draw of false pairs.

    Returns:
        The loss, and for each text a photo that is not its own, [B] indices: every second one any other photo, the
        rest drawn where the alignment is still unsure (hard negatives).
    """
    cosine = F.normalize(image, dim=-1) @ F.normalize(text, dim=-1).T  # [B, B]
    logits = cosine / TEMPERATURE
    chance = logits.detach().T.softmax(-1).fill_diagonal_(0) + 1e-6  # row: text, column: photo
    chance[::2] = 1.0
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return contrast(logits), torch.multinomial(chance.fill_diagonal_(0), 1, generator=generator).squeeze(1)
