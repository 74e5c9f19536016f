"""Photos with their texts: Flickr8k's captions in two languages, labelled photos, and the pairs of MVSA.

Validation pairs never meet training: Flickr8k's own split; for MVSA, which has none, 10 % stratified by label, drawn
with seed 0 over groups of equal photos.
"""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.training.data.photos import Row, source
from mmdemo.types import FEELINGS as LABELS

OTHERS = ("coco", "coco2", "ade20k")  # captioned sources beside Flickr8k
LANGUAGES = {"English": "en", "Chinese": "zh"}
CAPTIONS = {"en": "captions", "zh": "captions_zh", "translated": "captions_zh_translated"}


@dataclass(frozen=True)
class Captioned:
    """Photos and the texts that describe them.

    Args:
        photos: P index rows.
        texts: T texts.
        photo_of_text: [T] index into photos.
        kind_of_text: [T] "en", "zh" (written by people) or "translated" (by machine).
    """

    photos: list[Row]
    texts: list[str]
    photo_of_text: np.ndarray
    kind_of_text: np.ndarray

    def of_kind(self, kind: str) -> np.ndarray:
        """Indices of the texts of one kind."""
        return np.flatnonzero(self.kind_of_text == kind)

    @cached_property
    def by_photo(self) -> tuple[np.ndarray, np.ndarray]:
        """(indices of the texts, photo after photo [T]; where each photo's begin, and the end [P + 1])."""
        order = np.argsort(self.photo_of_text, kind="stable")
        return order, np.searchsorted(self.photo_of_text[order], np.arange(len(self.photos) + 1))

    def one_text_each(self, photos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One text of each of these photos [n], by chance."""
        order, starts = self.by_photo
        count = np.diff(starts)[photos]
        return order[starts[photos] + (rng.random(len(photos)) * count).astype(int)]

    def draw_pairs(self, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """n true pairs of different photos: indices of the photos [n], and of one text of each [n]."""
        photos = rng.choice(len(self.photos), size=n, replace=False)
        return torch.from_numpy(photos), torch.from_numpy(self.one_text_each(photos, rng))


def flickr8k(rows: Sequence[Row], split: str, most: int | None = None) -> Captioned:
    """Flickr8k: "train" (with the 91 extra photos) or "val", its first `most` photos; captions of both languages."""
    return captioned(rows, split, ("flickr8k",), most)


def captioned(rows: Sequence[Row], split: str, sources: Sequence[str], most: int | None = None) -> Captioned:
    """The photos of some sources with all their captions, "train" (with Flickr8k's extra photos) or "val"."""
    wanted = {"train": {"train", "extra"}, "val": {"val"}}[split]
    photos = [r for r in rows if source(r) in sources and r["split"] in wanted][:most]
    entries = [
        (i, kind, text)
        for i, photo in enumerate(photos)
        for kind, key in CAPTIONS.items()
        for text in photo.get(key, ())
        if text.strip()
    ]
    where, kinds, texts = zip(*entries, strict=True)
    return Captioned(photos, list(texts), np.array(where), np.array(kinds))


def join(sets: Sequence[Captioned]) -> Captioned:
    """Several sets as one, in their order."""
    before = np.cumsum([0, *(len(c.photos) for c in sets)])
    return Captioned(
        [photo for c in sets for photo in c.photos],
        [text for c in sets for text in c.texts],
        np.concatenate([c.photo_of_text + n for c, n in zip(sets, before, strict=False)]),
        np.concatenate([c.kind_of_text for c in sets]),
    )


def class_list(data: Path) -> list[tuple[str, str]]:
    """(English, Chinese) name of each of ImageNet's 1,000 classes, in their order; eight English names stand twice."""
    return [(english, chinese) for english, chinese, kind in parallel_texts(data) if kind == "class"]


def parallel_texts(data: Path) -> Iterator[tuple[str, str, str]]:
    """(English, Chinese, kind) of texts that mean the same, kind "dictionary", "sentence" or "class"."""
    with gzip.open(data / "texts" / "parallel_en_zh.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)  # the head of the table
        for line in lines:
            english, chinese, kind = line.rstrip("\n").split("\t")
            yield english, chinese, kind


def class_names(data: Path) -> dict[str, str]:
    """English class name -> Chinese class name."""
    return dict(class_list(data))


def mvsa(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Labelled MVSA pairs: (train, validation); validation is 10 % of each joint label, whole photo groups, seed 0."""
    pairs = [r for r in rows if r["file"].startswith("mvsa/") and r.get("sentiment")]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in pairs:
        groups[str(row.get("dup_group", row["file"]))].append(row)
    validation: list[Row] = []
    for label in LABELS:
        names = sorted(name for name, members in groups.items() if members[0]["sentiment"] == label)
        random.Random(0).shuffle(names)
        goal = round(0.1 * sum(len(groups[name]) for name in names))
        count = 0
        for name in names:
            if count >= goal:
                break
            validation += groups[name]
            count += len(groups[name])
    inside = {r["file"] for r in validation}
    return [r for r in pairs if r["file"] not in inside], validation


def sentiment_texts(data: Path, language: str) -> list[dict[str, str]]:
    """Lines of texts/sentiment_{en,zh}: text, label, split, dataset."""
    with gzip.open(data / "texts" / f"sentiment_{language}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
