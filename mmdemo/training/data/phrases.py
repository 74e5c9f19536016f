"""Short phrases made by rule, each with its feeling: what corpora of tweets and reviews hardly hold.

A small grammar a language: words of known valence in frames that keep it ("so ADJ", "太ADJ了") or turn it ("not ADJ",
"一点儿也不ADJ"), judgements that take no side, statements without a judgement, emoji alone and behind either. The
valence of the English words is VADER's (Hutto and Gilbert 2014). `weak_lines` labels sentence pairs by VADER's words in
their English half, which gives Chinese its everyday sentences. Read next: `recipes/sentiment.py`.
"""

import functools
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmdemo.training.data.short_texts import NEGATIVE, NEUTRAL, POSITIVE, is_kept_apart

Line = dict[str, str]

TURNED = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}


@functools.cache
def grammar() -> dict[str, Any]:
    """phrases.json: "emoji" by feeling, and of each language words by feeling, slots and frames.

    "words" are said of any thing (food and people apart, so that no frame says "a tasty teacher"), "feelings" of
    somebody; "keeps" and "turns", "feels" and "feels_turned" are the frames for either, that keep a feeling or turn it.
    """
    return json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def template_lines(language: str, count: int, seed: int = 0) -> list[Line]:
    """About `count` different phrases of one language, a third of each feeling, none equal to a short text."""
    rng = random.Random(f"{seed}/{language}")
    label_of: dict[str, str] = {}
    said = grammar()
    for label in (NEGATIVE, NEUTRAL, POSITIVE):
        for phrase in (*said[language]["set_phrases"][label], *said["emoji"][label]):
            label_of[phrase] = label
        for _ in range(count // 3):
            label_of[_with_ending(*_phrase(language, label, rng), language, rng)] = label
    return [_line(text, label, f"{language} phrases") for text, label in label_of.items() if not is_kept_apart(text)]


def _phrase(language: str, label: str, rng: random.Random) -> tuple[str, str]:
    """(a phrase, its feeling) without an ending; for NEUTRAL a statement or a judgement that takes no side."""
    of = grammar()[language]
    if label == NEUTRAL or rng.random() < 0.15:
        frames = of["statements"] if label == NEUTRAL else of["set_phrases"][label]
        return _filled(rng.choice(frames), language, rng), label
    turned = rng.random() < 0.4
    said = TURNED[label] if turned else label
    if rng.random() < 0.7:
        frames, words = of["turns" if turned else "keeps"], of["words"][said]
    else:
        frames, words = of["feels_turned" if turned else "feels"], of["feelings"][said]
    return _filled(rng.choice(frames).replace("{w}", rng.choice(words)), language, rng), label


def _filled(frame: str, language: str, rng: random.Random) -> str:
    """With a thing for {t}, an object for {o}, a place for {p}, a number for {n} and a day for {d}."""
    for slot, words in grammar()[language]["slots"].items():
        frame = frame.replace("{" + slot + "}", rng.choice(words))
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", frame)


def _with_ending(text: str, label: str, language: str, rng: random.Random) -> str:
    """Marks, or an emoji that says the same; the first letter sometimes a capital."""
    text = text[0].upper() + text[1:] if rng.random() < 0.4 else text
    draw, full = rng.random(), language == "Chinese"
    if draw < 0.2:
        return (
            f"{text}{' ' if rng.random() < 0.6 else ''}{rng.choice(grammar()['emoji'][label]) * rng.choice((1, 1, 2))}"
        )
    if draw < 0.5 and text[-1].isalpha():
        ends = ("。", "。", "") if label == NEUTRAL else ("！", "。", "！！")
        return text + (
            rng.choice(ends) if full else rng.choice((".", ".", "") if label == NEUTRAL else ("!", ".", "!!"))
        )
    return text


def _line(text: str, label: str, dataset: str) -> Line:
    return {"text": text, "label": label, "split": "train", "dataset": dataset}


NEGATION = re.compile(r"\b(not|no|never|none|nothing|nobody|hardly|without|neither|nor)\b|n't\b", re.IGNORECASE)


def read_valences(data: Path) -> dict[str, float]:
    """VADER's words with their mean valence in [-4, 4]."""
    lines = (data / "texts" / "vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    return {word: float(valence) for word, valence, *_ in (line.split("\t") for line in lines)}


def weak_feeling(text: str, valences: dict[str, float]) -> str | None:
    """The feeling of a plain English sentence by its words: neutral without one, None where they may mislead."""
    said = [valences[word] for word in re.findall(r"[a-z]+", text.lower()) if word in valences]
    if not said:
        return NEUTRAL
    if NEGATION.search(text) or max(map(abs, said)) < 1.8 or min(said) * max(said) < 0:
        return None
    return POSITIVE if said[0] > 0 else NEGATIVE


def weak_lines(
    couples: Sequence[tuple[str, str]], valences: dict[str, float], count: int, seed: int = 0
) -> dict[str, list[Line]]:
    """Sentence pairs (English, Chinese) -> by language, at most `count` lines a feeling, found in the English half."""
    shuffled = list(couples)
    random.Random(seed).shuffle(shuffled)
    room = dict.fromkeys((NEGATIVE, NEUTRAL, POSITIVE), count)
    by_language: dict[str, list[Line]] = {"English": [], "Chinese": []}
    for english, chinese in shuffled:
        label = weak_feeling(english, valences)
        if label is None or not room[label] or is_kept_apart(english) or is_kept_apart(chinese):
            continue
        room[label] -= 1
        by_language["English"].append(_line(english, label, "Tatoeba, weak labels"))
        by_language["Chinese"].append(_line(chinese, label, "Tatoeba, weak labels"))
    return by_language
