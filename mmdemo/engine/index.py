"""A gallery's vectors, and exact search through them: each query against all, block by block.

The vectors have length 1, so a matrix product is every cosine at once: a million photos of 1,024 numbers are 2 GB in
float16 and one pass over memory a query. Read next: `gallery.py`, `gallery_measures.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mmdemo.errors import InputError
from mmdemo.types import Hit

BLOCK = 1_024  # vectors of one product: at 1,024 numbers 2 MB of float16 and 4 MB of floats, which the cache holds

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
    import torch  # heavy; a page whose engine is elsewhere needs it for searching alone

    asked, k = torch.from_numpy(np.ascontiguousarray(queries, np.float32)), min(k, len(vectors))
    best = torch.empty(len(asked), 0), torch.empty(len(asked), 0, dtype=torch.int64)
    for start in range(0, len(vectors), BLOCK):
        block = torch.from_numpy(np.require(vectors[start : start + BLOCK], requirements="W")).float()  # [b, D]
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
        import torch

        share = weight if image is not None and text.strip() else 1.0
        parts = []
        if image is not None:
            parts.append((1 - share if text.strip() else 1.0) * self.encode_images([image])[0])
        if text.strip():
            parts.append(share * self.encode_texts([text])[0])
        if without.strip():
            parts.append(-weight * self.encode_texts([without])[0])
        return torch.nn.functional.normalize(torch.from_numpy(np.sum(parts, 0)), dim=0).numpy()

    def search(self, query: str | Image.Image | np.ndarray, k: int = 10) -> list[Hit]:
        """The k photos nearest to a text, a photo or a vector of `query`, best first."""
        if isinstance(query, str):
            query = self.query(text=query)
        elif isinstance(query, Image.Image):
            query = self.query(query)
        scores, places = nearest(query[None], self.vectors, k)
        pairs = zip(places[0].tolist(), scores[0].tolist(), strict=True)
        return [Hit(place, self.names[place], score) for place, score in pairs]
