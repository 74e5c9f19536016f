"""Deletion and insertion: the test of a map. Take away what it calls important, and the answer must fall.

Deletion blurs the picture away, the map's brightest places first, and follows the answer; insertion starts from the
blurred picture and gives the places back in the same order (Petsiuk et al. 2018, arXiv 1806.07421, "RISE").
The area under the first should be small, under the second large. Both are compared with the curves of a random map and
of a blob in the middle, for photographers put things there: a map that does no better says nothing of the model.
Several random orders are drawn: how far they differ among themselves is the margin by which a map must win.
Words are taken out of their sentence and given back in the same way. Read next: `agreement.py`.
"""

from collections.abc import Callable, Generator, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.explain.base import Subject, copies
from mmdemo.explain.occlusion import dropped
from mmdemo.types import Curves, TokenSet

STEPS = 10
RANDOM_MAPS = 3  # of a picture; each costs S - 1 pictures
ORDERS = 4  # random orders of words, averaged; a single one would say more of chance than of the words
TEXTS = 24  # read at a time
DeletionInsertion = tuple[Curves, Curves]


def growing_picture_curves(
    subject: Subject, text: TokenSet, patch_map: Tensor, steps: int = STEPS, seed: int = 0
) -> Iterator[tuple[float, DeletionInsertion]]:
    """Deletion and insertion curves of a patch map: first the ends and the middle, then two more points at a time.

    Nothing is computed between two `next`, so whoever stops asking stops the work. Deletion leaves of a random map's
    picture a random share, and so does insertion: one curve, read backwards, serves as the other. `RANDOM_MAPS` are
    drawn and averaged.

    Args:
        subject: what was explained; it must know the picture's tower.
        text: the text's tokens [1, Nt, D].
        patch_map: [h, w], of either sign; the largest values go first.
        steps: S, equal shares of the picture.
        seed: of the random maps and of the order among equal values.

    Yields:
        (how much of the work is done, in (0, 1]; deletion and insertion at the points known so far).
    """
    tower = subject.image
    chance = [random_map(patch_map, seed + i) for i in range(RANDOM_MAPS)]
    maps, random = (patch_map, *chance, centre_map(patch_map)), slice(1, 1 + RANDOM_MAPS)
    keep = picture_masks(maps, tower.start.shape[2:], steps, seed).to(tower.start.device)
    rows = np.arange(2, len(keep)).reshape(len(maps), 2, steps - 1)  # [M, (deletion, insertion), S - 1], rows of `keep`
    answers = np.full(len(keep), np.nan)  # NaN: not asked yet

    def read(kept: Tensor) -> Tensor:
        pictures = torch.where(kept[:, None], tower.start, tower.blank)
        return subject.shown(subject.score(tower.read(pictures, None), copies(text, len(kept)))).float()

    known, groups = [0, steps], coarse_first(steps)
    for count, points in enumerate(groups, 1):
        inner = [p - 1 for p in points]
        # every map's deletion, and the insertion of all but the random ones
        asked = np.concatenate([rows[:, 0, inner].ravel(), np.delete(rows, random, 0)[:, 1, inner].ravel()])
        asked = np.concatenate([[0, 1], asked]) if count == 1 else asked
        with torch.no_grad():
            answers[asked] = read(keep[asked]).cpu().numpy()
        known = sorted([*known, *points])
        deletion, insertion = unpack(answers, len(maps))  # [M, S + 1] each
        insertion[random] = deletion[random, ::-1]
        share = np.linspace(0, 1, steps + 1)[known]
        yield count / len(groups), tuple(curves_of(share, answer[:, known]) for answer in (deletion, insertion))


def curves_of(share: np.ndarray, answers: np.ndarray) -> Curves:
    """The curves at `share` [S + 1] from `answers` [2 + R, S + 1]: the map's, R random ones, that of the middle."""
    return Curves(share, answers[0], answers[1:-1].mean(0), answers[-1], answers[1:-1])


