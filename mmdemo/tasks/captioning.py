"""Captioning: a picture becomes a sentence, word by word, in English or Chinese.

A small Transformer decoder (Vaswani et al. 2017, arXiv 1706.03762). Each word asks the words before it, then the places
of the picture as the frozen image tower describes them: the weights of the second question are where the word was read
from, as in Show, Attend and Tell (Xu et al. 2015, arXiv 1502.03044). One network for both languages: the first token
says which, and carries what the matching head knows of the picture as a whole. The words' vectors are read in and
answered with by the same matrix (Press and Wolf 2017, arXiv 1608.05859).
Read next: `caption_words.py`, `caption_search.py`, `training/recipes/captioning.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.attention_layers import MultiHeadAttention
from mmdemo.tasks.base import Task
from mmdemo.tasks.caption_words import CaptionWords

KeysValues = tuple[Tensor, Tensor]  # by head, [B, H, N, D/H] each
LONGEST = 40  # tokens of a caption, the sign of its language counted


@dataclass(frozen=True)
class ReadPicture:
    """P pictures as the decoder asks them, made once.

    Args:
        places: keys and values of the N places, one pair a layer.
        whole: [P, D], added to the first token.
    """

    places: list[KeysValues]
    whole: Tensor

    def __len__(self) -> int:
        return len(self.whole)


@dataclass(frozen=True)
class Decoded:
    """What the decoder says after each of T tokens.

    Args:
        hidden: [B, T, D]; `Captioning.logits` makes words of it.
        attention: [B, T, N] over the places, mean of all layers and heads; each row sums to 1.
        past: keys and values of all words so far, one pair a layer.
    """

    hidden: Tensor
    attention: Tensor
    past: list[KeysValues]


class DecoderLayer(nn.Module):
    """Words ask the words before them, then the places of the picture, then each by itself goes through an MLP.

    Normalised before each of the three and added after (pre-LN: Xiong et al. 2020, arXiv 2002.04745).
    """

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.words, self.places = (MultiHeadAttention(width, heads) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.inner, self.outer = nn.Linear(width, inner), nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, earlier: KeysValues | None, places: KeysValues, mask: Tensor
    ) -> tuple[Tensor, Tensor, KeysValues]:
        """Words [B, T, D] after `earlier` ones -> the same shape, weights over places [B, T, N], keys and values.

        Args:
            places: of P pictures; B / P captions in a row belong to one.
            mask: [T, T_past + T], which words each may ask.
        """
        b, t, d = x.shape
        normed = self.norms[0](x)
        key, value = self.words.project(normed)
        if earlier:
            key, value = torch.cat([earlier[0], key], 2), torch.cat([earlier[1], value], 2)
        x = x + self.dropout(self.words.attend(normed, key, value, mask)[0])
        pictures, every = len(places[0]), torch.ones(1, dtype=torch.bool, device=x.device)
        queries = self.norms[1](x).view(pictures, -1, d)  # captions of one picture side by side: no key is copied
        gathered, weights = self.places.attend(queries, *places, every)
        x = x + self.dropout(gathered.view(b, t, d))
        x = x + self.dropout(self.outer(F.gelu(self.inner(self.norms[2](x)))))
        return x, weights.mean(1).view(b, t, -1), (key, value)


class Captioning(Task):
    """The decoder.

    Args:
        vocab: words as `CaptionWords` takes them.
        image_width: of the tower's tokens.
        whole_width: of the matching head's vector of the picture.
        width: D. heads: H. layers: L. inner: of the MLPs.
        dropout: in training only.
    """

    labels: dict[str, tuple[str, ...]] = {}

    def __init__(
        self, vocab: Sequence[str], image_width: int = 1280, whole_width: int = 1024, width: int = 256, heads: int = 8,
        layers: int = 2, inner: int = 512, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.vocabulary, self.width = CaptionWords(vocab), width
        self.place, self.place_norm = nn.Linear(image_width, width), nn.LayerNorm(width)
        self.whole = nn.Linear(whole_width, width)
        self.word = nn.Embedding(len(vocab), width)
        self.position = nn.Embedding(LONGEST, width)
        self.layers = nn.ModuleList(DecoderLayer(width, heads, inner, dropout) for _ in range(layers))
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)
        for table in (self.word, self.position):
            nn.init.normal_(table.weight, std=0.02)

    def read_picture(self, tokens: Tensor, whole: Tensor, grid: tuple[int, int]) -> ReadPicture:
        """P pictures.

        Args:
            tokens: [P, N, image_width], the places of an (h, w) grid.
            whole: [P, whole_width], unit vectors.
            grid: (h, w), N = h * w.
        """
        places = self.place_norm(self.place(tokens)) + grid_positions(*grid, self.width).to(tokens.device)
        places = self.dropout(places)  # [P, N, D]
        return ReadPicture([layer.places.project(places) for layer in self.layers], self.whole(whole))

    def decode(self, words: Tensor, picture: ReadPicture, past: list[KeysValues] | None = None) -> Decoded:
        """Words [B, T], after those of `past`, about P pictures; B / P captions in a row are about one of them."""
        (b, t), before = words.shape, past[0][0].shape[2] if past else 0
        x = self.word(words) + self.position.weight[before : before + t]  # [B, T, D]
        if not past:
            x = x + F.pad(picture.whole.repeat_interleave(b // len(picture), 0).unsqueeze(1), (0, 0, 0, t - 1))
        x = self.dropout(x)
        mask = torch.ones(t, before + t, dtype=torch.bool, device=words.device).tril(before)
        attention, now = [], []
        for i, layer in enumerate(self.layers):
            x, weights, asked = layer(x, past[i] if past else None, picture.places[i], mask)
            attention.append(weights)
            now.append(asked)
        return Decoded(self.norm(x), torch.stack(attention).mean(0), now)

    def logits(self, hidden: Tensor, sayable: Tensor) -> Tensor:
        """[..., D] -> [..., V_l] of the words that may be said, those of one language."""
        return hidden @ self.word.weight[sayable].T

    def loss(self, words: Tensor, picture: ReadPicture, language: str, smoothing: float = 0.0) -> Tensor:
        """Cross-entropy of every next word and of the end, those that the list does not hold left out.

        Args:
            words: [B, T] from the sign of the language to [END], padded.
            smoothing: share of the target that all sayable words get alike (Szegedy et al. 2016, arXiv 1512.00567).
        """
        logits, target, _ = self._next(words, picture, language)
        return F.cross_entropy(logits, target, label_smoothing=smoothing)

    def log_probability(self, words: Tensor, picture: ReadPicture, language: str) -> Tensor:
        """Of each caption as a whole, [B]: the sum over its words and its end."""
        logits, target, row = self._next(words, picture, language)
        each = -F.cross_entropy(logits, target, reduction="none")
        return each.new_zeros(len(words)).index_add(0, row, each)

    def _next(self, words: Tensor, picture: ReadPicture, language: str) -> tuple[Tensor, Tensor, Tensor]:
        """Of all M sayable words after the first: logits [M, V_l], which one it is [M], which caption's [M]."""
        sayable = self.vocabulary.sayable(language).to(words.device)
        following = words[:, 1:]
        asked = torch.isin(following, sayable)
        logits = self.logits(self.decode(words[:, :-1], picture).hidden[asked], sayable)
        return logits.float(), torch.searchsorted(sayable, following[asked]), asked.nonzero()[:, 0]


def grid_positions(h: int, w: int, width: int) -> Tensor:
    """Where each place lies, as sines and cosines of its row and its column in [0, 1]; any grid, [h * w, width].

    A quarter of the numbers each: sin, cos of the row, sin, cos of the column, at frequencies from half a turn over the
    picture to 16 turns.
    """
    turns = math.pi * 2 ** torch.linspace(0, 5, width // 4)  # [width / 4]
    rows, columns = ((torch.arange(n) + 0.5) / n for n in (h, w))
    row, column = (torch.cat([(p[:, None] * turns).sin(), (p[:, None] * turns).cos()], 1) for p in (rows, columns))
    return torch.cat([row[:, None].expand(h, w, -1), column[None].expand(h, w, -1)], -1).flatten(0, 1)
