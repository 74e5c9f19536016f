"""How usual the letters and characters of a text are, by counts of short runs over English and Chinese texts.

Keyboard noise is made of letters like any word, but not of the threes of letters that words are made of; shuffled
Chinese is made of real characters, but of pairs that nobody writes. An n-gram model says so (Shannon 1951). Counts are
kept by the 32-bit hash of a run, so that no text is kept. Read next: `familiarity.py`.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from mmdemo.encoders.words import CJK_RANGES
from mmdemo.types import TextLayout

STEP = 16  # steps a nat in which log(1 + count) is kept in eight bits
LINKS = re.compile(r"https?\S*|www\.\S+|[@＠]\w+")  # addresses and names of accounts are nobody's words
LATIN = re.compile("[a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")  # small letters, accents and all
HAN = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in CJK_RANGES) + "]+")  # used in Japanese too
USUAL_SURPRISE, ODD_SURPRISE = 2.2, 3.0  # nats a letter: English words; half way to letters by chance
USUAL_PAIR = 2.5  # pointwise mutual information of neighbouring characters
EVIDENCE = (
    "share_latin", "share_han", "share_other_letters", "share_digits", "share_signs", "share_unread", "surprise",
    "worst_surprise", "share_odd", "share_known_words", "word_frequency", "pair_information", "share_known_pairs",
    "pieces_a_character", "log_length",
)  # fmt: skip


def plain_text(text: str) -> str:
    """Lower case, wide letters made narrow, links and account names left out."""
    return LINKS.sub(" ", unicodedata.normalize("NFKC", text)).lower()


def keys_of(run: str) -> Iterator[str]:
    """What is counted of a Latin word or of a run of Chinese.

    The word, twos and threes of its letters (^ begins, $ ends); or the characters and their pairs.
    """
    if HAN.match(run):
        yield from (f"h{c}" for c in run)
        yield from (f"h{run[i : i + 2]}" for i in range(len(run) - 1))
        return
    yield f"w{run}"
    marked = f"^{run}$"
    for i in range(len(marked) - 2):
        yield f"t{marked[i : i + 2]}"
        yield f"t{marked[i : i + 3]}"


class NgramCounts(nn.Module):
    """Counts of the most frequent runs, sorted by hash.

    Args:
        kept: M, how many runs.
    """

    def __init__(self, kept: int) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(kept, dtype=torch.int32))
        self.register_buffer("counts", torch.zeros(kept, dtype=torch.uint8))
        self.register_buffer("characters", torch.ones(()))  # Chinese characters counted, in millions

    def fill(self, texts: Iterable[str]) -> None:
        """Count every text once, and keep the M runs met most often; threes of letters before all others."""
        runs: Counter[str] = Counter()
        for text in texts:
            plain = plain_text(text)
            runs.update(LATIN.findall(plain))
            runs.update(HAN.findall(plain))
        counts: Counter[str] = Counter()
        for run, times in runs.items():
            for key in keys_of(run):
                counts[key] += times
        ranked = sorted(counts, key=lambda key: (-counts[key] * (100 if key[0] == "t" else 1), key))[: len(self.keys)]
        hashes = np.array([_hashed(key) for key in ranked], np.int32)
        order = np.argsort(hashes)
        steps = np.log1p([counts[ranked[i]] for i in order]) * STEP
        self.keys.fill_(2**31 - 1)  # where fewer were met than there is room for
        self.keys[: len(order)] = torch.from_numpy(hashes[order])
        self.counts[: len(order)] = torch.from_numpy(steps.round().clip(0, 255).astype(np.uint8))
        self.characters.fill_(sum(n for key, n in counts.items() if key[0] == "h" and len(key) == 2) / 1e6)

    def count(self, keys: list[str]) -> np.ndarray:
        """How often each run was met, [n] float64; 0 for one that is not kept."""
        table, wanted = self.keys.cpu().numpy(), np.array([_hashed(key) for key in keys], np.int32)
        place = np.searchsorted(table, wanted).clip(max=len(table) - 1)
        counts = np.expm1(self.counts.cpu().numpy()[place] / STEP)
        return np.where(table[place] == wanted, counts, 0.0)

    def surprise(self, word: str) -> float:
        """Mean of -log p(letter | the two before it) over a word and its end, in nats."""
        marked = f"^{word}$"
        places = range(len(marked) - 2)
        three = self.count([f"t{marked[i : i + 3]}" for i in places])
        two = self.count([f"t{marked[i : i + 2]}" for i in places])
        return float(-np.log((three + 0.02) / (two + 1)).mean())

    def pair_information(self, run: str) -> tuple[float, float, int]:
        """Sum over neighbours of log p(ab) / (p(a) p(b)), the number of pairs that were met, the number of all."""
        n = len(run) - 1
        pairs = self.count([f"h{run[i : i + 2]}" for i in range(n)])
        one = self.count([f"h{c}" for c in run]) + 1
        information = np.log((pairs + 0.1) * 1e6 * float(self.characters) / (one[:-1] * one[1:]))
        return float(information.clip(-4, 8).sum()), float((pairs > 0).sum()), n

    def evidence(self, layout: TextLayout) -> Tensor:
        """The numbers named in `EVIDENCE`, [F] float32; those of a script that the text has not are 0."""
        text = plain_text(layout.text)
        visible = [c for c in text if not c.isspace()]
        n = max(1, len(visible))
        kinds = Counter(_kind(c) for c in visible)
        shares = [kinds[kind] / n for kind in ("latin", "han", "letter", "digit", "sign")]
        unread = sum(len(unit) for unit in layout.unread_units if not LINKS.match(unit)) / n
        pieces = sum(i is not None for i in layout.word_ids) / n
        numbers = [*shares, min(1.0, unread), *self._latin(text), *self._han(text), min(pieces, 2.0), np.log(n)]
        return torch.tensor(numbers, dtype=torch.float32)

    def _latin(self, text: str) -> tuple[float, ...]:
        words = LATIN.findall(text)
        if not words:
            return (0.0,) * 5
        size = np.array([len(word) for word in words], float)
        surprise = np.array([self.surprise(word) for word in words])
        count = self.count([f"w{word}" for word in words])
        share = size / size.sum()
        means = ((surprise - USUAL_SURPRISE), surprise > ODD_SURPRISE, count >= 5, np.log1p(count).clip(max=7) / 7)
        mean, odd, known, frequency = (float((share * x).sum()) for x in means)
        return mean, float(surprise.max()) - USUAL_SURPRISE, odd, known, frequency

    def _han(self, text: str) -> tuple[float, float]:
        told = [self.pair_information(run) for run in HAN.findall(text) if len(run) > 1]
        pairs = sum(n for _, _, n in told)
        if not pairs:
            return 0.0, 0.0
        return sum(i for i, _, _ in told) / pairs - USUAL_PAIR, sum(k for _, k, _ in told) / pairs


def _hashed(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) - 2**31


def _kind(character: str) -> str:
    if HAN.match(character):
        return "han"
    if LATIN.match(character):
        return "latin"
    category = unicodedata.category(character)[0]
    return {"L": "letter", "M": "letter", "N": "digit"}.get(category, "sign")
