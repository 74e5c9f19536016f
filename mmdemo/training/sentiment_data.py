"""MVSA pairs and labelled lines as features of the frozen towers. Read next: `recipes/sentiment.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from mmdemo.training.features import TextTokens, photo_tokens, photo_vectors, text_tokens
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import Row
from mmdemo.training.phrases import Line
from mmdemo.types import FEELINGS as LABELS


@dataclass
class Pairs:
    """MVSA pairs as features. Each view [n, 1280] or [n, N, 1280], tokens of n texts, three labels [n] as indices."""

    views: list[Tensor]
    texts: TextTokens
    image: Tensor
    text: Tensor
    joint: Tensor

    @cached_property
    def text_vectors(self) -> Tensor:
        """The texts' pooled vectors, [n, 384]."""
        return self.texts.pooled()


@dataclass
class Lines:
    """Texts with one label [n]."""

    texts: TextTokens
    label: Tensor

    @cached_property
    def vectors(self) -> Tensor:
        """The texts' pooled vectors, [n, 384]."""
        return self.texts.pooled()


def class_indices(names: Sequence[str | None]) -> Tensor:
    """Label names -> indices in LABELS, -1 where there is none. [n]."""
    return torch.tensor([LABELS.index(name) if name in LABELS else -1 for name in names])


def build_pairs(
    rows: list[Row], views: tuple, run: Path, log: Log, device: torch.device, *, pooled: bool = True
) -> Pairs:
    """Both towers over MVSA pairs; photos as pooled vectors, or as patches [n, N, 1280]."""
    read = photo_vectors if pooled else photo_tokens
    seen = [read(rows, view, run, log, device=device, seed=seed) for view, seed in views]
    texts = text_tokens([r["text"] for r in rows], run, log, device=device)
    labels = (class_indices([r.get(k) for r in rows]) for k in ("image_sentiment", "text_sentiment", "sentiment"))
    return Pairs(seen, texts, *labels)


def read_lines(lines: Sequence[Line], run: Path, log: Log) -> Lines:
    """The text tower over labelled lines."""
    texts = text_tokens([line["text"] for line in lines], run, log, device=training_device())
    return Lines(texts, class_indices([line["label"] for line in lines]))


def joined(parts: Sequence[Lines]) -> Lines:
    """Several lots of lines, one after the other."""
    tokens = torch.cat([part.texts.tokens for part in parts])
    lengths = torch.cat([part.texts.starts.diff() for part in parts])
    starts = torch.cat([torch.zeros(1, dtype=lengths.dtype), lengths.cumsum(0)])
    return Lines(TextTokens(tokens, starts), torch.cat([part.label for part in parts]))


def rarity(labels: Tensor) -> Tensor:
    """Root of inverse frequency, mean 1. [n] -> [C]."""
    counts = torch.bincount(labels[labels >= 0], minlength=len(LABELS)).float()
    weight = (counts.sum() / counts.clamp_min(1)).sqrt()
    return weight / weight.mean()
