"""What the frozen encoders say of photos and texts, computed once, so that a head trains in a minute.

Kept in float16 in a folder of the run, one file a question, under a name that changes with the encoder's weights and
the question asked: a stale file is never read. Read next: `recipes/matching.py`.
"""

import hashlib
import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmdemo.checkpoints import find
from mmdemo.encoders.base import Encoder
from mmdemo.loading import load_module, locked, read_card
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training.data.photos import Row, View, decode, plain_view, view_batches
from mmdemo.training.data.ragged import Ragged
from mmdemo.training.loop import Log, autocast, kept, training_device
from mmdemo.types import Batch, TokenSet, mean_pool

IMAGE, TEXT = "efficientnet", "e5"  # the towers that heads sit on where nobody says otherwise
Views = tuple[tuple[View, int], ...]  # ways to look at a photo, each with the seed of its crops


class TextTokens(Ragged):
    """Tokens of many texts, [sum of lengths, D] float16."""

    def batch(self, index: Tensor) -> TokenSet:
        """The texts of `index` [B], padded to the longest: tokens [B, N, D] float32, no layout strings."""
        tokens, mask = self.padded(index)
        return token_set(tokens.float() * mask.unsqueeze(-1), mask)

    def pooled(self) -> Tensor:
        """[T, D] float32, the mean over each text's tokens."""
        text = torch.repeat_interleave(torch.arange(len(self)), self.lengths)
        sums = torch.zeros(len(self), self.values.shape[1]).index_add_(0, text, self.values.float())
        return sums / self.lengths.unsqueeze(1)


@dataclass(frozen=True)
class Features:
    """Asks the frozen towers, and keeps what they say.

    Args:
        folder: where answers are kept.
        log: hears how far a long question is.
        device: of the towers.
    """

    folder: Path
    log: Log
    device: torch.device = field(default_factory=training_device)

    def file(self, encoder: str, question: object) -> Path:
        """Where the answer to a question is kept; new weights or another question give another name."""
        files = tower_files(encoder)
        key = hashlib.sha256(json.dumps([encoder, files, question], sort_keys=True, default=str).encode()).hexdigest()
        return self.folder / f"{encoder}-{key[:16]}.pt"

    @torch.no_grad()
    def photo_tokens(self, rows: Sequence[Row], view: View = plain_view, seed: int = 0, tower: str = IMAGE) -> Tensor:
        """One view of each photo through an image tower: tokens [P, N, D] float16, on disk and read as asked for."""
        path = self.file(tower, [[r["file"] for r in rows], view.__name__, seed]).with_suffix(".npy")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            self._read_photos(rows, view, seed, tower, partial)
            os.replace(partial, path)
        return torch.from_numpy(np.load(path, mmap_mode="c"))  # "c": writable in memory, never on disk

    def _read_photos(self, rows: Sequence[Row], view: View, seed: int, tower: str, path: Path) -> None:
        encoder, done = load_module(tower, self.device), 0
        h, w = encoder.grid()
        shape = (len(rows), h * w, encoder.width)
        out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
        for pixels in _pixels(encoder, tower, rows, view, seed):
            with autocast(self.device):
                tokens = encoder.tokens(pixels.to(self.device))  # [B, N, D]
            out[done : done + len(tokens)] = tokens.half().cpu().numpy()
            done += len(tokens)
            if done % 1280 == 0:
                self.log(features=tower, view=view.__name__, seed=seed, photos=done, of=len(rows))
        out.flush()

    def photo_vectors(self, rows: Sequence[Row], view: View = plain_view, seed: int = 0, tower: str = IMAGE) -> Tensor:
        """The pooled vectors of `photo_tokens`, [P, D] float16, kept apart: they take an eightieth of it."""

        def ask() -> Tensor:
            tokens = self.photo_tokens(rows, view, seed, tower)
            return torch.cat([chunk.float().mean(1).half() for chunk in tokens.split(256)])

        return kept(self.file(tower, [[r["file"] for r in rows], view.__name__, seed, "pooled"]), ask)

    def text_tokens(self, texts: Sequence[str], tower: str = TEXT) -> TextTokens:
        """Every text through a text tower."""
        read = kept(self.file(tower, list(texts)), lambda: self._read_texts(texts, tower))
        return TextTokens(read["tokens"], read["starts"])

    @torch.no_grad()
    def _read_texts(self, texts: Sequence[str], tower: str) -> dict[str, Tensor]:
        encoder: Encoder = load_module(tower, self.device)
        order = sorted(set(texts), key=len)  # equal texts are read once, texts of like length together
        tokens: dict[str, Tensor] = {}
        for start in range(0, len(order), 128):
            chunk = order[start : start + 128]
            batch: Batch = encoder.prepare(chunk).to(self.device)
            with autocast(self.device):
                said = encoder(batch)
            tokens.update({text: t[m].half().cpu() for text, t, m in zip(chunk, said.tokens, said.mask, strict=True)})
            if start % 12800 == 0:
                self.log(features=tower, texts=start + len(chunk), of=len(order))
        answer = TextTokens.of([tokens[text] for text in texts])
        return {"tokens": answer.values, "starts": answer.starts}

    def text_points(self, texts: Sequence[str], tower: str = TEXT) -> Tensor:
        """The pooled vector of every text, [T, D] float32; kept apart from the tokens, which take ten times as much."""
        return kept(self.file(tower, [list(texts), "pooled"]), lambda: self.text_tokens(texts, tower).pooled())


