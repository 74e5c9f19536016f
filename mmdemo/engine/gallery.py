"""A gallery's vectors, and exact search through them: each query against all, block by block.

The vectors have length 1, so a matrix product is every cosine at once: a million photos of 1,024 numbers are 2 GB in
float16 and one pass over memory a query. Read next: `index_files.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from mmdemo.errors import InputError
from mmdemo.types import GalleryMap, Hit, Recall

BLOCK = 16_384  # vectors of one product: 32 MB of float16 at 1,024 numbers, and its floats beside it
KS = (1, 5, 10)

Encode = Callable[[Sequence[Any]], np.ndarray]


def nearest(queries: np.ndarray, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k most similar of N vectors to each of Q queries, exactly.

    Args:
        queries: [Q, D] unit vectors.
        vectors: [N, D] unit vectors, float16 or float32; may lie on disk (`np.memmap`).
        k: at least 1; fewer come where N is smaller.

    Returns:
        similarities [Q, k] float32, falling, and places [Q, k] int64; of equals the first comes first.
    """
    asked, k = torch.from_numpy(np.ascontiguousarray(queries, np.float32)), min(k, len(vectors))
    best = torch.empty(len(asked), 0), torch.empty(len(asked), 0, dtype=torch.int64)
    for start in range(0, len(vectors), BLOCK):
        block = torch.from_numpy(np.array(vectors[start : start + BLOCK])).float()  # [b, D], copied off the disk
        scores, places = (asked @ block.T).topk(min(k, len(block)), dim=1)  # [Q, k]
        both = torch.cat([best[0], scores], 1), torch.cat([best[1], places + start], 1)
        order = both[0].sort(dim=1, descending=True, stable=True).indices[:, :k]
        best = both[0].gather(1, order), both[1].gather(1, order)
    return best[0].numpy(), best[1].numpy()


@dataclass(frozen=True)
class Index:
    """A gallery that can be searched.

    Args:
        names: of its N photos.
        vectors: [N, D] unit vectors.
        model: the row of the table whose towers made them.
        encode_images, encode_texts: B pictures or K texts -> unit vectors in the same space.
    """

    names: tuple[str, ...]
    vectors: np.ndarray
    model: str
    encode_images: Encode
    encode_texts: Encode

    def __len__(self) -> int:
        return len(self.names)

    def query(
        self, image: Image.Image | None = None, text: str = "", without: str = "", weight: float = 0.5
    ) -> np.ndarray:
        """The unit vector [D] of a question: q = unit(w * text + (1 - w) * photo - w * what it should be without).

        With one side alone its weight is 1.

        Raises:
            InputError: neither a photo nor a text was given. ImageError, TextError: one of them cannot be used.
        """
        if image is None and not text.strip():
            raise InputError("Expected a photo or a text to search with; got neither.", "query_missing")
        share = weight if image is not None and text.strip() else 1.0
        parts = []
        if image is not None:
            parts.append((1 - share if text.strip() else 1.0) * self.encode_images([image])[0])
        if text.strip():
            parts.append(share * self.encode_texts([text])[0])
        if without.strip():
            parts.append(-weight * self.encode_texts([without])[0])
        return F.normalize(torch.from_numpy(np.sum(parts, 0)), dim=0).numpy()

    def search(self, query: str | Image.Image | np.ndarray, k: int = 10) -> list[Hit]:
        """The k photos nearest to a text, a photo or a vector of `query`, best first."""
        if isinstance(query, str):
            query = self.query(text=query)
        elif isinstance(query, Image.Image):
            query = self.query(query)
        scores, places = nearest(query[None], self.vectors, k)
        pairs = zip(places[0].tolist(), scores[0].tolist(), strict=True)
        return [Hit(place, self.names[place], score) for place, score in pairs]


def recall(similarity: np.ndarray, own: np.ndarray) -> Recall:
    """Recall at 1, 5, 10 and the median rank of Q queries over N candidates.

    Args:
        similarity: [Q, N].
        own: [Q, N] bool, which candidates are a query's own; every row has one.
    """
    best = np.where(own, similarity, -np.inf).max(1, keepdims=True)  # the own item that comes first
    ranks = 1 + ((similarity > best) & ~own).sum(1)  # [Q], from 1; equals do not count against it
    n, mine = own.shape[1], own.sum(1)
    chance = {k: float(np.mean([_blind(n, m, k) for m in mine])) for k in KS}
    return Recall({k: float((ranks <= k).mean()) for k in KS}, float(np.median(ranks)), len(ranks), chance)


def _blind(n: int, own: int, k: int) -> float:
    """Chance that one of `own` among n is within the first k of a blind order: 1 - C(n - own, k) / C(n, k)."""
    missed = 1.0
    for i in range(min(k, n)):
        missed *= max(n - own - i, 0) / (n - i)
    return 1 - missed


def flat_map(photos: np.ndarray, texts: np.ndarray, close: bool = False) -> GalleryMap:
    """Both sides in the plane of their two principal components (Pearson 1901; Hotelling 1933).

    Photos and texts of a dual encoder lie in two cones: the modality gap (Liang et al. 2022, arXiv 2203.02053).

    Args:
        photos: [N, D] unit vectors.
        texts: [K, D] unit vectors.
        close: take each side's mean off first.
    """
    sides = [torch.from_numpy(np.asarray(side, np.float32)) for side in (photos, texts)]
    means = [side.mean(0) if len(side) else torch.zeros(side.shape[1]) for side in sides]
    gap = float((means[0] - means[1]).norm()) if all(map(len, sides)) else 0.0
    if close:
        sides = [side - mean for side, mean in zip(sides, means, strict=True)]
    both = torch.cat(sides)
    centred = both - both.mean(0)
    _, spread, axes = torch.linalg.svd(centred, full_matrices=False)  # axes [min(N + K, D), D]
    flat = _upright(centred @ axes[:2].T)
    flat = F.pad(flat, (0, 2 - flat.shape[1]))  # one item alone has no plane
    explained = float((spread[:2] ** 2).sum() / (spread**2).sum().clamp_min(1e-12))
    return GalleryMap(flat[: len(photos)].numpy(), flat[len(photos) :].numpy(), explained, gap, close)


def _upright(flat: Tensor) -> Tensor:
    """The sign of a component is arbitrary: the farthest point of each lies on its positive side."""
    if not len(flat):
        return flat
    far = flat.gather(0, flat.abs().argmax(0, keepdim=True))  # [1, 2]
    return flat * torch.where(far < 0, -1.0, 1.0)
