"""What every fusion of the bench is trained and measured on: pairs for the match, pairs and lines for the feeling.

Read next: `recipes/fusions.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.training import pairs
from mmdemo.training.features import TextTokens, token_set
from mmdemo.training.loop import Log, training_device
from mmdemo.training.photos import plain_view, random_view, read_index, squashed_view
from mmdemo.training.recipes import cross_attention, sentiment
from mmdemo.types import TokenSet

TRUE_PAIRS, PAIRS, LINES = 48, 96, 96  # in one step
MATCH_VIEWS = ((plain_view, 0), (squashed_view, 3))
MVSA_VIEWS = ((plain_view, 0), (squashed_view, 1), (random_view, 2))


@dataclass
class MatchData:
    """Captioned photos; `pooled` are the patches' means of each view, [P, D]."""

    grids: cross_attention.Grids
    pooled: list[Tensor]

    def images(self, photos: Tensor, tokens: bool, view: int = 0) -> TokenSet:
        """One token set of these photos, [B]."""
        if tokens:
            return token_set(self.grids.views[view][photos].float())
        return token_set(self.pooled[view][photos].unsqueeze(1))

    def draw(self, rng: np.random.Generator, tokens: bool) -> tuple[TokenSet, TokenSet, Tensor, None]:
        """A batch of pairs: photos, captions, and whether they belong together [B]; half do.

        A quarter are photos that the dual encoder finds near the caption, a quarter any other photo.
        """
        captions = torch.from_numpy(rng.integers(len(self.grids.texts), size=PAIRS))
        photos = torch.from_numpy(self.grids.captioned.photo_of_text[captions.numpy()])
        near = self.grids.near[captions, torch.from_numpy(rng.integers(self.grids.near.shape[1], size=PAIRS))]
        far = torch.from_numpy(rng.integers(len(self.grids.views[0]), size=PAIRS))
        place = torch.arange(PAIRS)
        hard = (TRUE_PAIRS + PAIRS) // 2
        photos = torch.where(place < TRUE_PAIRS, photos, torch.where(place < hard, near, far))
        image = self.images(photos, tokens, int(rng.integers(len(self.pooled))))
        return image, self.grids.texts.batch(captions), (place < TRUE_PAIRS).long(), None


@dataclass
class SentimentData:
    """MVSA pairs with their joint label, several views of each photo, and lines of text with theirs."""

    views: list[Tensor]
    pooled: list[Tensor]
    texts: TextTokens
    joint: Tensor
    lines: sentiment.Lines | None = None

    def images(self, rows: Tensor, tokens: bool, view: int = 0) -> TokenSet:
        """One token set of these photos, [B]."""
        if tokens:
            return token_set(self.views[view][rows].float())
        return token_set(self.pooled[view][rows].unsqueeze(1))

    def draw(self, rng: np.random.Generator, tokens: bool) -> tuple[TokenSet, TokenSet, Tensor, Tensor]:
        """A batch of pairs: photos, texts, labels [B], and the weight of each class."""
        i = torch.from_numpy(rng.integers(len(self.joint), size=PAIRS))
        image = self.images(i, tokens, int(rng.integers(len(self.views))))
        return image, self.texts.batch(i), self.joint[i], sentiment.rarity(self.joint)

    def draw_lines(self, rng: np.random.Generator) -> tuple[TokenSet, Tensor, Tensor]:
        """A batch of lines and their labels [B]."""
        j = torch.from_numpy(rng.integers(len(self.lines.label), size=LINES))
        return self.lines.texts.batch(j), self.lines.label[j], sentiment.rarity(self.lines.label)


@dataclass
class BenchData:
    """Training and validation data by task."""

    train: dict[str, MatchData | SentimentData]
    val: dict[str, MatchData | SentimentData]


def read_data(data: Path, run: Path, log: Log) -> BenchData:
    """Features of both towers over everything, from the caches in `run` where they are."""
    device, rows = training_device(), read_index(data)
    match = {}
    for split, views in (("train", MATCH_VIEWS), ("val", MATCH_VIEWS[:1])):
        grids = cross_attention.build_grids(pairs.flickr8k(rows, split), views, run, log, device)
        match[split] = MatchData(grids, [v.float().mean(1) for v in grids.views])
    train_rows, val_rows = pairs.mvsa(rows)
    apart = {sentiment.plain_words(r["text"]) for r in val_rows}
    feeling = {"train": _feeling(train_rows, MVSA_VIEWS, run, log), "val": _feeling(val_rows, MVSA_VIEWS[:1], run, log)}
    feeling["train"].lines = sentiment.build_lines(data, ("en", "zh"), {"train"}, apart, run, log)
    return BenchData(
        {"matching": match["train"], "sentiment": feeling["train"]},
        {"matching": match["val"], "sentiment": feeling["val"]},
    )


def _feeling(rows: list, views: tuple, run: Path, log: Log) -> SentimentData:
    found = sentiment.build_pairs(rows, views, run, log, training_device(), pooled=False)
    seen = list(found.views)
    return SentimentData(seen, [v.float().mean(1) for v in seen], found.texts, found.joint)
