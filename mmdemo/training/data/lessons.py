"""What the matching head learns from: captions in two languages, labelled photos, boxes, texts of equal meaning.

Everything the frozen towers say is computed once. Places are narrowed to their first principal components, so that all
views of all photos fit into memory. Read next: `matching_losses.py`, `recipes/matching.py`.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features, TextTokens, Views
from mmdemo.training.data.photos import Row, View, plain_view, random_view, split_photos
from mmdemo.training.data.swapped_words import swapped

VIEWS: Views = ((plain_view, 0), (random_view, 1), (random_view, 2))
LABELLED, SENTENCES, WORDS, SWAPPED = 12_000, 12_000, 8_000, 20_000  # photos; pairs of texts; wrong captions
PLACES = 9  # of a photo's 81 are drawn in a step
TEMPLATES = {
    "en": ("{}", "a photo of a {}", "a picture of a {}.", "there is a {} here"),
    "zh": ("{}", "一张{}的照片", "照片里有{}", "一只{}"),
}


@dataclass(frozen=True)
class Narrowing:
    """Principal components of places: z = (x - mean) / deviation @ axes, [1280] -> [narrow].

    Args:
        mean, deviation: [1280].
        axes: [1280, narrow], orthonormal.
    """

    mean: Tensor
    deviation: Tensor
    axes: Tensor

    @staticmethod
    def fit(tokens: list[Tensor], narrow: int, photos: int = 400, seed: int = 0) -> "Narrowing":
        """From the places of some photos of each set [P, N, 1280]."""
        rng = np.random.default_rng(seed)
        chosen = [t[torch.from_numpy(np.sort(rng.choice(len(t), min(photos, len(t)), replace=False)))] for t in tokens]
        x = torch.cat([c.float().flatten(0, 1) for c in chosen])  # [n, 1280]
        mean, deviation = x.mean(0), x.std(0) + 1e-3
        z = (x - mean) / deviation
        _, vectors = torch.linalg.eigh(z.T @ z / len(z))  # ascending
        return Narrowing(mean, deviation, vectors[:, -narrow:].flip(1))

    def narrowed(self, tokens: Tensor) -> np.ndarray:
        """[P, N, 1280] -> [P, N, narrow] float16."""
        chunks = ((t.float() - self.mean) / self.deviation @ self.axes for t in tokens.split(256))
        return np.concatenate([c.half().numpy() for c in chunks])

    def linear(self) -> tuple[Tensor, Tensor]:
        """(weight [narrow, 1280], bias [narrow]) of the same map."""
        weight = (self.axes / self.deviation[:, None]).T
        return weight.contiguous(), -(weight @ self.mean)


@dataclass
class Seen:
    """One view of some photos: means [P, 1280] float32 and narrowed places [P, N, narrow] float16."""

    pooled: Tensor
    places: np.ndarray

    def some_places(self, photos: np.ndarray, count: int, rng: np.random.Generator) -> Tensor:
        """`count` places of each photo by chance, all of them where it is 0: [B, count, narrow] float32."""
        n = self.places.shape[1]
        if not count or count >= n:
            return torch.from_numpy(self.places[photos]).float()
        chosen = np.argsort(rng.random((len(photos), n)), 1)[:, :count]
        return torch.from_numpy(self.places[photos[:, None], chosen]).float()


def see(photos: list[Row], view: View, seed: int, narrowing: Narrowing, features: Features) -> Seen:
    """One view of some photos through the image tower."""
    means = features.photo_vectors(photos, view, seed).float()
    return Seen(means, narrowing.narrowed(features.photo_tokens(photos, view, seed)))


@dataclass
class Captions:
    """Photos with captions in English, Chinese or both.

    Args:
        views: each view of all photos.
        tokens: of the T captions.
        photo_of_text, kind: [T], as in `pairs.Captioned`.
        rows: P index rows.
        near: [P, 40] photos with the most alike captions, the photo itself first.
        wrong: caption index -> one of `wrong_points` [W, 384], the same caption with a word swapped.
    """

    views: list[Seen]
    tokens: TextTokens
    photo_of_text: np.ndarray
    kind: np.ndarray
    rows: list[Row]
    near: np.ndarray = field(default_factory=lambda: np.zeros(0))
    wrong: dict[int, int] = field(default_factory=dict)
    wrong_points: Tensor = field(default_factory=lambda: torch.zeros(0))

    def __post_init__(self) -> None:
        self.points = self.tokens.pooled()
        self.by_language: dict[str, dict[int, list[int]]] = {"en": defaultdict(list), "zh": defaultdict(list)}
        for text, (photo, kind) in enumerate(zip(self.photo_of_text, self.kind, strict=True)):
            # captions that people wrote in Chinese are drawn twice as often as translated ones
            self.by_language["en" if kind == "en" else "zh"][photo] += [text] * (2 if kind == "zh" else 1)
        self.photos_with = {name: np.array(sorted(found)) for name, found in self.by_language.items()}

    def find_near(self, count: int = 40) -> None:
        """Fill `near`: by the mean vector of each photo's captions, the mean of all taken off."""
        first = [self.by_language["en"].get(p) or self.by_language["zh"][p] for p in range(len(self.rows))]
        mean = torch.stack([self.points[texts].mean(0) for texts in first])
        unit = F.normalize(mean - mean.mean(0), dim=-1)
        self.near = torch.cat([(u @ unit.T).topk(count).indices for u in unit.split(1024)]).numpy()

    def draw(self, language: str, count: int, alike: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """`count` different photos, the share `alike` of them in tens with alike captions, and a caption of each."""
        able = self.photos_with[language]
        anchors = rng.choice(able, max(1, int(count * alike) // 10), replace=False)
        group = np.unique([rng.choice(self.near[a], min(10, self.near.shape[1]), replace=False) for a in anchors])
        group = group[np.isin(group, able)]
        rest = rng.choice(able, count, replace=False)
        photos = np.concatenate([group, rest[~np.isin(rest, group)]])[:count]
        of = self.by_language[language]
        return photos, np.array([of[p][rng.integers(len(of[p]))] for p in photos])


def build_captions(sets: list[pairs.Captioned], narrowing: Narrowing, features: Features) -> Captions:
    """Several captioned sets as one."""
    seen = [[see(c.photos, view, seed, narrowing, features) for c in sets] for view, seed in VIEWS]
    views = [Seen(torch.cat([s.pooled for s in v]), np.concatenate([s.places for s in v])) for v in seen]
    whole, texts = pairs.join(sets), TextTokens.join([features.text_tokens(c.texts) for c in sets])
    return Captions(views, texts, whole.photo_of_text, whole.kind_of_text, whole.photos)


def add_wrong_captions(captions: Captions, sets: list[pairs.Captioned], features: Features) -> None:
    """Give SWAPPED of the captions a twin with one word exchanged (seed 0)."""
    rng, made = random.Random(0), []
    texts = [text for c in sets for text in c.texts]
    for i, (text, kind) in enumerate(zip(texts, captions.kind, strict=True)):
        other = None if kind == "translated" else swapped(text, "en" if kind == "en" else "zh", rng)
        if other is not None:
            made.append((i, other))
    made = random.Random(1).sample(made, min(SWAPPED, len(made)))
    captions.wrong = {i: place for place, (i, _) in enumerate(made)}
    captions.wrong_points = features.text_points([text for _, text in made])


@dataclass
class Labelled:
    """Photos with names of what is on them.

    Args:
        seen: the photos, as they are.
        labels: for each photo the indices of up to three names.
        points: by language [names * templates, 384], template after template; NaN where a name has no Chinese.
    """

    seen: Seen
    labels: list[list[int]]
    points: dict[str, Tensor]

    def draw(self, language: str, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Tensor]:
        """`count` photos [n], one name of each [n], and the name in one template [n, 384]."""
        photos = rng.choice(len(self.labels), count, replace=False)
        names = np.array([rng.choice(self.labels[p]) for p in photos])
        english = self._in_template("en", names, rng)
        points = self._in_template(language, names, rng)
        return photos, names, torch.where(points.isnan(), english, points)

    def _in_template(self, language: str, names: np.ndarray, rng: np.random.Generator) -> Tensor:
        points, templates = self.points[language], len(TEMPLATES[language])
        return points[torch.from_numpy(names + int(rng.integers(templates)) * (len(points) // templates))]


def build_labelled(rows: list[Row], data: Path, narrowing: Narrowing, features: Features) -> Labelled:
    """LABELLED of the labelled photos that are not set aside (seed 0)."""
    photos = labelled_photos(rows)
    names = sorted({label for row in rows for label in row.get("labels", ())})
    chinese = pairs.class_names(data)
    points = {"en": name_points(names, "en", features)}
    known = [chinese[n] for n in names if n in chinese]
    vectors = name_points(known, "zh", features).view(len(TEMPLATES["zh"]), len(known), -1)
    whole = torch.full((len(TEMPLATES["zh"]), len(names), vectors.shape[-1]), float("nan"))
    whole[:, torch.tensor([n in chinese for n in names])] = vectors
    points["zh"] = whole.flatten(0, 1)
    place = {name: i for i, name in enumerate(names)}
    labels = [[place[label] for label in row["labels"][:3]] for row in photos]
    return Labelled(see(photos, plain_view, 0, narrowing, features), labels, points)


def labelled_photos(rows: list[Row]) -> list[Row]:
    """The draw of labelled photos; ADE20K's are captioned and left to the captions."""
    free = {r["file"] for r in split_photos(rows)[0]}
    known = [r for r in rows if r.get("labels") and r["file"] in free and not r["file"].startswith("ade20k")]
    return random.Random(0).sample(known, min(LABELLED, len(known)))


def name_points(names: list[str], language: str, features: Features) -> Tensor:
    """Pooled vectors of all names in all templates, template after template, [templates * names, 384]."""
    return features.text_points([template.format(name) for template in TEMPLATES[language] for name in names])


def parallel_points(data: Path, features: Features) -> tuple[Tensor, Tensor]:
    """English and Chinese vectors of sentences and words that mean the same (seed 0), [n, 384] each."""
    cells = list(pairs.parallel_texts(data))
    sentences = [c for c in cells if c[2] == "sentence" and len(c[0]) < 70]
    words = [c for c in cells if c[2] == "dictionary" and len(c[0]) <= 20 and len(c[1]) <= 4 and "(" not in c[0]]
    rng = random.Random(0)
    chosen = rng.sample(sentences, min(SENTENCES, len(sentences))) + rng.sample(words, min(WORDS, len(words)))
    english, chinese = ([c[side] for c in chosen] for side in (0, 1))
    return features.text_points(english), features.text_points(chinese)
