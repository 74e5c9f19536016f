"""Token sets side by side."""

import torch

from mmdemo.types import TokenSet
from tests.tokens import text_tokens


def test_joined_token_sets_are_padded_to_the_longest_and_say_the_same():
    short, long = text_tokens([3]), text_tokens([6], seed=2)
    joined = TokenSet.join([short, long])
    assert joined.mask.sum(1).tolist() == [3, 6] and joined.tokens.shape == (2, 6, 8)
    assert torch.equal(joined.item(0).tokens, short.tokens) and torch.equal(joined.item(1).tokens, long.tokens)
    assert torch.equal(joined.pooled, torch.cat([short.pooled, long.pooled]))
