"""Multi-head attention that returns its weights.

softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, arXiv 1706.03762, eq. 1), every head's rows kept and handed back:
what the picture of "where it looked" is drawn from comes out of the very multiplication that made the answer.
"""

import math

from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """H heads of width D / H.

    Args:
        width: D of queries, keys, values and output.
        heads: H; divides D.
        dropout: share of attention weights silenced in training. What is returned is always before dropout.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries: Tensor, keys: Tensor, key_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Each query gathers from all real keys.

        Args:
            queries: [B, Nq, D].
            keys: [B, Nk, D], also the source of the values.
            key_mask: [B, Nk] bool, True = real; at least one per row.

        Returns:
            Gathered vectors [B, Nq, D], and weights [B, H, Nq, Nk] whose rows sum to 1 over real keys.
        """
        return self.attend(queries, *self.project(keys), key_mask[:, None, None, :])

    def project(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """[B, Nk, D] -> keys and values by head, [B, H, Nk, D/H] each: kept where they are asked again and again."""
        return self._split(self.key(keys)), self._split(self.value(keys))

    def attend(self, queries: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """What `forward` does, from keys and values that `project` gave.

        Args:
            mask: bool, True = real, of any shape that broadcasts to [B, H, Nq, Nk].
        """
        q = self._split(self.query(queries))  # [B, H, Nq, D/H]
        scores = q @ key.transpose(-1, -2) / math.sqrt(q.shape[-1])  # [B, H, Nq, Nk]
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        gathered = self.dropout(weights) @ value  # [B, H, Nq, D/H]
        return self.out(gathered.transpose(1, 2).flatten(2)), weights

    def _split(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        return x.view(b, n, self.heads, d // self.heads).transpose(1, 2)  # [B, H, N, D/H]