def tower_files(tower: str) -> dict[str, str]:
    """Name -> sha256 of all that makes a tower what it is: of the Hub as locked, else as its card says."""
    row = find(tower)
    if row.hub:
        return {file.name: file.sha256 for file in locked(row)[1]}
    return {name: f["sha256"] for name, f in read_card(tower)["files"].items() if name != "LICENSE.txt"}


def _pixels(encoder: Encoder, tower: str, rows: Sequence[Row], view: View, seed: int) -> Iterable[Tensor]:
    """Photos in batches, [B, 3, size, size]; a tower of the Hub cuts out the viewed square as its own kind does."""
    if not find(tower).hub:
        return view_batches(rows, encoder.size, batch=64, view=view, seed=seed, threads=2)
    seen = (view(decode(row), encoder.size, random.Random(f"{seed}/{i}")) for i, row in enumerate(rows))
    parts = iter(lambda: list(islice(seen, 64)), [])
    return (encoder.prepare([Image.fromarray(one) for one in part]).tensors["pixels"] for part in parts)


class JoinedTokens:
    """Tokens of several sets of photos [P_i, N, D], read by one index over all of them; nothing is copied before."""

    def __init__(self, parts: Sequence[Tensor]) -> None:
        self.parts = list(parts)
        self.starts = torch.tensor([0, *(len(part) for part in self.parts)]).cumsum(0)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getitem__(self, index: Tensor) -> Tensor:
        """Photos [B] -> tokens [B, N, D] float32."""
        which = torch.bucketize(index, self.starts[1:], right=True).tolist()
        return torch.stack(
            [self.parts[w][i - self.starts[w]].float() for w, i in zip(which, index.tolist(), strict=True)]
        )


@torch.no_grad()
def encode_images(head: DualEncoderMatching, tokens: Tensor) -> Tensor:
    """Places [P, N, 1280] -> unit vectors [P, D]."""
    return torch.cat([head.fusion.embed_image(token_set(chunk.float())) for chunk in tokens.split(128)])


@torch.no_grad()
def encode_texts(head: DualEncoderMatching, tokens: TextTokens) -> Tensor:
    """T texts -> unit vectors [T, D]."""
    return torch.cat([head.fusion.embed_text(tokens.batch(i)) for i in torch.arange(len(tokens)).split(256)])


def token_set(tokens: Tensor, mask: Tensor | None = None) -> TokenSet:
    """A token set for training, where nobody asks for layouts. tokens [B, N, D] -> pooled as the encoders pool."""
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool) if mask is None else mask
    return TokenSet(tokens, mask, mean_pool(tokens, mask), (None,) * len(tokens))
