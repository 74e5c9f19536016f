"""What every fusion of the bench is trained and measured on: pairs for the match, pairs and lines for the feeling.

Read next: `recipes/fusions.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.training import pairs
from mmdemo.training.features import TextTokens, photo_tokens, photo_vectors, text_tokens, token_set
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import Row, plain_view, random_view, read_index
from mmdemo.training.sentiment_data import Lines, class_indices, joined, rarity, read_lines
from mmdemo.training.sentiment_lines import teaching_lines
from mmdemo.types import TokenSet

PAIRS, LINES = 96, 96  # in one step
MATCH_VIEWS = ((plain_view, 0), (random_view, 1))
MVSA_VIEWS = ((plain_view, 0), (random_view, 1))


@dataclass
class MatchData:
    """Captioned photos.

    Args:
        views: patches of the P photos, [P, N, 1280] float16 a view.
        pooled: their means, [P, 1280].
        texts: tokens of the T captions.
        captioned: which caption is whose.
    """

    views: list[Tensor]
    pooled: list[Tensor]
    texts: TextTokens
    captioned: pairs.Captioned

    def images(self, photos: Tensor, tokens: bool, view: int = 0) -> TokenSet:
        """One token set of these photos, [B]."""
        if tokens:
            return token_set(self.views[view][photos].float())
        return TokenSet.of_vectors(self.pooled[view][photos])

    def draw(self, rng: np.random.Generator, tokens: bool) -> tuple[TokenSet, TokenSet]:
        """A batch of true pairs: PAIRS different photos, and one caption of each in any language."""
        photos, captions = self.captioned.draw_pairs(PAIRS, rng)
        return self.images(photos, tokens, int(rng.integers(len(self.pooled)))), self.texts.batch(captions)

    def true_and_random(self, language: str, every: int) -> tuple[Tensor, Tensor, Tensor]:
        """Every n-th caption of a language with its own and with one other photo (seed 0).

        Returns:
            texts [2n], photos [2n], truth [2n] int64.
        """
        t = torch.from_numpy(self.captioned.of_kind(language)[::every])
        own = torch.from_numpy(self.captioned.photo_of_text)[t]
        shift = torch.from_numpy(np.random.default_rng(0).integers(1, len(self.pooled[0]), size=len(t)))
        photos = torch.cat([own, (own + shift) % len(self.pooled[0])])
        return torch.cat([t, t]), photos, torch.cat([torch.ones(len(t)), torch.zeros(len(t))]).long()


@dataclass
class SentimentData:
    """MVSA pairs with three labels (of the pair, the photo, the text), several views of each photo; lines of text."""

    views: list[Tensor]
    pooled: list[Tensor]
    texts: TextTokens
    labels: dict[str, Tensor]
    lines: Lines | None = None

    def __post_init__(self) -> None:
        self.joint = self.labels["joint"]
        self.weights = {name: rarity(label).sqrt() for name, label in self.labels.items()}
        if self.lines is not None:
            self.by_length = self.lines.texts.starts.diff().argsort()
            self.line_weight = rarity(self.lines.label).sqrt()

    def images(self, rows: Tensor, tokens: bool, view: int = 0) -> TokenSet:
        """One token set of these photos, [B]."""
        if tokens:
            return token_set(self.views[view][rows].float())
        return TokenSet.of_vectors(self.pooled[view][rows])

    def draw(
        self, rng: np.random.Generator, tokens: bool
    ) -> tuple[TokenSet, TokenSet, dict[str, Tensor], dict[str, Tensor]]:
        """A batch of pairs: photos, texts, labels [B] and weights of the classes for "joint", "image" and "text"."""
        i = torch.from_numpy(rng.integers(len(self.joint), size=PAIRS))
        image = self.images(i, tokens, int(rng.integers(len(self.views))))
        return image, self.texts.batch(i), {name: label[i] for name, label in self.labels.items()}, self.weights

    def draw_lines(self, rng: np.random.Generator) -> tuple[TokenSet, Tensor, Tensor]:
        """A batch of lines, their labels [B], and the weight of each class."""
        first = int(rng.integers(len(self.by_length) - LINES))
        j = self.by_length[first : first + LINES]  # of like length: little padding
        return self.lines.texts.batch(j), self.lines.label[j], self.line_weight


Data = MatchData | SentimentData


def read_data(task: str, data: Path, run: Path, log: Log, *, train: bool = True) -> tuple[Data | None, Data]:
    """(training, validation) data of one task: features of both towers, from the caches in `run` where they are.

    Without `train` the first is None.
    """
    rows, learnt = read_index(data), None
    if task == "matching":
        if train:
            learnt = _captioned(pairs.flickr8k(rows, "train"), MATCH_VIEWS, run, log)
        return learnt, _captioned(pairs.flickr8k(rows, "val"), MATCH_VIEWS[:1], run, log)
    train_rows, val_rows = pairs.mvsa(rows)
    if train:
        lines = joined([read_lines(found, run, log) for found in teaching_lines(rows, data).values()])
        learnt = _feeling(train_rows, MVSA_VIEWS, lines, run, log)
    return learnt, _feeling(val_rows, MVSA_VIEWS[:1], None, run, log)


def _captioned(captioned: pairs.Captioned, views: tuple, run: Path, log: Log) -> MatchData:
    seen = _seen(captioned.photos, views, run, log)
    texts = text_tokens(captioned.texts, run, log, device=training_device())
    return MatchData(*seen, texts, captioned)


def _feeling(rows: list, views: tuple, lines: Lines | None, run: Path, log: Log) -> SentimentData:
    texts = text_tokens([r["text"] for r in rows], run, log, device=training_device())
    keys = {"joint": "sentiment", "image": "image_sentiment", "text": "text_sentiment"}
    labels = {name: class_indices([r.get(key) for r in rows]) for name, key in keys.items()}
    return SentimentData(*_seen(rows, views, run, log), texts, labels, lines)


def _seen(photos: list[Row], views: tuple, run: Path, log: Log) -> tuple[list[Tensor], list[Tensor]]:
    """Patches [P, N, D] float16 and their means [P, D] float32, one each a view."""
    ask = [{"device": training_device(), "seed": seed} for _, seed in views]
    patches = [photo_tokens(photos, view, run, log, **a) for (view, _), a in zip(views, ask, strict=True)]
    means = [photo_vectors(photos, view, run, log, **a).float() for (view, _), a in zip(views, ask, strict=True)]
    return patches, means
