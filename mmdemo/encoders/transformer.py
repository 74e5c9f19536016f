"""What CLIP's and SigLIP's towers share: blocks run in the open, pictures cut to size, tokens traced to words.

transformers builds the blocks and fills them; here they are run one line at a time, x + Attention(LN(x)), then
x + MLP(LN(x)), so that attention, queries, keys and values come out of the very multiplication that makes the answer
and nothing has to be fetched by hooks. The result equals the library's own forward. Read next: `clip.py`, `siglip.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from mmdemo.encoders.base import Encoder, without_words
from mmdemo.encoders.picture import blurred
from mmdemo.encoders.words import layout_of
from mmdemo.types import Batch, ImageLayout, LastAttention, TokenSet


@dataclass(frozen=True)
class Heads:
    """Inside one self-attention: queries, keys, values and gathered values [B, N, D], weights [B, H, N, N]."""

    queries: Tensor
    keys: Tensor
    values: Tensor
    gathered: Tensor
    weights: Tensor

    def of_token(self, token: int) -> LastAttention:
        """The attention of one token."""
        return LastAttention(self.queries[:, token], self.keys, self.values, self.gathered, token)


def run_block(block: nn.Module, x: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Heads]:
    """One transformer block with the normalisation first, as CLIP and SigLIP have it.

    Args:
        block: transformers' `CLIPEncoderLayer` or `SiglipEncoderLayer`.
        x: [B, N, D].
        bias: added to the scores before the softmax, [B or 1, 1, N, N]; -inf where a token may not attend.

    Returns:
        [B, N, D], and what happened inside.
    """
    inside, y = block.self_attn, block.layer_norm1(x)
    b, n, d = y.shape
    q, k, v = inside.q_proj(y), inside.k_proj(y), inside.v_proj(y)  # [B, N, D]
    qh, kh, vh = (t.view(b, n, inside.num_heads, -1).transpose(1, 2) for t in (q, k, v))  # [B, H, N, D / H]
    scores = qh @ kh.transpose(-1, -2) * inside.scale
    weights = (scores if bias is None else scores + bias).softmax(-1)
    gathered = (weights @ vh).transpose(1, 2).reshape(b, n, d)  # [B, N, D]
    x = x + inside.out_proj(gathered)
    return x + block.mlp(block.layer_norm2(x)), Heads(q, k, v, gathered, weights)


def run_blocks(blocks: Sequence[nn.Module], x: Tensor, bias: Tensor | None = None) -> tuple[Tensor, list[Heads]]:
    """All blocks, the first first. [B, N, D] -> [B, N, D]."""
    insides = []
    for block in blocks:
        x, heads = run_block(block, x, bias)
        insides.append(heads)
    return x, insides


def last_token(tokens: Tensor, mask: Tensor) -> Tensor:
    """The last real token of each item. [B, N, D], mask [B, N] -> [B, D]."""
    last = mask.shape[1] - 1 - mask.int().flip(1).argmax(1)  # [B]
    return tokens[torch.arange(len(tokens), device=tokens.device), last]


class TransformerImageEncoder(Encoder):
    """A vision transformer; a subclass says how pixels become its first tokens and how its last ones are pooled.

    Args:
        vision: transformers' vision model.
        settings: of `preprocessor_config.json`: size, crop_size, do_center_crop, image_mean, image_std, resample.
    """

    modality = "image"
    traits = frozenset({"reread", "attention", "attention_pooling"})
    prefix = 0

    def __init__(self, vision: nn.Module, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.vision, self.settings = vision, dict(settings)
        self.size, self.patch = vision.config.image_size, vision.config.patch_size
        self.layers, self.heads = vision.config.num_hidden_layers, vision.config.num_attention_heads

    def prepare(self, items: Sequence[Image.Image]) -> Batch:
        """B RGB pictures -> pixels [B, 3, size, size], and their layouts; CLIP sees the centred square alone."""
        cut = [self._cut(item) for item in items]
        mean, std = (torch.tensor(self.settings[f"image_{name}"]).view(1, 3, 1, 1) for name in ("mean", "std"))
        stacked = np.stack([np.asarray(picture) for picture, _ in cut])
        pixels = torch.from_numpy(stacked).permute(0, 3, 1, 2).float().div(255)  # [B, 3, size, size]
        return Batch({"pixels": (pixels - mean) / std}, tuple(layout for _, layout in cut))

    def forward(self, batch: Batch) -> TokenSet:
        """Pixels [B, 3, size, size] -> tokens [B, prefix + h * w, D] and the pooled vector [B, D']."""
        return replace(self._read(self.start(batch), batch)[0], attentions=None)

    def start(self, batch: Batch) -> Tensor:
        """Pixels [B, 3, size, size]."""
        return batch.tensors["pixels"]

    def nothing(self, batch: Batch) -> Tensor:
        """The pictures blurred away, [B, 3, size, size]."""
        return blurred(batch.tensors["pixels"])

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """See `Encoder.reread`; places are hidden in the pixels, so `kept` is not needed."""
        return self._read(start, batch)[0]

    def first_tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, size, size] -> [B, N, D]."""
        raise TypeError(f"{type(self).__name__} does not say how it begins.")

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Last tokens [B, N, D], mask [B, N] -> [B, D']."""
        raise TypeError(f"{type(self).__name__} does not say how it pools.")

    def _read(self, pixels: Tensor, batch: Batch) -> tuple[TokenSet, Heads]:
        tokens, insides = run_blocks(self.vision.encoder.layers, self.first_tokens(pixels))
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        maps = tuple(heads.weights for heads in insides)
        return TokenSet(tokens, mask, self.pool(tokens, mask), batch.layouts(len(pixels)), maps, self.pool), insides[-1]

    def _cut(self, picture: Image.Image) -> tuple[Image.Image, ImageLayout]:
        w, h = picture.size
        resample = Image.Resampling(self.settings.get("resample", Image.Resampling.BICUBIC))
        side, grid = self.size, (self.size // self.patch,) * 2
        if not self.settings.get("do_center_crop"):
            return picture.resize((side, side), resample), ImageLayout(grid, (h, w), (0.0, 0.0, w, h), self.prefix)
        wide, high = max(side, side * w // min(w, h)), max(side, side * h // min(w, h))
        left, top = (wide - side) // 2, (high - side) // 2
        cropped = picture.resize((wide, high), resample).crop((left, top, left + side, top + side))
        box = (left * w / wide, top * h / high, (left + side) * w / wide, (top + side) * h / high)
        return cropped, ImageLayout(grid, (h, w), box, self.prefix)


class TransformerTextEncoder(Encoder):
    """A text transformer; a subclass says who may attend to whom and how the last tokens are pooled.

    Args:
        text: transformers' text model.
        tokenizer: a fast tokenizer, which knows the place of each token in the text.
    """

    modality = "text"
    traits = frozenset({"reread", "attention", "attention_pooling"})
    padding: bool | str = True
    lower = False

    def __init__(self, text: nn.Module, tokenizer: Any) -> None:
        super().__init__()
        self.text, self.tokenizer = text, tokenizer
        self.longest = text.config.max_position_embeddings
        self.layers, self.heads = text.config.num_hidden_layers, text.config.num_attention_heads

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts -> "ids" and "mask" [B, N], with layouts; a text too long is cut, and says so."""
        plain = [text.lower() if self.lower else text for text in items]
        whole = self.tokenizer(plain)["input_ids"] if plain else []
        said = self.tokenizer(
            plain, padding=self.padding, truncation=True, max_length=self.longest, return_offsets_mapping=True,
            return_attention_mask=True,
        )  # fmt: skip
        ids, mask = torch.tensor(said["input_ids"]), torch.tensor(said["attention_mask"], dtype=torch.bool)
        layout = []
        for given, read, row, spans, full in zip(items, plain, ids, said["offset_mapping"], whole, strict=True):
            tokens = self.tokenizer.convert_ids_to_tokens(row.tolist())
            known = layout_of(read, tokens, spans, max(0, len(full) - self.longest), shown=given)
            layout.append(replace(known, used=len(full)))
        return Batch({"ids": ids, "mask": mask}, tuple(layout))

    def forward(self, batch: Batch) -> TokenSet:
        """Tokens [B, N, D] and the pooled vector [B, D']."""
        return replace(self._read(self.start(batch), batch, None)[0], attentions=None)

    def start(self, batch: Batch) -> Tensor:
        """The vectors of the tokens before position is added, [B, N, D]."""
        return self.text.embeddings.token_embedding(batch.tensors["ids"])

    def nothing(self, batch: Batch) -> Tensor:
        """The same with zeros in the place of every word; marks at the ends stay."""
        return without_words(self.start(batch), batch)

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """See `Encoder.reread`."""
        return self._read(start, batch, kept)[0]

    def encode_with_attention(self, start: Tensor, batch: Batch) -> tuple[TokenSet, LastAttention]:
        """The last attention of the last real token, which is pooled."""
        read, heads = self._read(start, batch, None)
        return read, heads.of_token(int(read.mask[0].sum()) - 1)

    def enter(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Who may attend to whom when only `kept` is read.

        Args:
            start, batch, kept: as in `Encoder.reread`.

        Returns:
            token vectors [S, N, D], which are real [S, N], and what is added to the scores (see `run_block`).
        """
        raise TypeError(f"{type(self).__name__} does not say who may attend to whom.")

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Last tokens [B, N, D], mask [B, N] -> [B, D']."""
        raise TypeError(f"{type(self).__name__} does not say how it pools.")

    def _read(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[TokenSet, Heads]:
        start, mask, bias = self.enter(start, batch, kept)
        x = start + self.text.embeddings.position_embedding.weight[: start.shape[1]]
        x, insides = run_blocks(self.text.encoder.layers, x, bias)
        tokens, maps = self.text.final_layer_norm(x), tuple(heads.weights for heads in insides)
        return TokenSet(tokens, mask, self.pool(tokens, mask), batch.layouts(len(x)), maps, self.pool), insides[-1]
