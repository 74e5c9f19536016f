"""What the frozen encoders say of photos and texts, computed once, so that a head trains in a minute.

Kept in float16 in a folder of the run, one file a question, under a name that changes with the encoder's weights and
the question asked: a stale file is never read. Read next: `recipes/matching.py`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mmdemo.encoders.base import Encoder
from mmdemo.loading import load_module, read_card
from mmdemo.training.loop import Log, autocast
from mmdemo.training.photos import Row, View, view_batches
from mmdemo.types import Batch, TokenSet, mean_pool


def cache_file(folder: Path, encoder: str, question: object) -> Path:
    """Where the answer to a question about an encoder is kept; new weights or another question give another name."""
    files = {name: f["sha256"] for name, f in read_card(encoder)["files"].items()}
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
    pooled: bool = True,
    tower: str = "mobilenet",
) -> Tensor:
    """One view of each photo through an image tower.

    Returns:
        pooled vectors [P, D] if `pooled`, otherwise tokens [P, N, D]; float16 on the CPU.
    """
    path = cache_file(folder, tower, [[r["file"] for r in rows], view.__name__, seed, pooled])
    if path.exists():
        return torch.load(path, weights_only=True)
    whole = cache_file(folder, tower, [[r["file"] for r in rows], view.__name__, seed, False])
    if whole.exists():  # asked for the pooled vectors, and the tokens are there
        return _kept(torch.load(whole, weights_only=True).float().mean(1).half(), path)
    encoder = load_module(tower, device)
    out, batch = [], 64
    for pixels in view_batches(rows, encoder.size, batch=batch, view=view, seed=seed, threads=2):
        with autocast(device):
            tokens = encoder.tokens(pixels.to(device)).float()  # [B, N, D]
        out.append((tokens.mean(1) if pooled else tokens).half().cpu())
        if len(out) % 50 == 0:
            log(features=tower, view=view.__name__, seed=seed, photos=len(out) * batch, of=len(rows))
    return _kept(torch.cat(out), path)


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
def text_tokens(
    texts: Sequence[str], folder: Path, log: Log, *, device: torch.device, tower: str = "bert"
) -> TextTokens:
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


def text_points(texts: Sequence[str], folder: Path, log: Log, *, device: torch.device, tower: str = "bert") -> Tensor:
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
