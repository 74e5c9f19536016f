"""CLIP's two towers, as transformers builds them (Radford et al. 2021, arXiv 2103.00020).

A class token stands before the patches and becomes the picture's vector; the text is read from left to right, and its
end token, which alone has seen it all, becomes the text's. Chinese-CLIP and AltCLIP have the same image tower.
Read next: `siglip.py`, `bert.py`, `explain/grad_eclip.py`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.encoders.transformer import TransformerImageEncoder, TransformerTextEncoder, first_token, last_token
from mmdemo.types import Batch, LastAttention, TokenSet


class ClipImageEncoder(TransformerImageEncoder):
    """Vision transformer with a class token.

    Args:
        model: transformers' `CLIPModel`, `ChineseCLIPModel` or `AltCLIPModel`.
        settings: see `TransformerImageEncoder`.
    """

    prefix = 1
    traits = TransformerImageEncoder.traits | {"class_token"}

    def __init__(self, model: nn.Module, settings: dict[str, Any]) -> None:
        super().__init__(model.vision_model, settings)
        self.projection = model.visual_projection
        self.width = model.config.projection_dim

    def first_tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, size, size] -> the class token and the patches, [B, 1 + h * w, D]."""
        return self.vision.pre_layrnorm(self.vision.embeddings(pixels))

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """The first real token, normalised and projected: the class token, or a lone patch. [B, N, D] -> [B, D']."""
        return self.projection(self.vision.post_layernorm(first_token(tokens, mask)))

    def encode_with_attention(self, start: Tensor, batch: Batch) -> tuple[TokenSet, LastAttention]:
        """The class token's last attention."""
        seen, insides = self._read(start, batch)
        return seen, insides[-1].of_token(0)


class ClipTextEncoder(TransformerTextEncoder):
    """Text transformer in which every token sees only those before it.

    Args:
        model: transformers' `CLIPModel`.
        tokenizer: its tokenizer.
    """

    def __init__(self, model: nn.Module, tokenizer: Any) -> None:
        super().__init__(model.text_model, tokenizer)
        self.projection = model.text_projection
        self.width = model.config.projection_dim

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """The last real token, projected: the end token, or a lone word's last. [B, N, D] -> [B, D']."""
        return self.projection(last_token(tokens, mask))

    def enter(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """See `TransformerTextEncoder.enter`: a token attends to itself and to the real ones before it."""
        s, n, _ = start.shape
        mask = batch.tensors["mask"].expand(s, -1)
        mask = mask if kept is None else mask & kept
        before = torch.ones(n, n, dtype=torch.bool, device=start.device).tril()
        seen = before & mask[:, None, None, :]  # [S, 1, N, N]
        seen = seen | torch.eye(n, dtype=torch.bool, device=start.device)  # itself, even one that is taken out
        bias = torch.zeros(seen.shape, dtype=start.dtype, device=start.device)
        return start, mask, bias.masked_fill(~seen, float("-inf"))
