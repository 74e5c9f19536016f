"""The texts that teach the text side of sentiment: corpora evenly drawn, phrases made by rule, weak labels.

Corpora call different things neutral, and some have no neutral line at all: whoever drew them as they come would teach
which corpus a text is from. So each (corpus, label) gives at most `CAP` lines. Read next: `phrases.py`.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from mmdemo.training.data import pairs
from mmdemo.training.data.pairs import LANGUAGES
from mmdemo.training.data.photos import Row
from mmdemo.training.data.phrases import Line, read_valences, template_lines, weak_feeling, weak_lines
from mmdemo.training.data.short_texts import NEUTRAL, is_kept_apart

CAP = 500  # lines of one corpus and label
PHRASES, WEAK, CAPTIONS = 3000, 700, 600  # a language; WEAK per label


def plain_words(text: str) -> str:
    """Letters only, lower case: equal for two copies of a tweet that differ in links or marks."""
    return "".join(c for c in text.lower().split("http")[0] if c.isalpha())


def chosen_lines(data: Path, languages: Sequence[str], splits: set[str], kept_apart: set[str]) -> list[Line]:
    """Lines of the corpora: text, label, split, dataset; none whose words stand in `kept_apart`, no short text."""
    return [
        line
        for language in languages
        for line in pairs.sentiment_texts(data, language)
        if line["split"] in splits
        and line["text"].strip()
        and plain_words(line["text"]) not in kept_apart
        and not is_kept_apart(line["text"])
    ]


def validation_texts(data: Path, code: str) -> list[Line]:
    """The corpora's own validation lines of "en" or "zh"."""
    lines = pairs.sentiment_texts(data, code)
    return [line for line in lines if line["split"] in {"val", "dev"} and line["text"].strip()]


def validation_words(rows: list[Row], data: Path) -> set[str]:
    """The words of every validation text: MVSA's pairs and the corpora's lines."""
    lines = [line for code in LANGUAGES.values() for line in validation_texts(data, code)]
    texts = [row["text"] for row in pairs.mvsa(rows)[1]] + [line["text"] for line in lines]
    return {plain_words(text) for text in texts} - {""}


def capped(lines: Sequence[Line], cap: int, seed: int = 0) -> list[Line]:
    """At most `cap` lines of each (corpus, label), by chance."""
    cells: dict[tuple[str, str], list[Line]] = defaultdict(list)
    shuffled = list(lines)
    random.Random(seed).shuffle(shuffled)
    for line in shuffled:
        cell = cells[line["dataset"], line["label"]]
        if len(cell) < cap:
            cell.append(line)
    return [line for _, cell in sorted(cells.items()) for line in cell]


def caption_lines(rows: list[Row], count: int, valences: dict[str, float], seed: int = 0) -> dict[str, list[Line]]:
    """Captions of training photos as neutral lines: a description judges nothing. English without a word of VADER's."""
    by_language = {}
    for language, kind in LANGUAGES.items():
        some = pairs.flickr8k(rows, "train")
        texts = [some.texts[i] for i in some.of_kind(kind) if weak_feeling(some.texts[i], valences) == NEUTRAL]
        random.Random(seed).shuffle(texts)
        some_line = {"label": NEUTRAL, "split": "train", "dataset": f"Flickr8k captions, {language}"}
        by_language[language] = [{"text": text, **some_line} for text in texts[:count]]
    return by_language


def teaching_lines(rows: list[Row], data: Path) -> dict[str, list[Line]]:
    """Everything the text side learns from, by language. Drawn with a fixed seed: every run reads the same texts."""
    apart, valences = validation_words(rows, data), read_valences(data)
    couples = [(english, chinese) for english, chinese, kind in pairs.parallel_texts(data) if kind == "sentence"]
    weak, captions = weak_lines(couples, valences, WEAK), caption_lines(rows, CAPTIONS, valences)
    return {
        language: capped(chosen_lines(data, (code,), {"train"}, apart), CAP)
        + template_lines(language, PHRASES)
        + weak[language]
        + captions[language]
        for language, code in LANGUAGES.items()
    }


def training_lines(rows: list[Row], data: Path) -> list[Line]:
    """The lines of both languages that may be trained on: no text of MVSA's validation pairs among them."""
    apart = {plain_words(row["text"]) for row in pairs.mvsa(rows)[1]}
    return chosen_lines(data, ("en", "zh"), {"train"}, apart)
