"""Tiny towers for tests of explanations: pixels to patches, word vectors to tokens, small enough to follow."""

import torch
from torch import Tensor

from mmdemo.explain.base import Subject, Tower
from mmdemo.fusion.attention_layers import MultiHeadAttention
from mmdemo.fusion.cross_attention import CrossAttentionFusion
from mmdemo.types import FusionOutput, ImageLayout, TextLayout, TokenSet, mean_pool

GRID, SIDE, WIDTH = (2, 3), 4, 8  # patches of 4 x 4 pixels: pictures of 8 x 12
IMAGE_LAYOUT = ImageLayout(GRID, (8, 12), (0.0, 0.0, 12.0, 8.0))


def text_layout(words: int) -> TextLayout:
    names = tuple(f"w{i}" for i in range(words))
    return TextLayout(" ".join(names), ("[CLS]", *names, "[SEP]"), (None, *range(words), None), names)


def image_tower(seed: int = 0) -> Tower:
    """A patch's token is a random matrix times its mean colour, through a GELU."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(3, WIDTH, generator=generator)

    def read(pixels: Tensor, kept: Tensor | None) -> TokenSet:
        colours = torch.nn.functional.avg_pool2d(pixels, SIDE).flatten(2).transpose(1, 2)  # [B, 6, 3]
        tokens = torch.nn.functional.gelu(colours @ matrix.to(pixels.dtype))
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool)
        return TokenSet(tokens, mask, mean_pool(tokens, mask), (IMAGE_LAYOUT,) * len(tokens))

    start = torch.rand(1, 3, GRID[0] * SIDE, GRID[1] * SIDE, generator=generator)
    blank = torch.rand(start.shape, generator=generator)
    return Tower(start, lambda: blank, read)


def text_tower(words: int = 4, layers: int = 2, seed: int = 1) -> Tower:
    """Layers of x + Attention(x) with two heads each; what is not kept is masked for all."""
    torch.manual_seed(seed)
    stack = torch.nn.ModuleList(MultiHeadAttention(WIDTH, 2) for _ in range(layers)).requires_grad_(False)
    layout = text_layout(words)

    def read(start: Tensor, kept: Tensor | None) -> TokenSet:
        mask = torch.ones(start.shape[:2], dtype=torch.bool)
        mask = mask if kept is None else mask & kept
        x, maps = start, []
        for layer in stack.to(start.dtype):
            seen, weights = layer(x, x, mask)
            x, maps = x + seen, [*maps, weights]
        return TokenSet(x, mask, mean_pool(x, mask), (layout,) * len(x), tuple(maps))

    start = torch.randn(1, words + 2, WIDTH)
    worded = torch.tensor([i is not None for i in layout.word_ids])[:, None]
    blank = torch.where(worded, torch.randn_like(start), start)
    return Tower(start, lambda: blank, read, traits=frozenset({"reread", "attention"} if layers else {"reread"}))


def pooled_subject(**changes: object) -> Subject:
    """A score of the two pooled vectors that bends: sum over channels of tanh(image) * tanh(text)."""
    kept = {
        "fuse": lambda i, t: FusionOutput(i.pooled.tanh() * t.pooled.tanh()),
        "judge": lambda fused: fused.joint.sum(-1),
        "image": image_tower(),
        "text": text_tower(),
    }
    return Subject(**kept | changes)


def cross_subject(**changes: object) -> Subject:
    """The cross-attention fusion over the two towers."""
    torch.manual_seed(2)
    fusion = CrossAttentionFusion(WIDTH, WIDTH, 16).eval().requires_grad_(False)
    kept = {"fuse": fusion, "judge": lambda fused: fused.joint.sum(-1), "task_traits": fusion.traits}
    return pooled_subject(**kept | changes)


def pair_of(subject: Subject) -> tuple[TokenSet, TokenSet]:
    """The subject's own pair, read."""
    with torch.no_grad():
        return subject.image.read(subject.image.start, None), subject.text.read(subject.text.start, None)
