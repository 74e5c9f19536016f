"""What flows between the models: layouts, batches, token sets, and what a fusion gives.

Read next: `results.py`, `encoders/base.py`, `fusion/base.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.types.require import require


@dataclass(frozen=True)
class ImageLayout:
    """How one picture became tokens, so that a token can be drawn back on the picture.

    Args:
        grid: (h, w), the patch grid; token `prefix + row * w + column` is the patch at (row, column).
        size: (height, width) of the picture as it was given, in pixels.
        box: (left, top, right, bottom), the part of the picture the network saw, in the picture's pixels.
        prefix: tokens before the first patch (a class token, say).
    """

    grid: tuple[int, int]
    size: tuple[int, int]
    box: tuple[float, float, float, float]
    prefix: int = 0


@dataclass(frozen=True)
class TextLayout:
    """How one text became tokens, so that a token's weight can be given to its word.

    Args:
        text: the text as it was given.
        tokens: the N strings the network reads, special and padding tokens included.
        word_ids: for each token the index of its word, or None for special and padding tokens.
        words: the words in reading order, the same for every tower: English words, Chinese words, punctuation marks.
        cut_tokens: how many tokens at the end did not fit; 0 when the whole text was read.
        unread: indices of the words in which the tower met something that it has no token for.
        shared: (token, word, part) of each token that reaches over several words; the parts of a token sum to 1.
        unread_units: of those words the English words, single Chinese characters and marks that it has no token for.
        used: tokens of the whole text, marks at its ends and what was cut included; 0 where `tokens` holds no padding,
            so that they and `cut_tokens` say it.
    """

    text: str
    tokens: tuple[str, ...]
    word_ids: tuple[int | None, ...]
    words: tuple[str, ...]
    cut_tokens: int = 0
    unread: tuple[int, ...] = ()
    shared: tuple[tuple[int, int, float], ...] = ()
    unread_units: tuple[str, ...] = ()
    used: int = 0

    def __post_init__(self) -> None:
        require(len(self.tokens) == len(self.word_ids), f"{len(self.tokens)} word ids", len(self.word_ids))

    @property
    def token_count(self) -> int:
        """Tokens of the whole text, marks at its ends included; of one alone (`TokenSet.item`)."""
        return self.used or len(self.tokens) + self.cut_tokens

    def parts(self) -> tuple[tuple[int, int, float], ...]:
        """(token, word, part) of every token of a word; 1 but for those of `shared`."""
        over = {token for token, *_ in self.shared}
        whole = ((i, word, 1.0) for i, word in enumerate(self.word_ids) if word is not None and i not in over)
        return (*whole, *self.shared)


@dataclass(frozen=True)
class Batch:
    """What an encoder's `prepare` makes of B items: named tensors for its `forward`, and one layout an item."""

    tensors: dict[str, Tensor]
    layout: tuple[ImageLayout, ...] | tuple[TextLayout, ...]

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on another device."""
        return Batch({name: t.to(device) for name, t in self.tensors.items()}, self.layout)

    def layouts(self, count: int) -> tuple[Any, ...]:
        """The layouts of `count` items: its own, or its one item's again and again."""
        return self.layout if len(self.layout) == count else self.layout * count

    def split(self, count: int) -> "list[Batch]":
        """The same items in `count` batches of about equal size, in their order."""
        ends = [len(self.layout) * i // count for i in range(count + 1)]
        parts = (slice(*pair) for pair in pairwise(ends))
        return [Batch({name: t[part] for name, t in self.tensors.items()}, self.layout[part]) for part in parts]

    @staticmethod
    def join(batches: "Sequence[Batch]") -> "Batch":
        """Batches of equal item shapes, one after the other."""
        names = batches[0].tensors
        tensors = {name: torch.cat([b.tensors[name] for b in batches]) for name in names}
        return Batch(tensors, tuple(layout for b in batches for layout in b.layout))


# rows of a matrix at least, where a text's last digits are not to hang on which texts are read with it: fewer are
# multiplied by other kernels (found with MKL on AVX-512: 1, 2 to 15, and from 16 on; `tests/engine/test_company.py`)
FEWEST = 16


def mean_pool(tokens: Tensor, mask: Tensor) -> Tensor:
    """Mean over the real tokens. tokens [B, N, D], mask [B, N] -> [B, D]; zeros where no token is real."""
    weights = mask.unsqueeze(-1).to(tokens.dtype)  # [B, N, 1]
    return (tokens * weights).sum(1) / weights.sum(1).clamp_min(1.0)


@dataclass(frozen=True)
class TokenSet:
    """What an encoder gives for B pictures or texts.

    Args:
        tokens: [B, N, D], one vector per patch or text token.
        mask: [B, N] bool, True = a real token, False = padding.
        pooled: [B, D], one raw vector per item (not normalised).
        layout: one `ImageLayout` or `TextLayout` per item.
        attentions: None, or one [B, H, N, N] per layer, rows summing to 1 over real tokens.
        pool: how this tower makes one vector of its tokens, (tokens [B, N, D], mask [B, N]) -> [B, D]: their mean, or
            what a class token gathered. With fewer tokens real, it pools those.

    Attributes:
        made: what heads made of these very tokens, by name, so that they need not make it again; goes when they go.
    """

    tokens: Tensor
    mask: Tensor
    pooled: Tensor
    layout: tuple[ImageLayout, ...] | tuple[TextLayout, ...]
    attentions: tuple[Tensor, ...] | None = None
    pool: Callable[[Tensor, Tensor], Tensor] = mean_pool
    made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require(self.tokens.ndim == 3, "tokens [B, N, D]", tuple(self.tokens.shape))
        b, n, _ = self.tokens.shape
        require(self.mask.shape == (b, n), f"mask [{b}, {n}]", tuple(self.mask.shape))
        require(self.mask.dtype == torch.bool, "a bool mask", self.mask.dtype)
        require(self.pooled.ndim == 2 and len(self.pooled) == b, f"pooled [{b}, D]", tuple(self.pooled.shape))
        require(len(self.layout) == b, f"{b} layouts", len(self.layout))
        for a in self.attentions or ():
            require(a.ndim == 4 and a.shape[0] == b and a.shape[2:] == (n, n), f"[{b}, H, {n}, {n}]", tuple(a.shape))

    @staticmethod
    def of_vectors(vectors: Tensor, layout: tuple | None = None) -> "TokenSet":
        """One token an item, [B, D] -> tokens [B, 1, D], all real; without `layout` where nobody will ask for it."""
        mask = torch.ones(len(vectors), 1, dtype=torch.bool, device=vectors.device)
        return TokenSet(vectors.unsqueeze(1), mask, vectors, layout or (None,) * len(vectors))

    @staticmethod
    def join(items: "Sequence[TokenSet]") -> "TokenSet":
        """Several token sets of one width one after the other, padded to the longest; attentions are left out."""
        longest = max(t.tokens.shape[1] for t in items)
        room = [longest - t.tokens.shape[1] for t in items]
        tokens = torch.cat([F.pad(t.tokens, (0, 0, 0, n)) for t, n in zip(items, room, strict=True)])
        mask = torch.cat([F.pad(t.mask, (0, n)) for t, n in zip(items, room, strict=True)])
        layout = tuple(one for t in items for one in t.layout)
        return TokenSet(tokens, mask, torch.cat([t.pooled for t in items]), layout, pool=items[0].pool)

    def select(self, index: Tensor) -> "TokenSet":
        """The items of `index` [n], in its order; attentions are left out."""
        layout = tuple(self.layout[i] for i in index.tolist())
        return TokenSet(self.tokens[index], self.mask[index], self.pooled[index], layout, pool=self.pool)

    def with_tokens(self, tokens: Tensor, mask: Tensor | None = None) -> "TokenSet":
        """The same items with other tokens (or fewer real ones), pooled anew."""
        mask = self.mask if mask is None else mask
        return replace(self, tokens=tokens, mask=mask, pooled=self.pool(tokens, mask))

    def item(self, i: int) -> "TokenSet":
        """Item i alone (B = 1), without the padding at its end."""
        layout = self.layout[i]
        n = self.mask.shape[1]
        if isinstance(layout, TextLayout):
            n = int(self.mask[i].sum())
            layout = replace(layout, tokens=layout.tokens[:n], word_ids=layout.word_ids[:n])
        one = slice(i, i + 1)
        attentions = None if self.attentions is None else tuple(a[one, :, :n, :n] for a in self.attentions)
        return TokenSet(self.tokens[one, :n], self.mask[one, :n], self.pooled[one], (layout,), attentions, self.pool)


TokenPair = tuple[TokenSet | None, TokenSet | None]  # a picture and a text as towers read them; None = missing


@dataclass(frozen=True)
class FusionOutput:
    """What a fusion gives: one joint vector per pair, and the attention between the sides.

    Args:
        joint: [B, D].
        attention: by direction: "text_to_image" is [B, H, Nt, Ni] (queries are text, keys are image), rows summing
            to 1 over real keys. Empty for fusions without attention.
    """

    joint: Tensor
    attention: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(self.joint.ndim == 2, "joint [B, D]", tuple(self.joint.shape))
        for name, a in self.attention.items():
            require(a.ndim == 4 and len(a) == len(self.joint), f"{name} [B, H, Nq, Nk]", tuple(a.shape))


@dataclass(frozen=True)
class LastAttention:
    """The last attention of a transformer tower: that of the one token which becomes the pooled vector.

    All heads stand side by side: D = heads times their width.

    Args:
        query: [1, D], what that token asked.
        keys: [1, N, D], what every token answered to.
        values: [1, N, D], what every token had to give.
        gathered: [1, M, D], the values summed by softmax weights, before the output matrix, for all M tokens that
            asked; the pooled vector hangs on it.
        token: which of the M.
    """

    query: Tensor
    keys: Tensor
    values: Tensor
    gathered: Tensor
    token: int = 0

    def __post_init__(self) -> None:
        b, _, d = self.keys.shape
        require(self.values.shape == self.keys.shape, f"values {tuple(self.keys.shape)}", tuple(self.values.shape))
        require(self.query.shape == (b, d), f"query [{b}, {d}]", tuple(self.query.shape))
        require(self.gathered.ndim == 3 and self.gathered.shape[2] == d, f"gathered [{b}, M, {d}]", self.gathered.shape)