def coarse_first(steps: int) -> list[list[int]]:
    """The points 1 .. S - 1 in groups of two that lie opposite, `[p, S - p]`: first the one farthest from all known."""
    known, groups = [0, steps], []
    while left := [p for p in range(1, steps // 2 + 1) if p not in known]:
        point = max(left, key=lambda p: min(abs(p - k) for k in known))
        groups.append(sorted({point, steps - point}))
        known += groups[-1]
    return groups


def growing_word_curves(
    subject: Subject, image: TokenSet, text: TokenSet, weights: Sequence[float], steps: int = STEPS, seed: int = 0
) -> Iterator[DeletionInsertion | None]:
    """Those of word weights: None after every `TEXTS` texts, the curves at last; None at last for fewer than two words.

    Args:
        subject: what was explained; it must know the text's tower.
        image: the picture's tokens [1, Ni, D].
        text: the text's tokens [1, Nt, D], which say what words there are.
        weights: one of either sign for each word of the text's layout; the largest go first.
        steps: at most so many shares of the words; fewer where there are fewer words.
        seed: of the random orders, `ORDERS` of them, averaged.
    """
    tower = subject.text
    kept, words = dropped(text.layout[0], text.tokens.shape[1])  # [words, Nt]
    if len(words) < 2:
        yield None
        return
    orders = [by_weight([weights[i] for i in words]), *random_orders(len(words), seed), from_the_middle(len(words))]
    counts = word_counts(len(words), steps)
    distinct, place = word_masks(kept, orders, counts).unique(dim=0, return_inverse=True)  # few words, few subsets

    def read(stays: Tensor) -> Tensor:
        start = tower.start.expand(len(stays), *tower.start.shape[1:])
        return subject.shown(subject.score(copies(image, len(stays)), tower.read(start, stays))).float()

    answers = yield from _in_parts(read, distinct.to(tower.start.device))
    deletion, insertion = unpack(answers[place.numpy()], len(orders))  # [orders, S + 1] each
    yield tuple(curves_of(counts / len(words), answer) for answer in (deletion, insertion))


def _in_parts(read: Callable[[Tensor], Tensor], rows: Tensor) -> Generator[None, None, np.ndarray]:
    """Read `TEXTS` rows at a time, with a pause after each; returns all answers, [B]."""
    answers = []
    for chunk in rows.split(TEXTS):
        with torch.no_grad():
            answers.append(read(chunk).cpu().numpy())
        yield None
    return np.concatenate(answers)


def picture_masks(maps: Sequence[Tensor], size: Sequence[int], steps: int, seed: int = 0) -> Tensor:
    """Which pixels of the picture are shown, for every point of all curves.

    Args:
        maps: M of [h, w].
        size: (height, width) of the pictures.
        steps: S.
        seed: of the order among equal values.

    Returns:
        [2 + M * 2 * (S - 1), height, width] bool: all, none, then for each map its deletion and its insertion.
    """
    inner = torch.linspace(0, 1, steps + 1)[1:-1, None, None]  # [S - 1, 1, 1]
    keep = [torch.ones(1, *size, dtype=torch.bool), torch.zeros(1, *size, dtype=torch.bool)]
    for patch_map in maps:
        place = rank(patch_map, size, seed)[None]
        keep += [place >= inner, place < inner]
    return torch.cat(keep)


def word_masks(kept: Tensor, orders: Sequence[Sequence[int]], counts: np.ndarray) -> Tensor:
    """The same for words: which tokens are read, [2 + M * 2 * (S - 1), Nt] bool.

    Args:
        kept: [words, Nt] bool, what stays when a word goes.
        orders: M of places in `words`, the first goes first.
        counts: [S + 1], how many words are gone at each point.
    """

    def without(gone: Sequence[int]) -> Tensor:
        return kept[list(gone)].all(0) if len(gone) else torch.ones_like(kept[0])

    keep = [without([]), without(range(len(kept)))]
    for order in orders:
        keep += [without(order[:c]) for c in counts[1:-1]] + [without(order[c:]) for c in counts[1:-1]]
    return torch.stack(keep)


def unpack(answers: np.ndarray, maps: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers in the order of `picture_masks` or `word_masks` -> deletion and insertion, [M, S + 1] each."""
    whole, nothing = (np.full((maps, 1), a) for a in answers[:2])
    between = answers[2:].reshape(maps, 2, -1)
    return np.hstack([whole, between[:, 0], nothing]), np.hstack([nothing, between[:, 1], whole])


def word_counts(words: int, steps: int) -> np.ndarray:
    """[S + 1] rising from 0 to `words`, at most `steps` steps."""
    return np.unique(np.linspace(0, words, min(steps, words) + 1).round().astype(int))


def rank(patch_map: Tensor, size: Sequence[int], seed: int = 0) -> Tensor:
    """The share of the picture that goes before each pixel, [height, width] in [0, 1).

    The map is stretched over the picture bilinearly; among equal values chance decides, not the reading order.
    """
    big = F.interpolate(patch_map[None, None].float().cpu(), size=tuple(size), mode="bilinear", align_corners=False)
    values = big.flatten().numpy()
    chance = np.random.default_rng(seed).random(values.size)
    order = np.lexsort((chance, -values))
    place = np.empty(values.size, np.float32)
    place[order] = np.arange(values.size, dtype=np.float32) / values.size
    return torch.from_numpy(place).reshape(tuple(size))


def random_map(like: Tensor, seed: int = 0) -> Tensor:
    """Independent uniform values on the grid [h, w] of another map."""
    return torch.from_numpy(np.random.default_rng(seed).random(tuple(like.shape), np.float32))


def centre_map(like: Tensor) -> Tensor:
    """A round blob in the middle of the grid [h, w], falling towards the corners."""
    h, w = like.shape
    y, x = torch.linspace(-1, 1, h) if h > 1 else torch.zeros(1), torch.linspace(-1, 1, w) if w > 1 else torch.zeros(1)
    return torch.exp(-2 * (y[:, None] ** 2 + x[None, :] ** 2))


def by_weight(weights: Sequence[float]) -> list[int]:
    """0 .. n - 1, the heaviest first; equal ones in reading order."""
    return sorted(range(len(weights)), key=lambda place: -weights[place])


def from_the_middle(count: int) -> list[int]:
    """0 .. count - 1, those nearest to the middle first."""
    return sorted(range(count), key=lambda place: abs(place - (count - 1) / 2))


def random_orders(count: int, seed: int) -> list[list[int]]:
    """`ORDERS` random orders of 0 .. count - 1."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(count).tolist() for _ in range(ORDERS)]
