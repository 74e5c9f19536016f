"""BERT as a text tower, as transformers builds it, and the two dual encoders whose texts it reads.

Every token sees every other; a class token stands before them (Devlin et al. 2019, arXiv 1810.04805). Chinese-CLIP
takes that token's last vector for the text (Yang et al. 2022, arXiv 2211.01335), AltCLIP that of XLM-R's, which taught
a CLIP other languages (Chen et al. 2022, arXiv 2211.06679). BERT by itself was never asked for a vector of a whole
text; there the mean over the tokens is taken. Read next: `e5.py`, `tasks/dual_encoder.py`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.encoders.transformer import Insides, TransformerTextEncoder, first_token, run_all, run_bert_layer
from mmdemo.types import Batch, LastAttention, TokenSet, mean_pool


class BertTextEncoder(TransformerTextEncoder):
    """A BERT whose pooled vector is the mean over the real tokens.

    Args:
        text: transformers' `BertModel` or one of its copies: `embeddings` and `encoder.layer`.
        tokenizer: see `TransformerTextEncoder`.
    """

    traits = frozenset({"reread", "attention"})

    def __init__(self, text: nn.Module, tokenizer: Any) -> None:
        super().__init__(text, tokenizer)
        self.width = text.config.hidden_size

    def start(self, batch: Batch) -> Tensor:
        """The vectors of the pieces before position and normalisation are added, [B, N, D]."""
        return self.text.embeddings.word_embeddings(batch.tensors["ids"])

    def enter(self, start: Tensor, batch: Batch, kept: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """See `TransformerTextEncoder.enter`: a token attends to every real one."""
        mask = batch.tensors["mask"].expand(len(start), -1)
        mask = mask if kept is None else mask & kept
        bias = torch.zeros(mask.shape, dtype=start.dtype, device=start.device).masked_fill(~mask, float("-inf"))
        return start, mask, bias[:, None, None, :]

    def places(self, mask: Tensor) -> Tensor:
        """Which position each token has, [B, N] or [N]; a token that is taken out keeps its own."""
        return torch.arange(mask.shape[1], device=mask.device)

    def run(self, start: Tensor, batch: Batch, bias: Tensor | None, shown: bool) -> Insides:
        """See `TransformerTextEncoder.run`."""
        known = self.text.embeddings
        where = known.position_embeddings(self.places(batch.tensors["mask"]))
        x = known.LayerNorm(start + known.token_type_embeddings.weight[0] + where)
        (layers,) = self.text.encoder.children()  # its list is called `layer` or `layers`
        return run_all(run_bert_layer, layers, x, bias, shown)

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """The mean over the real tokens. [B, N, D] -> [B, D]."""
        return mean_pool(tokens, mask)


class ChineseClipTextEncoder(BertTextEncoder):
    """Chinese-CLIP's BERT, pooled by its class token.

    Args:
        model: transformers' `ChineseCLIPModel`.
        tokenizer: its tokenizer.
    """

    traits = TransformerTextEncoder.traits
    longest_taught = 52  # tokens of its training texts (its own code's context_length), although it has 512 places

    def __init__(self, model: nn.Module, tokenizer: Any) -> None:
        super().__init__(self.body(model), tokenizer)
        self.longest = min(self.longest, self.longest_taught)
        self.projection, self.width = model.text_projection, model.config.projection_dim

    @staticmethod
    def body(model: nn.Module) -> nn.Module:
        """Its BERT."""
        return model.text_model

    def pool(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """The first real token, projected: the class token, or a lone word's first. [B, N, D] -> [B, D']."""
        return self.projection(first_token(tokens, mask))

    def encode_with_attention(self, start: Tensor, batch: Batch) -> tuple[TokenSet, LastAttention]:
        """The class token's last attention."""
        read, insides = self._read(start, batch, None)
        return read, insides[-1].of_token(0)


class AltClipTextEncoder(ChineseClipTextEncoder):
    """AltCLIP's XLM-R: positions are counted from the padding's own on, and each last token is turned once more."""

    longest_taught = 512

    def __init__(self, model: nn.Module, tokenizer: Any) -> None:
        super().__init__(model, tokenizer)
        unused = self.text.embeddings.padding_idx + 1  # the first places, which no token has
        self.longest = min(self.longest, self.text.config.max_position_embeddings - unused)
        self.norm, self.turn = model.text_model.pre_LN, model.text_model.transformation

    @staticmethod
    def body(model: nn.Module) -> nn.Module:
        """Its XLM-R."""
        return model.text_model.roberta

    def places(self, mask: Tensor) -> Tensor:
        """See `BertTextEncoder.places`; padding has the place of its own id."""
        return mask.long().cumsum(1) * mask + self.text.embeddings.padding_idx

    def run(self, start: Tensor, batch: Batch, bias: Tensor | None, shown: bool) -> Insides:
        """See `TransformerTextEncoder.run`."""
        x, insides = super().run(start, batch, bias, shown)
        return self.turn(self.norm(x)), insides
