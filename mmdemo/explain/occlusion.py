"""Occlusion: hide a place and ask again; drop a word and ask again. Slow, and the honest reference for the others.

A place's weight is how far the answer falls when a window around it shows the blurred picture (Zeiler and Fergus 2014,
arXiv 1311.2901, section 4.2); a word's is how far it falls when the word is taken out of its sentence (Li et al. 2016,
arXiv 1612.08220). No gradient, no attention: only answers. What it cannot see: two places that can stand in for each
other. Read next: `faithfulness.py`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, copies, focused, signed_shares
from mmdemo.types import ImageLayout, TextLayout, TokenSet

CHUNK = 16  # pictures read at a time


@dataclass(frozen=True)
class Window:
    """A hidden square in pixels of what the network sees."""

    top: int
    bottom: int
    left: int
    right: int


class Occlusion(ExplanationMethod):
    """One window a patch, centred on it, `size` patches wide; and every word dropped once.

    With a word to explain, that word stays and the others are dropped around it.

    Args:
        size: side of the window in patches.
    """

    name = "occlusion"
    paper = "Zeiler and Fergus 2014, arXiv 1311.2901"
    signed = True
    cost = "one F for each patch and word"
    needs = ("image_reread", "text_reread")

    def __init__(self, size: float = 2.0) -> None:
        self.size = size

    @torch.no_grad()
    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        score = focused(subject, word, place)
        whole = score(image, text)  # [1]
        patches = torch.zeros(image.tokens.shape[1], device=whole.device)
        prefix = image.layout[0].prefix
        pixels = hidden(subject.image.start, subject.image.blank, image.layout[0], self.size)  # [Ni, 3, height, width]
        for i, chunk in enumerate(pixels.split(CHUNK)):
            seen = subject.image.read(chunk, None)
            at = prefix + i * CHUNK
            patches[at : at + len(chunk)] = whole - score(seen, copies(text, len(chunk)))
        kept, owners = dropped(text.layout[0], text.tokens.shape[1], word)
        tokens = torch.zeros(text.tokens.shape[1], device=whole.device)
        if len(kept):
            start = subject.text.start.expand(len(kept), *subject.text.start.shape[1:])
            falls = whole - score(copies(image, len(kept)), subject.text.read(start, kept.to(whole.device)))  # [words]
            shared = (~kept).to(falls) / (~kept).sum(1, keepdim=True)  # a word's fall, spread over its tokens
            tokens = falls @ shared
        return TokenWeights(signed_shares(patches), signed_shares(tokens))


def windows(grid: tuple[int, int], height: int, width: int, size: float) -> list[Window]:
    """One window a patch, row by row, cut off at the picture's edges."""
    h, w = grid
    cell_h, cell_w = height / h, width / w

    def span(i: int, cell: float, end: int) -> tuple[int, int]:
        middle, half = (i + 0.5) * cell, size * cell / 2
        return max(0, round(middle - half)), min(end, round(middle + half))

    return [Window(*span(r, cell_h, height), *span(c, cell_w, width)) for r in range(h) for c in range(w)]


def hidden(start: Tensor, blank: Tensor, layout: ImageLayout, size: float) -> Tensor:
    """The picture [1, 3, height, width] with each patch's window showing `blank`, [h * w, 3, height, width]."""
    squares = windows(layout.grid, *start.shape[2:], size)
    out = start.repeat(len(squares), 1, 1, 1)
    for picture, window in zip(out, squares, strict=True):
        rows, columns = slice(window.top, window.bottom), slice(window.left, window.right)
        picture[:, rows, columns] = blank[0, :, rows, columns]
    return out


def dropped(layout: TextLayout, count: int, word: Kept = None) -> tuple[Tensor, list[int]]:
    """For every word that was read, which tokens stay when it goes, [words, Nt] bool, and the words' indices.

    The word to explain is left out: without it there would be nothing to ask about.
    """
    ids = torch.tensor([-1 if i is None else i for i in layout.word_ids])
    own = set() if word is None else set(ids[word.cpu()].tolist())
    words = [i for i in range(len(layout.words)) if i not in own and bool((ids == i).any())]
    kept = torch.stack([ids != i for i in words]) if words else torch.ones(0, count, dtype=torch.bool)
    return kept, words
