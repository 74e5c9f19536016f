"""Sentences as bags of content words over one list of English and Chinese words, for the autoencoder.

No tokenizer and no segmenter from elsewhere: English words are found by their letters and brought to a base form where
the list has one ("dogs" -> "dog", "running" -> "run"); Chinese runs are cut by maximum matching, the longest listed
word first. What the list does not hold is ignored, and counted. Read next: `reconstruction.py`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import torch
from torch import Tensor

ENGLISH = re.compile(r"[a-z]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
LONGEST = 3  # characters of a Chinese word

# Words that say nothing one could paint: articles, prepositions, pronouns, auxiliaries, numerals, light verbs.
_FUNCTION_WORDS = """
    a an the and or but of in on at to from by for with without into onto over under through across along around about
    above below behind beside between against among near next off out up down away towards toward past after before
    during while whilst as than that this these those there here which who whom whose what where when how is are was
    were be been being am has have had having do does did doing can could will would may might must he him himself his
    she her herself hers it itself its they them themselves their theirs i me my we our you your someone something
    somebody another other others each both all some any many few several more most no not none s t very just also too
    so then together inside outside back front top side middle edge end part kind lot number like one ones two three
    four five six seven eight nine ten first second third get gets getting got go goes going come comes coming make
    makes making made take takes taking taken put puts use uses using used try tries trying tried look looks looking
    see sees seen wear wears wearing worn dressed
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
# Particles, prepositions, places, numerals and measure words ("他" is kept, for 吉他 needs it).
FUNCTION_CHARACTERS = frozenset(
    "的了着在是有和与不很也都被把对向往从到为上下里中内外边面前后旁正这那她它们一二两三四五几个只条名位辆匹群双"
)
# Forms that are words of their own: their base means something else.
_OWN_WORDS = (
    "building clothing clothes glasses jeans leaves pants parking putting railing shorts striped wedding evening"
)
OWN_WORDS = frozenset(_OWN_WORDS.split())


def is_chinese(word: str) -> bool:
    """Whether a word of the list is a Chinese one."""
    return CHINESE.match(word) is not None


def base_forms(word: str) -> Iterator[str]:
    """What an English word may be a form of: "riding" -> "rid", "ride"; "running" -> "run", "runne", "runn"."""
    if word in OWN_WORDS:
        return
    for ending, least in (("ies", 2), ("es", 3), ("s", 3), ("ing", 3), ("ed", 3)):
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < least or (ending == "s" and stem.endswith("s")):
            continue
        if ending == "ies":
            yield stem + "y"
        elif ending == "s":
            yield stem
        else:
            yield from ([stem[:-1]] if stem[-1] == stem[-2] else []) + [stem, stem + "e"]


def base_of(word: str, rank: Mapping[str, int]) -> str | None:
    """The listed word that an English word is a form of (the best ranked of several), or the word itself, or None."""
    listed = [form for form in base_forms(word) if form in rank]
    return min(listed, key=rank.__getitem__) if listed else word if word in rank else None


def english_words(text: str) -> list[str]:
    """Lower-case content words, as written."""
    return [w for w in ENGLISH.findall(text.lower()) if w not in FUNCTION_WORDS and len(w) > 1]


def chinese_runs(text: str) -> list[str]:
    """Runs of Chinese characters between marks and function characters: "一只狗在草地上" -> "只狗", "草地"."""
    cut = "".join(c if c not in FUNCTION_CHARACTERS else " " for c in text)
    return CHINESE.findall(cut)


def cut_run(run: str, known: Collection[str]) -> list[str]:
    """Maximum matching from the left; a character of which no listed word starts stands alone."""
    words, at = [], 0
    while at < len(run):
        sizes = range(min(LONGEST, len(run) - at), 1, -1)
        size = next((n for n in sizes if run[at : at + n] in known), 1)
        words.append(run[at : at + size])
        at += size
    return words


class WordList:
    """The vocabulary of the autoencoder.

    Args:
        words: V words, English and Chinese, each once; their order is that of every bag.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.index = {word: i for i, word in enumerate(self.words)}
        self.chinese = torch.tensor([is_chinese(word) for word in self.words])  # [V]

    def __len__(self) -> int:
        return len(self.words)

    def read(self, text: str) -> tuple[list[int], list[str]]:
        """(indices of the content words that the list holds, the content words that it does not); each once."""
        known, unknown = [], []
        for word in english_words(text):
            base = base_of(word, self.index)
            known.append(self.index[base]) if base else unknown.append(word)
        for run in chinese_runs(text):
            for word in cut_run(run, self.index):
                known.append(self.index[word]) if word in self.index else unknown.append(word)
        return list(dict.fromkeys(known)), list(dict.fromkeys(unknown))

    def bag(self, text: str) -> Tensor:
        """[V] of 0 and 1: which words of the list the text holds."""
        bag = torch.zeros(len(self))
        bag[self.read(text)[0]] = 1
        return bag
