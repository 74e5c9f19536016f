"""Captioned photos, labelled pairs and lines of text as what the frozen towers say of them, ready to be drawn from.

Texts of the LSTM are read anew in each step: it is quicker than to keep 160,000 texts' tokens. Read next:
`recipes/fusions.py`, `recipes/resnet_lstm.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.tasks.fused import FusedTask
from mmdemo.training.alignment import true_and_false
from mmdemo.training.data.features import IMAGE, TEXT, Features, JoinedTokens, TextTokens, Views, token_set
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.data.photos import Row
from mmdemo.training.data.phrases import Line
from mmdemo.training.data.word_lists import encode_words
from mmdemo.types import FEELINGS as LABELS
from mmdemo.types import TokenSet

Side = TypeVar("Side")
Answer = TypeVar("Answer")
Towers = tuple[str, str]  # rows of the table that read the photo and the text


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


class SeenPhotos:
    """Photos in one or several views: `views` [P, N, D] each, and where they are kept their means `pooled` [P, D]."""

    views: Sequence[Tensor | JoinedTokens]
    pooled: Sequence[Tensor]

    def images(self, photos: Tensor, view: int = 0, *, tokens: bool = True) -> TokenSet:
        """These photos [B] by their places, [B, N, D]; without `tokens` by their means, one token each."""
        if tokens:
            return token_set(self.views[view][photos].float())
        return TokenSet.of_vectors(self.pooled[view][photos])

    def any_view(self, rng: np.random.Generator) -> int:
        """The number of a view, by chance; 0 where there are no photos."""
        return int(rng.integers(max(1, len(self.views), len(self.pooled))))


@dataclass
class Captions(SeenPhotos):
    """Photos with their captions.

    Args:
        views: of each photo, [P, N, D] float16.
        texts: the captions.
        captioned: which caption is whose.
        pooled: the views' means, [P, D].
    """

    views: Sequence[Tensor | JoinedTokens]
    texts: Texts
    captioned: Captioned
    pooled: Sequence[Tensor] = ()

    def draw(self, rng: np.random.Generator, n: int) -> tuple[TokenSet, TokenSet, Tensor]:
        """n captions beside their own photos, then the same beside the next caption's photo; truth [2n]."""
        texts = torch.from_numpy(rng.integers(len(self.captioned.texts), size=n))
        return self.beside(texts, self.any_view(rng))

    def draw_true(self, rng: np.random.Generator, n: int, *, tokens: bool = True) -> tuple[TokenSet, TokenSet]:
        """n captions of different photos, each beside its own photo."""
        photos, texts = self.captioned.draw_pairs(n, rng)
        return self.images(photos, self.any_view(rng), tokens=tokens), self.texts.batch(texts)

    def beside(self, texts: Tensor, view: int = 0) -> tuple[TokenSet, TokenSet, Tensor]:
        """These captions [n] beside their own photos, then beside the next one's: image, text, truth [2n]."""
        photos = torch.from_numpy(self.captioned.photo_of_text[texts.numpy()])
        return true_and_false(self.images(photos, view), self.texts.batch(texts), torch.arange(len(texts)).roll(1))


@dataclass
class Labelled(SeenPhotos):
    """Pairs with labels [n] as class indices; without photos where `views` is empty."""

    views: Sequence[Tensor]
    texts: Texts
    labels: Tensor
    pooled: Sequence[Tensor] = ()

    def draw(self, rng: np.random.Generator, n: int) -> tuple[TokenSet | None, TokenSet, Tensor]:
        """n pairs: image (None without photos), text, labels."""
        i = torch.from_numpy(rng.integers(len(self.labels), size=n))
        view = self.any_view(rng)
        return self.images(i, view) if self.views else None, self.texts.batch(i), self.labels[i]


@dataclass
class Lines:
    """Texts with one label [n]."""

    texts: TextTokens
    label: Tensor

    @cached_property
    def vectors(self) -> Tensor:
        """The texts' pooled vectors, [n, D]."""
        return self.texts.pooled()


