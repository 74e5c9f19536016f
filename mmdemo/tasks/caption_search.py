"""How a decoder's probabilities become captions: beam search and sampling.

Both begin with the sign of the language and, where one is given, a start that stays as it is. Beam search keeps the K
likeliest beginnings at every step; sampling draws each word from softmax(logits / temperature). Read next:
`captioning.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.tasks.captioning import LONGEST, Captioning, Decoded, ReadPicture


@dataclass(frozen=True)
class Captions:
    """K captions of each of P pictures, best first where they were searched.

    Args:
        words: [P, K, T], sign and start included, [PAD] after [END].
        log_probability: [P, K], of all words that were not given.
    """

    words: Tensor
    log_probability: Tensor


@torch.no_grad()
def search(
    model: Captioning, picture: ReadPicture, language: str, beams: int = 3, start: Sequence[int] = (),
    longest: int = 24, penalty: float = 0.7,
) -> Captions:  # fmt: skip
    """Beam search.

    Args:
        picture: P of them, from `read_picture`.
        beams: K; 1 takes the likeliest word at each step.
        start: numbers of the words that every caption begins with.
        longest: words of a caption at most, those of the start not counted.
        penalty: a; captions are ranked by log probability / length ** a (Wu et al. 2016, arXiv 1609.08144, eq. 14,
            without its constant), for without it the shortest would win.
    """
    vocabulary, pictures = model.vocabulary, len(picture)
    sayable, device = vocabulary.sayable(language).to(picture.whole.device), picture.whole.device
    words = torch.tensor([vocabulary.sign(language), *start], device=device).expand(pictures * beams, -1)
    said = model.decode(words, picture)
    total = torch.full((pictures, beams), float("-inf"), device=device)
    total[:, 0] = 0  # all beams are equal at first
    ended = torch.zeros(pictures, beams, dtype=torch.bool, device=device)
    length = torch.zeros(pictures, beams, device=device)
    given = words.shape[1]
    for _ in range(min(longest, LONGEST - given)):
        chance = model.logits(said.hidden[:, -1], sayable).float().log_softmax(-1).view(pictures, beams, -1)
        chance[ended] = float("-inf")
        chance[..., 0] = chance[..., 0].where(~ended, 0.0)  # after [END] comes nothing but [END], surely
        total, best = (total.unsqueeze(-1) + chance).flatten(1).topk(beams)  # [P, K] of K * V_l
        beam, word = best // len(sayable), sayable[best % len(sayable)]
        rows = (beam + torch.arange(pictures, device=device)[:, None] * beams).flatten()
        ended, length = ended.gather(1, beam), length.gather(1, beam)
        length += (~ended).float()
        words = torch.cat([words[rows], word.masked_fill(ended, vocabulary.pad).view(-1, 1)], 1)
        ended = ended | (word == vocabulary.end)
        if ended.all():
            break
        past = [(k[rows], v[rows]) for k, v in said.past]
        said = model.decode(words[:, -1:], picture, past)
    ranked = total / length.clamp_min(1) ** penalty
    order = ranked.argsort(1, descending=True)
    words = words.view(pictures, beams, -1).gather(1, order.unsqueeze(-1).expand(-1, -1, words.shape[1]))
    return Captions(words, total.gather(1, order))


@torch.no_grad()
def sample(
    model: Captioning, picture: ReadPicture, language: str, count: int = 1, temperature: float = 1.0,
    start: Sequence[int] = (), longest: int = 24, generator: torch.Generator | None = None,
) -> Captions:  # fmt: skip
    """`count` captions of each picture by chance; a low temperature keeps to likely words. Parameters as `search`."""
    vocabulary, pictures = model.vocabulary, len(picture)
    sayable, device = vocabulary.sayable(language).to(picture.whole.device), picture.whole.device
    words = torch.tensor([vocabulary.sign(language), *start], device=device).expand(pictures * count, -1)
    said: Decoded = model.decode(words, picture)
    total = torch.zeros(len(words), device=device)
    ended = torch.zeros(len(words), dtype=torch.bool, device=device)
    for _ in range(min(longest, LONGEST - words.shape[1])):
        chance = model.logits(said.hidden[:, -1], sayable).float()
        drawn = (chance / temperature).softmax(-1).multinomial(1, generator=generator)  # [B, 1]
        total += chance.log_softmax(-1).gather(1, drawn).squeeze(1).masked_fill(ended, 0)
        word = sayable[drawn.squeeze(1)].masked_fill(ended, vocabulary.pad)
        words = torch.cat([words, word[:, None]], 1)
        ended = ended | (word == vocabulary.end)
        if ended.all():
            break
        said = model.decode(words[:, -1:], picture, said.past)
    return Captions(words.view(pictures, count, -1), total.view(pictures, count))
