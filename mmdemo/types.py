"""What flows between the rooms: token sets, fusion outputs and the results a person sees.

All are frozen dataclasses that check their shapes when they are made, so that a mistake stops where it happens.
Letters: B batch, N tokens, D width, H heads, C classes, K candidate texts, (h, w) patch grid, (height, width) pixels.
Read next: `encoders/base.py`, `fusion/base.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from mmdemo.errors import ShapeError


def _require(holds: bool, expected: str, came: object) -> None:
    if not holds:
        raise ShapeError(f"Expected {expected}; got {came}.")


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
        words: the words in reading order: English words, single Chinese characters, punctuation marks.
        cut_tokens: how many tokens at the end did not fit; 0 when the whole text was read.
    """

    text: str
    tokens: tuple[str, ...]
    word_ids: tuple[int | None, ...]
    words: tuple[str, ...]
    cut_tokens: int = 0

    def __post_init__(self) -> None:
        _require(len(self.tokens) == len(self.word_ids), f"{len(self.tokens)} word ids", len(self.word_ids))


@dataclass(frozen=True)
class Batch:
    """What an encoder's `prepare` makes of B items: named tensors for its `forward`, and one layout an item."""

    tensors: dict[str, Tensor]
    layout: tuple[ImageLayout, ...] | tuple[TextLayout, ...]

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on another device."""
        return Batch({name: t.to(device) for name, t in self.tensors.items()}, self.layout)

    @staticmethod
    def join(batches: "Sequence[Batch]") -> "Batch":
        """Batches of equal item shapes, one after the other."""
        names = batches[0].tensors
        tensors = {name: torch.cat([b.tensors[name] for b in batches]) for name in names}
        return Batch(tensors, tuple(layout for b in batches for layout in b.layout))


@dataclass(frozen=True)
class TokenSet:
    """What an encoder gives for B pictures or texts.

    Args:
        tokens: [B, N, D], one vector per patch or text token.
        mask: [B, N] bool, True = a real token, False = padding.
        pooled: [B, D], one raw vector per item (not normalised).
        layout: one `ImageLayout` or `TextLayout` per item.
        attentions: None, or one [B, H, N, N] per layer, rows summing to 1 over real tokens.
    """

    tokens: Tensor
    mask: Tensor
    pooled: Tensor
    layout: tuple[ImageLayout, ...] | tuple[TextLayout, ...]
    attentions: tuple[Tensor, ...] | None = None

    def __post_init__(self) -> None:
        _require(self.tokens.ndim == 3, "tokens [B, N, D]", tuple(self.tokens.shape))
        b, n, _ = self.tokens.shape
        _require(self.mask.shape == (b, n), f"mask [{b}, {n}]", tuple(self.mask.shape))
        _require(self.mask.dtype == torch.bool, "a bool mask", self.mask.dtype)
        _require(self.pooled.ndim == 2 and len(self.pooled) == b, f"pooled [{b}, D]", tuple(self.pooled.shape))
        _require(len(self.layout) == b, f"{b} layouts", len(self.layout))
        for a in self.attentions or ():
            _require(a.ndim == 4 and a.shape[0] == b and a.shape[2:] == (n, n), f"[{b}, H, {n}, {n}]", tuple(a.shape))

    def with_tokens(self, tokens: Tensor, mask: Tensor | None = None) -> "TokenSet":
        """The same items with other tokens (or fewer real ones), pooled anew as the mean over the real ones."""
        mask = self.mask if mask is None else mask
        return replace(self, tokens=tokens, mask=mask, pooled=mean_pool(tokens, mask))

    def item(self, i: int) -> "TokenSet":
        """Item i alone (B = 1), without the padding at its end."""
        layout = self.layout[i]
        n = self.mask.shape[1]
        if isinstance(layout, TextLayout):
            n = int(self.mask[i].sum())
            layout = replace(layout, tokens=layout.tokens[:n], word_ids=layout.word_ids[:n])
        one = slice(i, i + 1)
        attentions = None if self.attentions is None else tuple(a[one, :, :n, :n] for a in self.attentions)
        return TokenSet(self.tokens[one, :n], self.mask[one, :n], self.pooled[one], (layout,), attentions)


def mean_pool(tokens: Tensor, mask: Tensor) -> Tensor:
    """Mean over the real tokens. tokens [B, N, D], mask [B, N] -> [B, D]; zeros where no token is real."""
    weights = mask.unsqueeze(-1).to(tokens.dtype)  # [B, N, 1]
    return (tokens * weights).sum(1) / weights.sum(1).clamp_min(1.0)


@dataclass(frozen=True)
class FusionOutput:
    """What a fusion gives: one joint vector per pair, and where each side looked in the other.

    Args:
        joint: [B, D].
        attention: by direction: "text_to_image" is [B, H, Nt, Ni] (queries are text, keys are image), rows summing
            to 1 over real keys. Empty for fusions without attention.
    """

    joint: Tensor
    attention: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(self.joint.ndim == 2, "joint [B, D]", tuple(self.joint.shape))
        for name, a in self.attention.items():
            _require(a.ndim == 4 and len(a) == len(self.joint), f"{name} [B, H, Nq, Nk]", tuple(a.shape))


@dataclass(frozen=True)
class MatchingResult:
    """How well each of K texts fits one picture.

    Args:
        texts: the K texts, in the order given.
        similarity: [K] cosines in [-1, 1].
        probability: [K] in [0, 1]: calibrated, each text by itself; they need not sum to 1.
        share: [K] softmax over the candidates, summing to 1; None when there is one text, for then it says nothing.
        percentile: [K] in [0, 100]: share of unmatched validation pairs with a lower cosine.
        cut_tokens: [K] tokens at the end of each text that the network did not read.
    """

    texts: tuple[str, ...]
    similarity: np.ndarray
    probability: np.ndarray
    share: np.ndarray | None
    percentile: np.ndarray
    cut_tokens: tuple[int, ...]

    def __post_init__(self) -> None:
        k = (len(self.texts),)
        for name in ("similarity", "probability", "percentile"):
            _require(getattr(self, name).shape == k, f"{name} of shape {k}", getattr(self, name).shape)
        _require((self.share is None) == (k[0] == 1), "share only with two texts or more", self.share)
        _require(len(self.cut_tokens) == k[0], f"{k[0]} token counts", len(self.cut_tokens))


@dataclass(frozen=True)
class SentimentResult:
    """The feeling of a picture, of a text, and of both together.

    Args:
        labels: class names, in the order of all probabilities.
        probabilities: [C] verdict on what was given; equals the single side's verdict when one side is missing.
        image_only: [C] or None without a picture.
        text_only: [C] or None without a text.
        note: "disagree" when the two sides name different labels, otherwise "".
    """

    labels: tuple[str, ...]
    probabilities: np.ndarray
    image_only: np.ndarray | None
    text_only: np.ndarray | None
    note: str = ""

    def __post_init__(self) -> None:
        c = (len(self.labels),)
        for p in (self.probabilities, self.image_only, self.text_only):
            _require(p is None or (p.shape == c and abs(p.sum() - 1) < 1e-3), f"probabilities {c} summing to 1", p)

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]


@dataclass(frozen=True)
class Explanation:
    """Where in the picture and on which words an answer rests, according to one method.

    Args:
        patch_map: [h, w] float32, one value a patch.
        image_map: [height, width] float32 in the original picture's pixels, >= 0; 0 where the network saw nothing.
        word_weights: (word, weight) in reading order.
        method: the method's file name ("cross_attention", "gradcam").
        signed: True when word weights below 0 mean "against"; maps of unsigned methods are all >= 0.
        word: index of the word explained, or None for the whole text.
    """

    patch_map: np.ndarray
    image_map: np.ndarray
    word_weights: tuple[tuple[str, float], ...]
    method: str
    signed: bool
    word: int | None = None

    def __post_init__(self) -> None:
        _require(self.patch_map.ndim == 2, "patch_map [h, w]", self.patch_map.shape)
        _require(self.image_map.ndim == 2, "image_map [height, width]", self.image_map.shape)
        _require(bool(np.isfinite(self.image_map).all() and (self.image_map >= 0).all()), "image_map >= 0", "less")


@dataclass(frozen=True)
class MatchBackground:
    """Histogram of validation cosines: where a new pair stands among matched and unmatched pairs.

    Args:
        edges: [n + 1] rising cosines, the borders of n bins.
        matched: [n] share of true (photo, caption) pairs in each bin, summing to 1.
        unmatched: [n] share of (photo, another photo's caption) pairs in each bin, summing to 1.
        source: data set, split and count, in words.
    """

    edges: np.ndarray
    matched: np.ndarray
    unmatched: np.ndarray
    source: str

    def __post_init__(self) -> None:
        n = len(self.edges) - 1
        _require(self.matched.shape == self.unmatched.shape == (n,), f"{n} bins", self.matched.shape)

    def percentile(self, similarity: np.ndarray) -> np.ndarray:
        """Share of unmatched pairs below each cosine, in [0, 100]; linear inside a bin. [K] -> [K]."""
        below = np.concatenate([[0.0], np.cumsum(self.unmatched)])
        return 100.0 * np.interp(similarity, self.edges, below)


@dataclass(frozen=True)
class EngineStatus:
    """What the engine runs on and with, for an "About" page.

    Args:
        device: "cpu", "cuda" or "mps".
        offline: True when nothing may be fetched.
        cards: the card of every model in weights/, as read from its card.json.
        last_call: (method name, milliseconds) of the last call, or None before the first.
        versions: package name -> version.
    """

    device: str
    offline: bool
    cards: tuple[dict, ...]
    last_call: tuple[str, float] | None
    versions: dict[str, str]
