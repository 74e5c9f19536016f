"""BERT's layers in plain torch, under the names of transformers' `BertModel`.

Its weights fit, and the answers are the same bit for bit. Importing it takes two seconds (with it come torch's
compiler, its distributed tensors, sympy and scipy), which the first visitor would wait for. Here is what a text tower
needs: embeddings, and layers for `run_bert_layer`. Devlin et al. 2019, arXiv 1810.04805.
Read next: `transformer.py`, `e5.py`.
"""

from torch import Tensor, nn
from torch.nn.functional import gelu

EPSILON = 1e-12  # of BERT's normalisations
SPREAD = 0.02  # standard deviation of its random weights


class Bert(nn.Module):
    """Embeddings and layers, without a pooler; filled with random weights as BERT is.

    Args:
        pieces: how many there are.
        width: D.
        layers, heads, inner: L, H, and the width of the hidden layer of each feed-forward block.
        longest: most tokens of one text.
        pad: the piece that is padding.
    """

    def __init__(self, pieces: int, width: int, layers: int, heads: int, inner: int, longest: int, pad: int) -> None:
        super().__init__()
        self.embeddings = Embeddings(pieces, width, longest, pad)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=SPREAD)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        nn.init.zeros_(self.embeddings.word_embeddings.weight[pad].detach())


class Embeddings(nn.Module):
    """What a piece is and where it stands, normalised; all pieces belong to one sentence."""

    def __init__(self, pieces: int, width: int, longest: int, pad: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(pieces, width, padding_idx=pad)
        self.position_embeddings = nn.Embedding(longest, width)
        self.token_type_embeddings = nn.Embedding(1, width)
        self.LayerNorm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, start: Tensor) -> Tensor:
        """The vectors of the pieces [B, N, D] -> what the first layer reads [B, N, D]."""
        where = self.position_embeddings.weight[: start.shape[1]]  # [N, D]
        return self.LayerNorm(start + self.token_type_embeddings.weight[0] + where)


class Layer(nn.Module):
    """The parts of one layer; `run_bert_layer` runs them."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.attention = nn.Module()
        self.attention.self = nn.Module()
        for side in ("query", "key", "value"):
            setattr(self.attention.self, side, nn.Linear(width, width))
        self.attention.self.num_attention_heads = heads
        self.attention.output = AddAndNormalise(width, width)
        self.intermediate = Widen(width, inner)
        self.output = AddAndNormalise(inner, width)


class Widen(nn.Module):
    """The first half of a feed-forward block: gelu(W x + b), [B, N, D] -> [B, N, inner]."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, inner)

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, D] -> [B, N, inner]."""
        return gelu(self.dense(x))


class AddAndNormalise(nn.Module):
    """The end of an attention and of a feed-forward block: LN(W y + b + x)."""

    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, y: Tensor, x: Tensor) -> Tensor:
        """y [B, N, inner], x [B, N, D] -> [B, N, D]."""
        return self.LayerNorm(self.dense(y) + x)
