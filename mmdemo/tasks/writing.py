"""How a decoder of transformers writes about a picture: several texts by beams or by chance, or one token at a time.

transformers' own `generate` finds the texts; each is then read once more, all at once, for how likely every token was,
where in the picture it was read, and what else was likely. Tokens are put together to words: a word's probability is
the product of its tokens', its map their mean. Read next: `vision_language.py`.
"""

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from mmdemo.types import CaptionWord

BEAMS = 3  # at least, where the likeliest text is looked for
LONGEST = 40  # tokens that are written at most
OTHERS = 5  # tokens shown beside the one that was written
CACHE = ("cache", "past_key_values")  # what transformers calls keys and values, from 5.24 on and before


@dataclass(frozen=True)
class Prompt:
    """What a decoder goes on from.

    Args:
        decoder: it has `generate`.
        tokenizer: of what it writes.
        inputs: what `generate` takes, "input_ids" [1, N] among it.
        maps: the decoder's output for T tokens -> where each was read, [T, h, w]; None where that cannot be said.
        ends: the token that ends a text, and what fills up behind it.
        start: how every text begins, as it was given; its tokens are the last of "input_ids".
        given: how many they are.
    """

    decoder: nn.Module
    tokenizer: Any
    inputs: Mapping[str, Tensor]
    maps: Callable[[Any], Tensor | None]
    ends: tuple[int, int]
    start: str = ""
    given: int = 0

    @property
    def ids(self) -> Tensor:
        """[N]."""
        return self.inputs["input_ids"][0]

    @property
    def body(self) -> int:
        """How many tokens are read before those whose successors are asked for: the start's, and the one before it."""
        return len(self.ids) - self.given - 1

    @cached_property
    @torch.no_grad()
    def past(self) -> dict[str, Any]:
        """Keys and values of the body, as the decoder takes them; its attention, which may be large, is not kept."""
        if not self.body:
            return {}
        cut = {k: t[:, : self.body] for k, t in self.inputs.items() if k in ("input_ids", "attention_mask")}
        return cache_of(self.decoder(**{**self.inputs, **cut}, use_cache=True))

    @torch.no_grad()
    def read(self, ids: Tensor, past: Mapping[str, Any]) -> Any:
        """The decoder's output for tokens [T] after `past`, its attention with it."""
        asked = {name: t for name, t in self.inputs.items() if name.startswith("encoder_")}
        return self.decoder(input_ids=ids[None], **asked, **past, use_cache=True, output_attentions=True)

    @property
    def longest(self) -> int:
        """Tokens that may be added."""
        return min(LONGEST, self.decoder.config.get_text_config().max_position_embeddings // 2)


@dataclass(frozen=True)
class Token:
    """One token as it was written: its number, its probability, its map [h, w] or None, and the likeliest others."""

    number: int
    probability: float
    map: Tensor | None
    others: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Written:
    """One text: as a whole with its start, the probability of all that was added, and its words."""

    text: str
    probability: float
    words: tuple[CaptionWord, ...]


@torch.no_grad()
def write(
    prompt: Prompt, count: int = 1, temperature: float = 0.0, longest: int | None = None, beams: int = BEAMS
) -> tuple[Written, ...]:
    """Different texts, the likeliest first, as `generate` orders them.

    Args:
        count: how many at most; `beams` of them are followed at least.
        temperature: 0 looks for the likeliest; more draws each token from softmax(logits / temperature).
        longest: most tokens that are written.
    """
    how = {"num_beams": max(beams, count), "do_sample": False}
    if temperature > 0:
        how = {"num_beams": 1, "do_sample": True, "temperature": temperature, "top_k": 0}
    end, fill = prompt.ends
    rows = prompt.decoder.generate(
        **prompt.inputs,
        **how,
        num_return_sequences=count,
        max_new_tokens=longest or prompt.longest,
        eos_token_id=end,
        pad_token_id=fill,
    )  # [K, N + T]
    texts = [tuple(row) for row in rows[:, len(prompt.ids) :].tolist()]
    written = [told(prompt, row[: row.index(end) + 1] if end in row else row) for row in dict.fromkeys(texts)]
    return tuple(sorted(written, key=lambda one: -one.probability) if temperature > 0 else written)


def told(prompt: Prompt, added: Sequence[int]) -> Written:
    """One text, of which `added` tokens were written."""
    ids = torch.cat([prompt.ids[prompt.body :], prompt.ids.new_tensor(added)])  # [1 + given + T]
    tokens = list(read_tokens(prompt, ids[1:], prompt.read(ids[:-1], copy.deepcopy(prompt.past))))
    probability = math.prod(token.probability for token in tokens[prompt.given :])
    text = prompt.tokenizer.decode(ids[1:], skip_special_tokens=True).strip()
    if prompt.start and text.lower().startswith(prompt.start.lower()):
        text = prompt.start + text[len(prompt.start) :]
    given = words(prompt, tokens[: prompt.given], given=True)
    return Written(text, probability, (*given, *words(prompt, tokens[prompt.given :])))


def spoken(prompt: Prompt, temperature: float = 0.0) -> Iterator[CaptionWord]:
    """One text word by word, as it comes: the likeliest token each time, or one by chance; the start is not told."""
    return words(prompt, _growing(prompt, temperature))


def _growing(prompt: Prompt, temperature: float) -> Iterator[Token]:
    ids, past = prompt.ids[prompt.body :], prompt.past
    for _ in range(prompt.longest):
        output = prompt.read(ids, past)
        logits, past = output.logits[0, -1].float(), cache_of(output)
        ids = (logits / temperature).softmax(-1).multinomial(1) if temperature > 0 else logits.argmax().view(1)
        yield list(read_tokens(prompt, ids, output))[-1]
        if int(ids) == prompt.ends[0]:
            return


def read_tokens(prompt: Prompt, ids: Tensor, output: Any) -> Iterator[Token]:
    """The last T tokens [T] that the decoder's output speaks of, each as its successor was foretold."""
    chances, maps = output.logits[0, -len(ids) :].float().softmax(-1).cpu(), prompt.maps(output)  # [T, V]
    for i, (number, chance) in enumerate(zip(ids.tolist(), chances, strict=True)):
        best = [j for j in chance.topk(min(OTHERS + 1, len(chance))).indices.tolist() if j != number][:OTHERS]
        where = None if maps is None else maps[i - len(ids)]
        yield Token(number, float(chance[number]), where, tuple((j, float(chance[j])) for j in best))


def words(prompt: Prompt, tokens: Iterable[Token], given: bool = False) -> Iterator[CaptionWord]:
    """Tokens put together to words, each as soon as the next one begins; the end is a word without text."""
    held: list[Token] = []
    for token in tokens:
        if held and _begins(prompt, held, token):
            yield _word(prompt, held, given)
            held = []
        held.append(token)
    if held:
        yield _word(prompt, held, given)


def _begins(prompt: Prompt, held: Sequence[Token], token: Token) -> bool:
    """Whether a token begins a new word; marks stand alone."""
    before, marks = [one.number for one in held], prompt.tokenizer.all_special_ids
    if token.number in marks or before[-1] in marks:
        return True
    so_far = prompt.tokenizer.decode(before).rstrip()
    return prompt.tokenizer.decode([*before, token.number])[len(so_far) :][:1].isspace()


def _word(prompt: Prompt, tokens: Sequence[Token], given: bool) -> CaptionWord:
    chance = math.prod(token.probability for token in tokens)
    maps = [token.map for token in tokens if token.map is not None]
    where = torch.stack(maps).mean(0).float().cpu().numpy() if maps else None
    others = tuple((_text(prompt, [number]), p) for number, p in tokens[0].others)
    return CaptionWord(_text(prompt, [token.number for token in tokens]), chance, where, others, given)


def _text(prompt: Prompt, numbers: list[int]) -> str:
    """Tokens as they are shown: "" for the end, the name of a mark or a space, otherwise what they spell."""
    if numbers == [prompt.ends[0]]:
        return ""
    return prompt.tokenizer.decode(numbers).strip() or prompt.tokenizer.convert_ids_to_tokens(numbers)[0]


def cache_of(output: Any) -> dict[str, Any]:
    """Keys and values that a decoder hands on, by the name under which it takes them."""
    return {name: output[name] for name in CACHE if name in output.keys()}  # noqa: SIM118 (it is no plain dict)
