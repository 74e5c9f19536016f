"""Tiny random token sets for tests: known layouts, no network."""

import torch

from mmdemo.types import ImageLayout, TextLayout, TokenSet, mean_pool


def image_tokens(count: int, *, grid: tuple[int, int] = (2, 3), width: int = 12, seed: int = 0) -> TokenSet:
    """`count` pictures of 30 x 20 pixels (width x height), one token a patch."""
    generator = torch.Generator().manual_seed(seed)
    n = grid[0] * grid[1]
    tokens = torch.rand(count, n, width, generator=generator)
    layout = tuple(ImageLayout(grid, (20, 30), (0.0, 0.0, 30.0, 20.0)) for _ in range(count))
    return TokenSet(tokens, torch.ones(count, n, dtype=torch.bool), tokens.mean(1), layout)


def text_tokens(lengths: list[int], *, width: int = 8, seed: int = 1) -> TokenSet:
    """Texts of these many tokens each: first and last are special, every other token is a word of its own."""
    generator = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    tokens = torch.randn(len(lengths), longest, width, generator=generator)
    mask = torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]
    return TokenSet(tokens, mask, mean_pool(tokens, mask), tuple(_layout(n, longest) for n in lengths))


def _layout(length: int, longest: int) -> TextLayout:
    words = tuple(f"w{i}" for i in range(length - 2))
    pad = longest - length
    tokens = ("[CLS]", *words, "[SEP]", *["[PAD]"] * pad)
    return TextLayout(" ".join(words), tokens, (None, *range(len(words)), None, *[None] * pad), words)
