"""How one head of the bench is trained: a fusion on two frozen towers, for the match or for the feeling.

What the recipes `fusions` (all fusions on the embedded towers) and `towers` (one fusion on any two) share. Read next:
`recipes/fusions.py`, `tasks/fused.py`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.tasks.fused import LABELS, READS_TOKENS, FusedTask
from mmdemo.training.alignment import align, true_and_false
from mmdemo.training.data import pairs
from mmdemo.training.data.features import IMAGE, TEXT, Features
from mmdemo.training.data.photos import Row, plain_view, random_view
from mmdemo.training.data.sentiment_lines import teaching_lines
from mmdemo.training.data.sides import (
    Captions,
    LinesByLength,
    Pairs,
    Towers,
    blank_rows,
    joined,
    rarity,
    read_captions,
    read_lines,
    read_pairs,
)
from mmdemo.training.loop import Average, build_optimisers, cosine_schedule, set_rate
from mmdemo.types import TokenSet

BATCH, VIEWS, TOWERS = 96, ((plain_view, 0), (random_view, 1)), (IMAGE, TEXT)
STEPS = {"matching": 450, "sentiment": 600}
DROPOUT = {"matching": 0.1, "sentiment": 0.3}
DROPPED = 0.15  # of the pairs lose their photo, as many their text
MIXED = 0.4  # a of Beta(a, a), from which the share of a mixture of two pairs is drawn


class Trained(NamedTuple):
    """A head with averaged weights, in eval mode; alpha every 20 steps (of the weighted sum only); every loss."""

    head: FusedTask
    alphas: list[float]
    losses: list[float]


class SideClassifiers(nn.Module):
    """Training-only classifiers of single sides: labelled pairs are few, lines of text are not."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.image, self.text = nn.Linear(width, len(LABELS["sentiment"])), nn.Linear(width, len(LABELS["sentiment"]))

    def loss(self, side: str, read: TokenSet, truth: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy of one side's own label [B], -1 = unknown."""
        vector = F.layer_norm(read.pooled, read.pooled.shape[1:])
        return F.cross_entropy(getattr(self, side)(vector), truth, weight, ignore_index=-1, label_smoothing=0.05)


def match_loss(
    head: FusedTask, data: Captions, rng: np.random.Generator, drop: tuple[float, float], sides: SideClassifiers
) -> Tensor:
    """True pairs and as many false ones, of which half are hard; and both sides aligned before they are fused."""
    image, text = data.draw_true(rng, min(BATCH, len(data.captioned.photos)), tokens=head.name in READS_TOKENS)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    aligned, other = align(v.pooled, t.pooled, rng)
    return aligned + judge(head, *true_and_false(v, t, other), None, rng, drop, (image, text))


def sentiment_loss(
    head: FusedTask, data: tuple[Pairs, LinesByLength], rng: np.random.Generator, drop: tuple[float, float],
    sides: SideClassifiers,
) -> Tensor:  # fmt: skip
    """The joint label from both sides; each side's own label from that side, as read and before it is fused."""
    some, lines = data
    i = torch.from_numpy(rng.integers(len(some.joint), size=BATCH))
    image, text = some.images(i, some.any_view(rng), tokens=head.name in READS_TOKENS), some.texts.batch(i)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    said, line_label, line_weight = lines.draw(rng, BATCH)
    label = {name: truth[i] for name, truth in some.labels.items()}
    weight = {name: rarity(truth).sqrt() for name, truth in some.labels.items()}
    return (
        judge(head, v, t, label["joint"], weight["joint"], rng, drop, (image, text), mix=True)
        + 0.5 * sides.loss("image", v, label["image"], weight["image"])
        + 0.3 * sides.loss("text", t, label["text"], weight["text"])
        + 0.5 * sides.loss("text", head.fusion.read_text(said), line_label, line_weight)
    )


def judge(
    head: FusedTask, v: TokenSet, t: TokenSet, truth: Tensor, weight: Tensor | None, rng: np.random.Generator,
    drop: tuple[float, float], sources: tuple[TokenSet, TokenSet], mix: bool = False,
) -> Tensor:  # fmt: skip
    """Cross-entropy of the answer after modality dropout; the autoencoder also rebuilds the true pairs' sides.

    Where a side was taken away the label stays: the best answer to half a pair is what is likely given that half.
    With `mix` the head reads h = s h_a + (1 - s) h_b of two pairs and owes s of its answer to the label of the first
    (manifold mixup: Verma et al. 2019, arXiv 1806.05236, equation 1): few pairs with doubtful labels need it.
    """
    joint = head.fusion.fuse(*blank_rows(head, v, t, rng, drop)).joint
    if mix:
        share, other = rng.beta(MIXED, MIXED), torch.randperm(len(joint), generator=_generator(rng))
        mixed = share * joint + (1 - share) * joint[other]  # [B, D]
        loss = share * head.loss(mixed, truth, weight) + (1 - share) * head.loss(mixed, truth[other], weight)
    else:
        loss = head.loss(joint, truth, weight)
    if hasattr(head.fusion, "rebuilding_loss"):
        loss = loss + 0.3 * head.fusion.rebuilding_loss(joint[: len(sources[0].pooled)], *sources)
    return loss


def _generator(rng: np.random.Generator) -> torch.Generator:
    return torch.Generator().manual_seed(int(rng.integers(2**31)))


LOSSES = {"matching": match_loss, "sentiment": sentiment_loss}


def train_head(config: Mapping[str, Any], data: Any, *, drop: tuple[float, float], seed: int, steps: int) -> Trained:
    """One head from random weights.

    Args:
        config: of `FusedTask`.
        data: what the loss of its task draws from: see `read_train`.
        drop: (share of pairs that lose the photo, share that lose the text).
    """
    torch.manual_seed(seed)
    task = config["task"]
    head = FusedTask(**config, dropout=DROPOUT[task])
    sides = SideClassifiers(config["width"])
    optimisers, average = build_optimisers([head, sides], 2e-3), Average(head, 0.99)
    rng, alphas, losses = np.random.default_rng(seed), [], []
    for i in range(steps):
        set_rate(optimisers, cosine_schedule(i / steps))
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss = LOSSES[task](head, data, rng, drop, sides)
        loss.backward()
        losses.append(loss.item())
        for optimiser in optimisers:
            optimiser.step()
        average.update(head)
        if config["fusion"] == "weighted_sum" and i % 20 == 0:
            alphas.append(head.fusion.alpha.item())
    head.load_state_dict(average.values)
    return Trained(head.eval(), alphas, losses)


def read_val(task: str, rows: list[Row], features: Features, towers: Towers = TOWERS) -> Captions | Pairs:
    """The validation data of one task, as two towers read it."""
    if task == "sentiment":
        return read_pairs(pairs.mvsa(rows)[1], VIEWS[:1], features, towers, places=True)
    return read_captions(pairs.flickr8k(rows, "val"), VIEWS[:1], features, towers)


def read_train(task: str, rows: list[Row], features: Features, data: Path, towers: Towers = TOWERS) -> Any:
    """What the loss of one task draws from; `data` is the folder of photos and lines."""
    if task == "matching":
        return read_captions(pairs.flickr8k(rows, "train"), VIEWS, features, towers)
    lines = joined([read_lines(some, features, towers[1]) for some in teaching_lines(rows, data).values()])
    return read_pairs(pairs.mvsa(rows)[0], VIEWS, features, towers, places=True), LinesByLength(lines)
