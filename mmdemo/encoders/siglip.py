"""SigLIP's two towers, as transformers builds them (Zhai et al. 2023, arXiv 2303.15343).

No class token: a learned probe attends over all patches and gathers the picture's vector. The text is padded to its
full length, every token sees every other, padding too, and the last one becomes the text's vector. SigLIP 2 of one
size (Tschannen et al. 2025, arXiv 2502.14786) is built alike and reads Gemma's pieces, in lower case.
Read next: `tasks/dual_encoder.py`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.encoders.transformer import TransformerImageEncoder, TransformerTextEncoder, last_token
from mmdemo.types import Batch, LastAttention, TokenSet


class SiglipImageEncoder(TransformerImageEncoder):
    """Vision transformer pooled by attention.

    Args:
        model: transformers' `SiglipModel`.
        settings: see `TransformerImageEncoder`.
    """

    def __init__(self, model: nn.Module, settings: dict[str, Any]) -> None:
        super().__init__(model.vision_model, settings)
        self.width = model.config.vision_config.hidden_size

    def first_tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, size, size] -> the patches, [B, h * w, D]."""
        return self.vision.embeddings(pixels)

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """What the probe gathers from the real tokens. [B, N, D] -> [B, D]."""
        return self._probe(tokens, mask)[0]

    def encode_with_attention(self, start: Tensor, batch: Batch) -> tuple[TokenSet, LastAttention]:
        """The probe's attention over the patches."""
        seen, _ = self._read(start, batch)
        pooled, last = self._probe(seen.tokens, seen.mask)
        return TokenSet(seen.tokens, seen.mask, pooled, seen.layout, seen.attentions, self.pool), last

    def _probe(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, LastAttention]:
        """The pooling head, one line at a time: attention of the probe, then x + MLP(LN(x))."""
        head, inside = self.vision.head, self.vision.head.attention
        x = self.vision.post_layernorm(tokens)
        b, n, d = x.shape
        parts = zip(inside.in_proj_weight.chunk(3), inside.in_proj_bias.chunk(3), strict=True)
        sides = (head.probe.expand(b, -1, -1), x, x)
        q, k, v = (nn.functional.linear(side, *part) for side, part in zip(sides, parts, strict=True))  # [B, 1 or N, D]
        qh, kh, vh = (t.view(b, -1, inside.num_heads, d // inside.num_heads).transpose(1, 2) for t in (q, k, v))
        scores = qh @ kh.transpose(-1, -2) / (d // inside.num_heads) ** 0.5  # [B, H, 1, N]
        weights = scores.masked_fill(~mask[:, None, None, :], float("-inf")).softmax(-1)
        gathered = (weights @ vh).transpose(1, 2).reshape(b, 1, d)
        out = inside.out_proj(gathered)[:, 0]
        return out + head.mlp(head.layernorm(out)), LastAttention(q[:, 0], k, v, gathered)


class SiglipTextEncoder(TransformerTextEncoder):
    """Text transformer that reads its padding, too; a word taken out becomes padding.

    Args:
        model: transformers' `SiglipModel`.
        tokenizer: its tokenizer.
    """

    padding = "max_length"
    lower = True

    def __init__(self, model: nn.Module, tokenizer: Any) -> None:
        super().__init__(model.text_model, tokenizer)
        self.width = model.config.text_config.projection_size

    def prepare(self, items: list[str]) -> Batch:
        """As `TransformerTextEncoder.prepare`; padding is read, so every token is real."""
        batch = super().prepare(items)
        return Batch({**batch.tensors, "mask": torch.ones_like(batch.tensors["mask"])}, batch.layout)

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """The last real token, through the head: the last of all, or a lone word's last. [B, N, D] -> [B, D']."""
        return self.text.head(last_token(tokens, mask))

    def enter(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[Tensor, Tensor, None]:
        """See `TransformerTextEncoder.enter`: every token attends to every other; one taken out becomes padding."""
        if kept is not None:
            padding = self.text.embeddings.token_embedding.weight[self.tokenizer.pad_token_id]
            start = torch.where(kept.unsqueeze(-1), start, padding)
        return start, torch.ones(start.shape[:2], dtype=torch.bool, device=start.device), None