class LinesByLength:
    """Labelled lines, those of like length together: little padding."""

    def __init__(self, lines: Lines) -> None:
        self.lines, self.weight = lines, rarity(lines.label).sqrt()
        self.order = lines.texts.lengths.argsort()

    def draw(self, rng: np.random.Generator, n: int) -> tuple[TokenSet, Tensor, Tensor]:
        """n lines, their labels [n], and the weight of each class."""
        first = int(rng.integers(len(self.order) - n))
        j = self.order[first : first + n]
        return self.lines.texts.batch(j), self.lines.label[j], self.weight


@dataclass
class Pairs(SeenPhotos):
    """MVSA pairs: places [n, N, D] and means [n, D] of photos, tokens of texts, three labels [n] as indices."""

    pooled: Sequence[Tensor]
    texts: TextTokens
    image: Tensor
    text: Tensor
    joint: Tensor
    views: Sequence[Tensor] = ()

    @cached_property
    def text_vectors(self) -> Tensor:
        """The texts' pooled vectors, [n, D]."""
        return self.texts.pooled()

    @property
    def labels(self) -> dict[str, Tensor]:
        """The three labels by name."""
        return {"joint": self.joint, "image": self.image, "text": self.text}


def see(rows: Sequence[Row], views: Views, features: Features, tower: str = IMAGE) -> list[Tensor]:
    """Every view of the photos through one tower, [P, N, D] float16 each."""
    return [features.photo_tokens(rows, view, seed, tower) for view, seed in views]


def see_pooled(rows: Sequence[Row], views: Views, features: Features, tower: str = IMAGE) -> list[Tensor]:
    """The means of every view, [P, D] float16 each."""
    return [features.photo_vectors(rows, view, seed, tower) for view, seed in views]


def read_captions(captioned: Captioned, views: Views, features: Features, towers: Towers = (IMAGE, TEXT)) -> Captions:
    """Captioned photos, their means beside them, and captions through both towers."""
    texts = features.text_tokens(captioned.texts, towers[1])
    pooled = [mean.float() for mean in see_pooled(captioned.photos, views, features, towers[0])]
    return Captions(see(captioned.photos, views, features, towers[0]), texts, captioned, pooled)


def read_pairs(
    rows: Sequence[Row], views: Views, features: Features, towers: Towers = (IMAGE, TEXT), *, places: bool = False
) -> Pairs:
    """Both towers over MVSA pairs; the photos' places too if asked for."""
    texts = features.text_tokens([row["text"] for row in rows], towers[1])
    keys = ("image_sentiment", "text_sentiment", "sentiment")
    labels = [class_indices([row.get(key) for row in rows]) for key in keys]
    pooled = [mean.float() for mean in see_pooled(rows, views, features, towers[0])]
    return Pairs(pooled, texts, *labels, see(rows, views, features, towers[0]) if places else ())


def read_lines(lines: Sequence[Line], features: Features, tower: str = TEXT) -> Lines:
    """The text tower over labelled lines."""
    texts = features.text_tokens([line["text"] for line in lines], tower)
    return Lines(texts, class_indices([line["label"] for line in lines]))


def joined(parts: Sequence[Lines]) -> Lines:
    """Several lots of lines, one after the other."""
    return Lines(TextTokens.join([part.texts for part in parts]), torch.cat([part.label for part in parts]))


def class_indices(names: Sequence[str | None]) -> Tensor:
    """Label names -> indices in LABELS, -1 where there is none. [n]."""
    return torch.tensor([LABELS.index(name) if name in LABELS else -1 for name in names])


def rarity(labels: Tensor) -> Tensor:
    """Root of inverse frequency, mean 1. [n] -> [C]."""
    counts = torch.bincount(labels[labels >= 0], minlength=len(LABELS)).float()
    weight = (counts.sum() / counts.clamp_min(1)).sqrt()
    return weight / weight.mean()


def by_side(answer: Callable[[Any, Any], Answer], image: Side, text: Side) -> dict[str, Answer]:
    """What is answered given "both" sides, "image_only" and "text_only"."""
    return {"both": answer(image, text), "image_only": answer(image, None), "text_only": answer(None, text)}


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
