"""The word list of the autoencoder, counted over training captions, and each photo's captions as bags of words.

Read next: `recipes/autoencoder.py`, `tasks/word_list.py`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.word_list import WordList, base_of, chinese_runs, cut_run, english_words
from mmdemo.training.data.pairs import Captioned

LANGUAGES = ("en", "zh")  # captions written by people; the machine translations are left out
RARE = 5  # an English word of fewer photos is no base form
PAIR_COHESION, TRIPLE_COHESION, FEWEST = 0.15, 0.5, 15
AGREED = 0.1  # least kappa of a word


@dataclass
class Bags:
    """Captions as words of one list.

    Args:
        captions: [T, V] bool, which words each caption holds.
        photo: [T] index of the caption's photo, rising.
        starts: [P + 1], the captions of photo i are rows starts[i] to starts[i + 1].
        share: [P, V] in [0, 1], the share of a photo's captions of the word's language that hold the word.
    """

    captions: Tensor
    photo: Tensor
    starts: Tensor
    share: Tensor


def build_words(captioned: Captioned, english: int, chinese: int) -> list[str]:
    """Of the commonest content words of the captions those that a photo decides: English, then Chinese.

    A word that one person writes and the next does not tells of the writer, not of the photo (`kappa`).

    Args:
        captioned: captions written by people.
        english, chinese: so many of the commonest words are looked at.
    """
    texts = {kind: [captioned.texts[i] for i in captioned.of_kind(kind)] for kind in LANGUAGES}
    words = commonest_english(texts["en"], english) + commonest_chinese(texts["zh"], chinese)
    listed = WordList(words)
    share, people = build_bags(captioned, listed).share, torch.zeros(len(captioned.photos), len(words))
    for kind, inside in (("en", ~listed.chinese), ("zh", listed.chinese)):
        people[:, inside] = torch.from_numpy(people_of(captioned, kind))[:, None]
    return [word for word, k in zip(words, kappa(share * people, people).tolist(), strict=True) if k >= AGREED]


def people_of(captioned: Captioned, kind: str) -> np.ndarray:
    """How many captions of one language each photo has, [P] float32."""
    photos = captioned.photo_of_text[captioned.of_kind(kind)]
    return np.bincount(photos, minlength=len(captioned.photos)).astype(np.float32)


def kappa(used: Tensor, people: Tensor) -> Tensor:
    """Agreement on each word beyond chance, [V]: 0 where a photo does not matter, 1 where it decides.

    Fleiss 1971, "Measuring nominal scale agreement among many raters", the kappa of one category: (A - p) / (1 - p),
    where A is how often a second person uses the word when a first one did, and p how often anybody uses it.

    Args:
        used: [P, V], how many of a photo's captions hold each word.
        people: [P, V], how many captions it has in the word's language.
    """
    again = (used * (used - 1)).sum(0) / (used * (people - 1)).sum(0).clamp_min(1)
    usual = used.sum(0) / people.sum(0).clamp_min(1)
    return (again - usual) / (1 - usual)


def commonest_english(texts: Sequence[str], size: int) -> list[str]:
    """Forms of one word are counted together, under the base form if that stands in the captions too."""
    counts = Counter(word for text in texts for word in english_words(text))
    rank = {word: i for i, (word, n) in enumerate(counts.most_common()) if n >= RARE}
    merged: Counter[str] = Counter()
    for word, n in counts.items():
        base = base_of(word, rank)
        if base:
            merged[base_of(base, rank)] += n  # "skaters" -> "skater"; a base may itself be a form of another
    return ranked(merged, size)


def commonest_chinese(texts: Sequence[str], size: int) -> list[str]:
    """Three, then two characters that keep together are a word; captions are cut by them, and the words counted."""
    runs = [run for text in texts for run in chinese_runs(text)]
    n = {k: Counter(run[i : i + k] for run in runs for i in range(len(run) - k + 1)) for k in (1, 2, 3)}
    left, words = " ".join(runs), set()
    for k, enough in ((3, TRIPLE_COHESION), (2, PAIR_COHESION)):
        for word, count in n[k].most_common():  # so that "自行车" is taken out before "骑自行" is tried
            parts = n[k - 1][word[:-1]] * n[k - 1][word[1:]]
            if count < enough * parts**0.5:  # count / sqrt(parts) is the cosine of the two halves' places
                continue
            if left.count(word) >= FEWEST:
                words.add(word)
                left = left.replace(word, " ")
    return ranked(Counter(word for run in runs for word in cut_run(run, words)), size)


def ranked(counts: Counter[str], size: int) -> list[str]:
    """The `size` most frequent; equal counts by letters, so that every machine makes the same list."""
    return sorted(counts, key=lambda word: (-counts[word], word))[:size]


def build_bags(captioned: Captioned, words: WordList) -> Bags:
    """Every caption written by people, read with the list."""
    rows = np.flatnonzero(np.isin(captioned.kind_of_text, LANGUAGES))
    rows = rows[np.argsort(captioned.photo_of_text[rows], kind="stable")]
    captions = torch.zeros(len(rows), len(words), dtype=torch.bool)
    for at, row in enumerate(rows):
        captions[at, words.read(captioned.texts[row])[0]] = True
    photo = torch.from_numpy(captioned.photo_of_text[rows]).long()
    starts = torch.searchsorted(photo, torch.arange(len(captioned.photos) + 1))
    share = torch.zeros(len(captioned.photos), len(words))
    for kind, inside in (("en", ~words.chinese), ("zh", words.chinese)):
        mine = torch.from_numpy(captioned.kind_of_text[rows] == kind)
        held = captions[mine].float() * inside
        count = torch.zeros(len(captioned.photos)).index_add_(0, photo[mine], torch.ones(int(mine.sum())))
        share.index_add_(0, photo[mine], held / count[photo[mine]].unsqueeze(1))
    return Bags(captions, photo, starts, share)
