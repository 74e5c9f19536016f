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
        b, nq, d = queries.shape
        q, k, v = (self._split(x) for x in (self.query(queries), self.key(keys), self.value(keys)))  # [B, H, N, D/H]
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)  # [B, H, Nq, Nk]
        scores = scores.masked_fill(~key_mask[:, None, None, :], float("-inf"))
        weights = scores.softmax(-1)
        gathered = self.dropout(weights) @ v  # [B, H, Nq, D/H]
        return self.out(gathered.transpose(1, 2).reshape(b, nq, d)), weights

    def _split(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        return x.view(b, n, self.heads, d // self.heads).transpose(1, 2)  # [B, H, N, D/H]
