"""The text tower while it learns: with its training-only head, its start, its losses and its validation figures.

Read next: `recipes/bert.py`.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.encoders.bert import BertEncoder
from mmdemo.training.alignment import contrast
from mmdemo.training.metrics import recall_at
from mmdemo.training.minilm import WIDTH
from mmdemo.training.texts import Corpus
from mmdemo.training.wordpiece import Encoded
from mmdemo.types import mean_pool

TEMPERATURE = 0.05


@dataclass
class Student:
    """The encoder, and a head for training alone that turns its pooled vector [B, D] into the teacher's space."""

    encoder: BertEncoder
    head: nn.Linear

    @property
    def modules(self) -> list[nn.Module]:
        """Both, in the order of checkpoints."""
        return [self.encoder, self.head]

    def read(self, texts: Encoded, index: Tensor) -> Tensor:
        """Pooled vectors of the texts of `index`, [B, D]."""
        ids, mask = texts.padded(index)
        return mean_pool(self.encoder.tokens(ids, mask)[0], mask)

    def bag(self, texts: Encoded, index: Tensor) -> Tensor:
        """The same without the transformer: the mean of the token table's rows, [B, D]."""
        inputs = self.encoder.bert.embeddings
        table = inputs.LayerNorm(inputs.word_embeddings.weight + inputs.token_type_embeddings.weight)  # [V, D]
        ids, offsets = texts.bags(index)
        return F.embedding_bag(ids, table, offsets, mode="mean")


@dataclass
class Validation:
    """Flickr8k's validation photos: two English and two Chinese captions (by people) each, and the teacher's points."""

    texts: dict[str, Encoded]
    points: dict[str, Tensor]

    @torch.no_grad()
    def figures(self, read: Callable[[Encoded, Tensor], Tensor], head: nn.Linear) -> dict[str, float]:
        """Mean cosine to the teacher, and recall from a caption to the other caption of its photo, by pooled cosine."""
        everything = torch.arange(len(self.points["en1"]))
        pooled = {k: torch.cat([read(t, i) for i in everything.split(128)]) for k, t in self.texts.items()}
        out = {f"cosine_{k}": F.cosine_similarity(head(pooled[k]), v).mean().item() for k, v in self.points.items()}
        for name, query, answer in (("en-en", "en1", "en2"), ("zh-en", "zh1", "en2"), ("zh-zh", "zh1", "zh2")):
            out |= recalls(name, pooled[query], pooled[answer])
        return out


def recalls(name: str, queries: Tensor, answers: Tensor) -> dict[str, float]:
    """R@1 and R@10 in per cent; row i of `answers` belongs to row i of `queries`. [P, D] each."""
    similarity = (F.normalize(queries, dim=-1) @ F.normalize(answers, dim=-1).T).numpy()
    right = np.eye(len(queries), dtype=bool)
    return {f"{name}_R@{k}": recall_at(similarity, right, k) for k in (1, 10)}


def distil_loss(point: Tensor, target: Tensor) -> Tensor:
    """Come to the teacher's point, and stand to the batch's other texts as the teacher does.

    Args:
        point: what the student's head says, [B, 384], any length.
        target: the teacher's unit vectors [B, 384].
    """
    point = F.normalize(point, dim=-1)
    cosine = (point * target).sum(-1).mean()
    wanted = (target @ target.T / TEMPERATURE).softmax(-1)  # [B, B]
    found = (point @ target.T / TEMPERATURE).log_softmax(-1)  # [B, B]
    return 4 * (1 - cosine) + F.kl_div(found, wanted, reduction="batchmean")


def same_photo_loss(views: Sequence[Tensor]) -> Tensor:
    """InfoNCE over photos, both ways, for every two of the views. Each view [P, D]: one text a photo."""
    units = [F.normalize(view, dim=-1) for view in views]
    logits = [one @ other.T / TEMPERATURE for one, other in itertools.combinations(units, 2)]  # [P, P] each
    return torch.stack([contrast(some) for some in logits]).mean()


def targets(corpus: Corpus, anchors: Tensor) -> Tensor:
    """Each text's point: the mean of its anchors' points, at length 1. [T, 384] float32."""
    text = torch.tensor([i for i, meaning in enumerate(corpus.points) for _ in meaning])
    anchor = torch.tensor([a for meaning in corpus.points for a in meaning])
    sums = torch.zeros(len(corpus.texts), WIDTH).index_add_(0, text, anchors[anchor].float())
    return F.normalize(sums, dim=-1)


@torch.no_grad()
def start_from_meanings(student: Student, texts: Encoded, target: Tensor) -> None:
    """Give each token the mean point of the texts it stands in, in the teacher's first D principal directions.

    The head turns these directions back. Residual branches begin small, so that the transformer starts as the bag does.
    """
    centre = target.mean(0)
    _, _, directions = torch.linalg.svd(torch.cov(target[::7].T))
    basis = directions[: student.encoder.width]  # [D, 384]
    text = torch.repeat_interleave(torch.arange(len(target)), texts.lengths)
    table = student.encoder.bert.embeddings.word_embeddings.weight
    share = 1.0 / texts.lengths[text].float()
    sums = torch.zeros_like(table).index_add_(0, texts.ids, ((target - centre) @ basis.T)[text] * share[:, None])
    means = sums / torch.zeros(len(table)).index_add_(0, texts.ids, share).clamp_min(1e-6)[:, None]
    table.copy_(means / means.std().clamp_min(1e-6) * 0.1 + 0.01 * torch.randn_like(table))
    student.head.weight.copy_(basis.T * 0.1)
    student.head.bias.copy_(centre)
    for layer in student.encoder.bert.encoder.layer:
        layer.attention.output.dense.weight.mul_(0.3)
        layer.output.dense.weight.mul_(0.3)
