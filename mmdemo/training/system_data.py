"""Captioned photos and MVSA pairs as tokens of any two frozen towers, for the systems built on ResNet-18.

Texts of the LSTM are read anew in each step: it is quicker than to keep 160,000 texts' tokens. Read next:
`recipes/resnet_lstm.py`, `recipes/bert_resnet.py`.
"""

import argparse
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.tasks.fused import FusedTask
from mmdemo.training import pairs
from mmdemo.training.alignment import true_and_false
from mmdemo.training.features import photo_tokens, token_set
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import Row, View
from mmdemo.training.word_lists import encode_words
from mmdemo.types import TokenSet


class Texts(Protocol):
    """Texts that can be had as token sets: `features.TextTokens`, or `ReadTexts`."""

    def batch(self, index: Tensor) -> TokenSet:
        """The texts of `index` [B]: tokens [B, N, D]."""


class ReadTexts:
    """Texts as word ids, read by the frozen LSTM whenever they are asked for."""

    def __init__(self, texts: list[str], tower: LstmEncoder) -> None:
        self.tower, self.texts = tower, encode_words(texts, tower)

    @torch.no_grad()
    def batch(self, index: Tensor) -> TokenSet:
        """The texts of `index` [B]: tokens [B, N, D], mask, pooled."""
        ids, mask = self.texts.padded(index)
        return token_set(self.tower.tokens(ids), mask)


def resnet_views(
    photos: list[Row], views: tuple[tuple[View, int], ...], args: argparse.Namespace, log: Log
) -> list[Tensor]:
    """Every view of the photos through weights/resnet, [P, N, 512] float16 each."""
    ask = {"device": training_device(), "tower": "resnet"}
    return [photo_tokens(photos, view, args.features, log, seed=seed, **ask) for view, seed in views]


@dataclass
class Captions:
    """Photos with their captions.

    Args:
        views: of each photo, [P, N, D] float16.
        texts: the captions.
    """

    views: list[Tensor]
    texts: Texts
    captioned: pairs.Captioned

    def images(self, photos: Tensor, view: int = 0) -> TokenSet:
        """The places of these photos, [B, N, D]."""
        return token_set(self.views[view][photos].float())

    def draw(self, rng: np.random.Generator, n: int) -> tuple[TokenSet, TokenSet, Tensor]:
        """n captions beside their own photos, then the same beside the next caption's photo; truth [2n]."""
        texts = torch.from_numpy(rng.integers(len(self.captioned.texts), size=n))
        return self.beside(texts, int(rng.integers(len(self.views))))

    def draw_true(self, rng: np.random.Generator, n: int) -> tuple[TokenSet, TokenSet]:
        """n captions of different photos, each beside its own photo."""
        photos, texts = self.captioned.draw_pairs(n, rng)
        return self.images(photos, int(rng.integers(len(self.views)))), self.texts.batch(texts)

    def beside(self, texts: Tensor, view: int = 0) -> tuple[TokenSet, TokenSet, Tensor]:
        """These captions [n] beside their own photos, then beside the next one's: image, text, truth [2n]."""
        photos = torch.from_numpy(self.captioned.photo_of_text[texts.numpy()])
        return true_and_false(self.images(photos, view), self.texts.batch(texts), torch.arange(len(texts)).roll(1))


@dataclass
class Labelled:
    """Pairs with labels [n] as class indices; without photos where `views` is empty."""

    views: list[Tensor]
    texts: Texts
    labels: Tensor

    def draw(self, rng: np.random.Generator, n: int) -> tuple[TokenSet | None, TokenSet, Tensor]:
        """n pairs: image (None without photos), text, labels."""
        i = torch.from_numpy(rng.integers(len(self.labels), size=n))
        return self.images(i, int(rng.integers(max(1, len(self.views))))), self.texts.batch(i), self.labels[i]

    def images(self, index: Tensor, view: int = 0) -> TokenSet | None:
        """The places of these photos, [B, N, D]."""
        return token_set(self.views[view][index].float()) if self.views else None


def drop_side(
    image: TokenSet | None, text: TokenSet, rng: np.random.Generator, share: float
) -> tuple[TokenSet | None, TokenSet | None]:
    """Modality dropout, a whole batch at a time: in this share of the steps no photo, in as many no text."""
    chance = rng.random()
    if image is None or share <= chance <= 1 - share:
        return image, text
    return (None, text) if chance < share else (image, None)


def blank_rows(
    head: FusedTask, image: TokenSet, text: TokenSet, rng: np.random.Generator, shares: tuple[float, float]
) -> tuple[TokenSet, TokenSet]:
    """Modality dropout, row by row: each row of the sides as the fusion read them, [B], may lose photo or text.

    Batches without a single photo would spoil the means that the head's batch normalisation keeps.
    """
    no_image, no_text = (torch.from_numpy(rng.random(len(image.tokens)) < share) for share in shares)
    return head.blank_image(image, no_image), head.blank_text(text, no_text)
