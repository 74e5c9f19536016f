"""What the frozen encoders say of photos and texts, computed once, so that a head trains in a minute.

Kept in float16 in a folder of the run, one file a question, under a name that changes with the encoder's weights and
the question asked: a stale file is never read. Read next: `recipes/matching.py`.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmdemo.encoders.base import Encoder
from mmdemo.loading import load_module, read_card
from mmdemo.training.loop import Log, autocast
from mmdemo.training.photos import Row, View, view_batches
from mmdemo.types import Batch, TokenSet, mean_pool

IMAGE, TEXT = "efficientnet", "e5"  # the towers that heads sit on where nobody says otherwise


def cache_file(folder: Path, encoder: str, question: object) -> Path:
    """Where the answer to a question about an encoder is kept; new weights or another question give another name."""
    files = {name: f["sha256"] for name, f in read_card(encoder)["files"].items() if name != "LICENSE.txt"}
    key = hashlib.sha256(json.dumps([encoder, files, question], sort_keys=True, default=str).encode()).hexdigest()
    return folder / f"{encoder}-{key[:16]}.pt"


@torch.no_grad()
def photo_tokens(
    rows: Sequence[Row],
    view: View,
    folder: Path,
    log: Log,
    *,
    device: torch.device,
    seed: int = 0,
    tower: str = IMAGE,
) -> Tensor:
    """One view of each photo through an image tower: tokens [P, N, D] float16, kept on disk and read as asked for."""
    path = cache_file(folder, tower, [[r["file"] for r in rows], view.__name__, seed]).with_suffix(".npy")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        encoder = load_module(tower, device)
        h, w = encoder.grid()
        partial = path.with_suffix(".partial")
        shape = (len(rows), h * w, encoder.width)
        out = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=shape)
        done = 0
        for pixels in view_batches(rows, encoder.size, batch=64, view=view, seed=seed, threads=2):
            with autocast(device):
                tokens = encoder.tokens(pixels.to(device))  # [B, N, D]
            out[done : done + len(tokens)] = tokens.half().cpu().numpy()
            done += len(tokens)
            if done % 1280 == 0:
                log(features=tower, view=view.__name__, seed=seed, photos=done, of=len(rows))
        out.flush()
        os.replace(partial, path)
    return torch.from_numpy(np.load(path, mmap_mode="c"))  # "c": writable in memory, never on disk


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


def photo_vectors(rows: Sequence[Row], view: View, folder: Path, log: Log, **ask: Any) -> Tensor:
    """The pooled vectors of what `photo_tokens` gives, [P, D] float16, kept apart: they take an eightieth of it."""
    tower, seed = ask.get("tower", IMAGE), ask.get("seed", 0)
    path = cache_file(folder, tower, [[r["file"] for r in rows], view.__name__, seed, "pooled"])
    if path.exists():
        return torch.load(path, weights_only=True)
    tokens = photo_tokens(rows, view, folder, log, **ask)
    return _kept(torch.cat([chunk.float().mean(1).half() for chunk in tokens.split(256)]), path)


@dataclass(frozen=True)
class TextTokens:
    """Tokens of many texts, one after the other without padding.

    Args:
        tokens: [sum of lengths, D] float16.
        starts: [T + 1], text i owns rows starts[i] to starts[i + 1].
    """

    tokens: Tensor
    starts: Tensor

    def __len__(self) -> int:
        return len(self.starts) - 1

    @staticmethod
    def join(parts: Sequence["TextTokens"]) -> "TextTokens":
        """Several sets as one, in their order."""
        ends, starts = 0, [torch.zeros(1, dtype=torch.long)]
        for part in parts:
            starts.append(part.starts[1:] + ends)
            ends += int(part.starts[-1])
        return TextTokens(torch.cat([part.tokens for part in parts]), torch.cat(starts))

    def batch(self, index: Tensor) -> TokenSet:
        """The texts of `index` [B], padded to the longest: tokens [B, N, D] float32, no layout strings."""
        begin, end = self.starts[index], self.starts[index + 1]
        place = torch.arange(int((end - begin).max()))[None, :] + begin[:, None]  # [B, N]
        mask = place < end[:, None]
        tokens = self.tokens[place.clamp_max(len(self.tokens) - 1)].float() * mask.unsqueeze(-1)
        return token_set(tokens, mask)

    def pooled(self) -> Tensor:
        """[T, D] float32, the mean over each text's tokens."""
        text = torch.repeat_interleave(torch.arange(len(self)), self.starts.diff())
        sums = torch.zeros(len(self), self.tokens.shape[1]).index_add_(0, text, self.tokens.float())
        return sums / self.starts.diff().unsqueeze(1)


@torch.no_grad()
def text_tokens(texts: Sequence[str], folder: Path, log: Log, *, device: torch.device, tower: str = TEXT) -> TextTokens:
    """Every text through a text tower."""
    path = cache_file(folder, tower, list(texts))
    if path.exists():
        return TextTokens(**torch.load(path, weights_only=True))
    encoder: Encoder = load_module(tower, device)
    order = sorted(set(texts), key=len)  # equal texts are read once, texts of like length together
    found: dict[str, Tensor] = {}
    for start in range(0, len(order), 128):
        chunk = order[start : start + 128]
        batch: Batch = encoder.prepare(chunk).to(device)
        with autocast(device):
            said = encoder(batch)
        found.update({text: t[m].half().cpu() for text, t, m in zip(chunk, said.tokens, said.mask, strict=True)})
        if start % 12800 == 0:
            log(features=tower, texts=start + len(chunk), of=len(order))
    lengths = torch.tensor([0] + [len(found[text]) for text in texts])
    tokens = torch.cat([found[text] for text in texts])
    _kept({"tokens": tokens, "starts": lengths.cumsum(0)}, path)
    return TextTokens(tokens, lengths.cumsum(0))


def text_points(texts: Sequence[str], folder: Path, log: Log, *, device: torch.device, tower: str = TEXT) -> Tensor:
    """The pooled vector of every text, [T, D] float32; kept apart from the tokens, which take ten times the memory."""
    path = cache_file(folder, tower, [list(texts), "pooled"])
    if path.exists():
        return torch.load(path, weights_only=True)
    return _kept(text_tokens(texts, folder, log, device=device, tower=tower).pooled(), path)


def token_set(tokens: Tensor, mask: Tensor | None = None) -> TokenSet:
    """A token set for training, where nobody asks for layouts. tokens [B, N, D] -> pooled as the encoders pool."""
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool) if mask is None else mask
    return TokenSet(tokens, mask, mean_pool(tokens, mask), (None,) * len(tokens))


def pooled_set(pooled: Tensor) -> TokenSet:
    """A token set of one token an item, for heads that read pooled vectors only. [B, D] -> N = 1."""
    return token_set(pooled.unsqueeze(1))


def _kept(answer: object, path: Path) -> object:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(answer, path)
    return answer
