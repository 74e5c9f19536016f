"""What the towers of the Hub share: blocks run in the open, pictures cut to size, tokens traced to words.

transformers builds the blocks and fills them; here they are run one line at a time, so that attention, queries, keys
and values come out of the very multiplication that makes the answer and nothing has to be fetched by hooks. Where
nobody asks for the attention, torch's fused kernel does the same sum. The result equals the library's own forward.
Read next: `clip.py`, `siglip.py`, `bert.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from mmdemo.encoders.base import Encoder, without_words
from mmdemo.encoders.picture import blurred, cut_out
from mmdemo.encoders.words import layout_of
from mmdemo.types import Batch, ImageLayout, LastAttention, TokenSet

Run = Callable[[nn.Module, Tensor, Tensor | None, bool], tuple[Tensor, Any]]  # `run_block` or `run_bert_layer`
Insides = tuple[Tensor, Sequence["Heads"]]


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


def attend(
    q: Tensor, k: Tensor, v: Tensor, heads: int, bias: Tensor | None, shown: bool
) -> tuple[Tensor, Heads | None]:
    """softmax(q k^T / sqrt(D / H) + bias) v, head by head.

    Args:
        q, k, v: [B, N, D].
        heads: H.
        bias: added to the scores, [B or 1, 1, N or 1, N]; -inf where a token may not attend.
        shown: False leaves the weights to torch's fused kernel, which does not hand them over.

    Returns:
        what each token gathered [B, N, D], and what happened inside (None unless shown).
    """
    qh, kh, vh = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (q, k, v))  # [B, H, N, D / H]
    if not shown:
        gathered = scaled_dot_product_attention(qh, kh, vh, bias)
        return gathered.transpose(1, 2).flatten(2), None
    scores = qh @ kh.transpose(-1, -2) * qh.shape[-1] ** -0.5
    weights = (scores if bias is None else scores + bias).softmax(-1)
    gathered = (weights @ vh).transpose(1, 2).flatten(2)  # [B, N, D]
    return gathered, Heads(q, k, v, gathered, weights)


def run_block(block: nn.Module, x: Tensor, bias: Tensor | None, shown: bool) -> tuple[Tensor, Heads | None]:
    """One block with the normalisation first, x + Attention(LN(x)), then x + MLP(LN(x)). See `attend`.

    Args:
        block: transformers' `CLIPEncoderLayer`, `SiglipEncoderLayer` or one of their copies.
        x: [B, N, D].
    """
    inside, y = block.self_attn, block.layer_norm1(x)
    sides = (inside.q_proj(y), inside.k_proj(y), inside.v_proj(y))  # [B, N, D]
    gathered, heads = attend(*sides, inside.num_heads, bias, shown)
    x = x + inside.out_proj(gathered)
    return x + block.mlp(block.layer_norm2(x)), heads


def run_bert_layer(layer: nn.Module, x: Tensor, bias: Tensor | None, shown: bool) -> tuple[Tensor, Heads | None]:
    """One layer with the normalisation last, LN(x + Attention(x)), then LN(x + MLP(x)). See `attend`.

    Args:
        layer: transformers' `BertLayer` or one of its copies.
        x: [B, N, D].
    """
    inside = layer.attention.self
    sides = (inside.query(x), inside.key(x), inside.value(x))  # [B, N, D]
    gathered, heads = attend(*sides, inside.num_attention_heads, bias, shown)
    x = layer.attention.output(gathered, x)
    return layer.output(layer.intermediate(x), x), heads


def run_all(run: Run, blocks: Iterable[nn.Module], x: Tensor, bias: Tensor | None, shown: bool) -> Insides:
    """All blocks, the first first: [B, N, D], and what happened inside each, () unless shown."""
    insides = []
    for block in blocks:
        x, heads = run(block, x, bias, shown)
        insides += [heads] if shown else []
    return x, insides


def maps_of(insides: Sequence[Heads]) -> tuple[Tensor, ...] | None:
    """The attention of each layer, [B, H, N, N]; None where none was shown."""
    return tuple(heads.weights for heads in insides) or None


def first_token(tokens: Tensor, mask: Tensor) -> Tensor:
    """The first real token of each item: the class token, or a lone other one. [B, N, D], mask [B, N] -> [B, D]."""
    return tokens[torch.arange(len(tokens), device=tokens.device), mask.int().argmax(1)]


def last_token(tokens: Tensor, mask: Tensor) -> Tensor:
    """The last real token of each item. [B, N, D], mask [B, N] -> [B, D]."""
    last = mask.shape[1] - 1 - mask.int().flip(1).argmax(1)  # [B]
    return tokens[torch.arange(len(tokens), device=tokens.device), last]


class TransformerImageEncoder(Encoder):
    """A vision transformer; a subclass says how pixels become its first tokens and how its last ones are pooled.

    Args:
        vision: transformers' vision model.
        settings: of its image processor, see `picture.cut_out`.
    """

    modality = "image"
    traits = frozenset({"reread", "attention", "attention_pooling"})
    prefix = 0

    def __init__(self, vision: nn.Module, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.vision, self.settings = vision, dict(settings)
        self.side = vision.config.image_size // vision.config.patch_size  # patches
        self.layers, self.heads = vision.config.num_hidden_layers, vision.config.num_attention_heads

    def prepare(self, items: Sequence[Image.Image]) -> Batch:
        """B RGB pictures -> pixels [B, 3, size, size], and their layouts; most see the centred square alone."""
        pixels, boxes = cut_out(items, self.settings)
        grid = (self.side, self.side)
        layouts = (ImageLayout(grid, p.size[::-1], box, self.prefix) for p, box in zip(items, boxes, strict=True))
        return Batch({"pixels": pixels}, tuple(layouts))

    def forward(self, batch: Batch) -> TokenSet:
        """Pixels [B, 3, size, size] -> tokens [B, prefix + h * w, D] and the pooled vector [B, D']."""
        return self._read(self.start(batch), batch, shown=False)[0]

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

    def _read(self, pixels: Tensor, batch: Batch, shown: bool = True) -> tuple[TokenSet, Sequence[Heads]]:
        x = self.first_tokens(pixels)
        tokens, insides = run_all(run_block, self.vision.encoder.layers, x, None, shown)
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        pooled, layouts = self.pool(tokens, mask), batch.layouts(len(pixels))
        return TokenSet(tokens, mask, pooled, layouts, maps_of(insides), self.pool), insides


class TransformerTextEncoder(Encoder):
    """A text transformer; a subclass says who may attend to whom and how the last tokens are pooled.

    Args:
        text: transformers' text model.
        tokenizer: a fast tokenizer, which knows the place of each token in the text.

    Attributes:
        longest: most tokens that are read of one text, marks at the ends included.
    """

    modality = "text"
    traits = frozenset({"reread", "attention", "attention_pooling"})
    padding: bool | str = True
    lower = False

    def __init__(self, text: nn.Module, tokenizer: Any) -> None:
        super().__init__()
        self.text, self.tokenizer = text, tokenizer
        self.longest = min(text.config.max_position_embeddings, tokenizer.model_max_length)
        self.layers, self.heads = text.config.num_hidden_layers, text.config.num_attention_heads

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts -> "ids" and "mask" [B, N], with layouts; a text too long is cut, and says so."""
        plain = [text.lower() if self.lower else text for text in items]
        whole = self.tokenizer(plain, verbose=False)["input_ids"] if plain else []
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
        return self._read(self.start(batch), batch, None, shown=False)[0]

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
        read, insides = self._read(start, batch, None)
        return read, insides[-1].of_token(int(read.mask[0].sum()) - 1)

    def enter(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Who may attend to whom when only `kept` is read.

        Args:
            start, batch, kept: as in `Encoder.reread`.

        Returns:
            token vectors [S, N, D], which are real [S, N], and what is added to the scores (see `attend`).
        """
        raise TypeError(f"{type(self).__name__} does not say who may attend to whom.")

    def run(self, start: Tensor, batch: Batch, bias: Tensor | None, shown: bool) -> Insides:
        """Token vectors [S, N, D] -> last tokens [S, N, D], and what happened inside each layer (see `run_all`)."""
        x = start + self.text.embeddings.position_embedding.weight[: start.shape[1]]
        x, insides = run_all(run_block, self.text.encoder.layers, x, bias, shown)
        return self.text.final_layer_norm(x), insides

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Last tokens [B, N, D], mask [B, N] -> [B, D']."""
        raise TypeError(f"{type(self).__name__} does not say how it pools.")

    def _read(
        self, start: Tensor, batch: Batch, kept: Tensor | None, shown: bool = True
    ) -> tuple[TokenSet, Sequence[Heads]]:
        start, mask, bias = self.enter(start, batch, kept)
        tokens, insides = self.run(start, batch, bias, shown)
        pooled, layouts = self.pool(tokens, mask), batch.layouts(len(tokens))
        return TokenSet(tokens, mask, pooled, layouts, maps_of(insides), self.pool), insides
