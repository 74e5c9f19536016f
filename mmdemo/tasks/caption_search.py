"""How a decoder's probabilities become captions: beam search and sampling, and each word with its map.

Both begin with the sign of the language and, where one is given, a start that stays as it is. Beam search keeps the K
likeliest beginnings at every step; sampling draws each word from softmax(logits / temperature). What was found is
ranked by its probability and by how well it fits the picture. Read next: `captioning.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.caption_words import CaptionWords
from mmdemo.tasks.captioning import LONGEST, Captioning, Decoded, ReadPicture
from mmdemo.types import CaptionResult, CaptionWord

MORE = 24  # words that are added at most
PENALTY = 0.7  # a: captions are ranked by log probability / length ** a
BEAMS = 3
CANDIDATES = 5  # beams that are ranked once more, by `ranked`
# c: what a cosine of 1 counts there. a and c were chosen on Flickr8k val, where the first of five beams has CIDEr .551
# and 1.445 (English, Chinese), that of three beams by probability alone .509 and 1.396.
FIT = 6.0
OTHERS = 5  # words shown beside the one that was said

Fit = Callable[[Sequence[str]], Tensor]


@dataclass(frozen=True)
class Captions:
    """K captions of each of P pictures, best first where they were searched.

    Args:
        words: [P, K, T], sign and start included, [PAD] after [END].
        log_probability: [P, K], of all words that were not given.
    """

    words: Tensor
    log_probability: Tensor


class Beginnings:
    """B beginnings of captions, B / P of each picture, that grow word by word."""

    def __init__(
        self, model: Captioning, picture: ReadPicture, language: str, each: int, start: Sequence[int], more: int = MORE
    ) -> None:
        self.model, self.picture, device = model, picture, picture.whole.device
        self.sayable = model.vocabulary.sayable(language).to(device)  # [V_l]
        self.words = torch.tensor([model.vocabulary.sign(language), *start], device=device)
        self.words = self.words.expand(len(picture) * each, -1)  # [B, T]
        self.ended = torch.zeros(len(self.words), dtype=torch.bool, device=device)
        self.left = min(more, LONGEST - self.words.shape[1])
        self.decoded: Decoded = model.decode(self.words, picture)

    def growing(self) -> Iterator[Tensor]:
        """Logits of the next word, [B, V_l], until all have ended or are too long; `add` must be called after each."""
        for _ in range(self.left):
            yield self.model.logits(self.decoded.hidden[:, -1], self.sayable).float()
            if self.ended.all():
                return

    def add(self, which: Tensor, rows: Tensor | None = None) -> None:
        """One word to each: `which` [B] of the sayable ones, after beginning number `rows` [B]."""
        past = self.decoded.past
        if rows is not None:
            self.words, self.ended = self.words[rows], self.ended[rows]
            past = [(key[rows], value[rows]) for key, value in past]
        word = self.sayable[which].masked_fill(self.ended, self.model.vocabulary.pad)
        self.words = torch.cat([self.words, word.unsqueeze(1)], 1)
        self.ended = self.ended | (word == self.model.vocabulary.end)
        if not self.ended.all():
            self.decoded = self.model.decode(word.unsqueeze(1), self.picture, past)


@torch.no_grad()
def search(
    model: Captioning, picture: ReadPicture, language: str, beams: int = BEAMS, start: Sequence[int] = (),
    penalty: float = PENALTY, more: int = MORE,
) -> Captions:  # fmt: skip
    """Beam search.

    Args:
        picture: P of them.
        beams: K; 1 takes the likeliest word at each step.
        start: numbers of the words that every caption begins with.
        penalty: a of log probability / length ** a (Wu et al. 2016, arXiv 1609.08144, eq. 14, without its constant),
            by which captions are ranked at the end, for else the shortest would win.
        more: words that are added at most.
    """
    p = len(picture)
    some, first = Beginnings(model, picture, language, beams, start, more), torch.arange(p).unsqueeze(1) * beams
    total = torch.full((p, beams), float("-inf"))
    total[:, 0] = 0  # all beams are equal at first
    for logits in some.growing():
        chance = logits.log_softmax(-1).cpu()  # [P * K, V_l]
        chance[some.ended.cpu()] = float("-inf")
        chance[some.ended.cpu(), 0] = 0  # after [END], the first of the sayable, comes surely nothing else
        total, best = (total.unsqueeze(-1) + chance.view(p, beams, -1)).flatten(1).topk(beams)  # [P, K] of K * V_l
        rows = (best // chance.shape[1] + first).flatten().to(logits.device)
        some.add((best % chance.shape[1]).flatten().to(logits.device), rows)
    words = some.words.view(p, beams, -1).cpu()
    length = (words[..., len(start) + 1 :] != model.vocabulary.pad).sum(-1).clamp_min(1)
    order = (total / length**penalty).argsort(1, descending=True)
    return Captions(words.gather(1, order.unsqueeze(-1).expand_as(words)), total.gather(1, order))


@torch.no_grad()
def sample(
    model: Captioning, picture: ReadPicture, language: str, count: int = 1, temperature: float = 1.0,
    start: Sequence[int] = (), more: int = MORE,
) -> Captions:  # fmt: skip
    """`count` captions of each picture by chance; a low temperature keeps to likely words. Others as in `search`."""
    some = Beginnings(model, picture, language, count, start, more)
    total = torch.zeros(len(some.words), device=some.words.device)
    for logits in some.growing():
        which = (logits / temperature).softmax(-1).multinomial(1).squeeze(1)  # [B]
        chance = logits.log_softmax(-1).gather(1, which.unsqueeze(1)).squeeze(1)
        total += chance.masked_fill(some.ended, 0)
        some.add(which)
    return Captions(some.words.view(len(picture), count, -1), total.view(len(picture), count))


def ranked(found: Captions, cosine: Tensor, given: int = 0) -> Tensor:
    """Numbers of K captions of each of P pictures by log probability / length ** a + c * cosine, best first, [P, K].

    Args:
        cosine: [P, K], of each caption with its picture.
        given: words of the start.
    """
    length = (found.words[..., given + 1 :] != CaptionWords.pad).sum(-1).clamp_min(1)  # [P, K]
    return (found.log_probability.cpu() / length.cpu() ** PENALTY + FIT * cosine).argsort(1, descending=True)


def describe(
    model: Captioning, picture: ReadPicture, grid: tuple[int, int], fit: Fit, language: str = "en", count: int = 1,
    start: str = "", temperature: float = 0.0,
) -> CaptionResult:  # fmt: skip
    """Captions of one picture, different ones, ranked by probability and fit.

    Args:
        picture: one.
        grid: (h, w) of its places.
        fit: K texts -> the cosine of each with the picture, [K].
        count: how many captions at most; sampling may say the same one twice.
        start: what they begin with; the network reads its last words where it is long.
        temperature: 0 searches, more draws by chance.
    """
    given = model.vocabulary.read(start)[-(LONGEST - MORE) :]
    if temperature > 0:
        found = sample(model, picture, language, count, temperature, given)
    else:
        found = search(model, picture, language, CANDIDATES, given)
    rows = found.words[0].tolist()
    texts = [model.vocabulary.write(words[len(given) + 1 :], after=start) for words in rows]
    cosine = fit(texts)
    order = ranked(found, cosine.unsqueeze(0), len(given))[0].tolist()
    best = list({texts[i]: i for i in order}.values())[:count]
    return CaptionResult(
        tuple(texts[i] for i in best),
        tuple(float(found.log_probability[0, i].exp()) for i in best),
        tuple(explained(model, picture, grid, language, rows[i], len(given)) for i in best),
        language,
        tuple(float(cosine[i]) for i in best),
    )


@torch.no_grad()
def explained(
    model: Captioning, picture: ReadPicture, grid: tuple[int, int], language: str, words: Sequence[int], given: int
) -> tuple[CaptionWord, ...]:
    """Each word of a caption and its end: how likely it was, where it was read, what else was likely.

    Args:
        words: [T] numbers, from the sign of the language on.
        given: how many after the sign stood in the start.
    """
    words = [word for word in words if word != model.vocabulary.pad]
    decoded = model.decode(torch.tensor([words[:-1]], device=picture.whole.device), picture)
    sayable = model.vocabulary.sayable(language)
    chance = model.logits(decoded.hidden[0], sayable).float().softmax(-1).cpu()  # [T - 1, V_l]
    maps = decoded.attention[0].float().cpu().unflatten(1, grid).numpy()  # [T - 1, h, w]
    return tuple(_word(model, sayable, chance[i], w, maps[i], i < given) for i, w in enumerate(words[1:]))


@torch.no_grad()
def spoken(
    model: Captioning, picture: ReadPicture, grid: tuple[int, int], language: str = "en", start: str = "",
    temperature: float = 0.0,
) -> Iterator[CaptionWord]:  # fmt: skip
    """One caption of one picture word by word, as it comes: the likeliest word each time, or one by chance.

    The words of the start are not told again. Parameters as in `describe`.
    """
    some = Beginnings(model, picture, language, 1, model.vocabulary.read(start)[-(LONGEST - MORE) :])
    for logits in some.growing():
        chance = logits[0].softmax(-1)
        which = (logits[0] / temperature).softmax(-1).multinomial(1) if temperature > 0 else chance.argmax().view(1)
        attention = some.decoded.attention[0, -1].float().cpu().view(grid).numpy()
        yield _word(model, some.sayable, chance.cpu(), int(some.sayable[which]), attention)
        some.add(which)


def _word(
    model: Captioning, sayable: Tensor, chance: Tensor, word: int, attention: np.ndarray, given: bool = False
) -> CaptionWord:
    """Chances [V_l] of the sayable words at one place, and the word that stands there."""
    own = (sayable == word).nonzero().flatten().tolist()
    best = [j for j in chance.topk(min(OTHERS + 1, len(chance))).indices.tolist() if j not in own][:OTHERS]
    others = tuple((model.vocabulary.text_of(int(sayable[j])), float(chance[j])) for j in best)
    return CaptionWord(model.vocabulary.text_of(word), float(chance[own].sum()), attention, others, given)
