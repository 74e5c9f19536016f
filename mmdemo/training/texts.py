"""The texts that the text tower learns from: captions, labels, tweets and English-Chinese pairs, each with its meaning.

A text's meaning is a point: the mean of one or more English anchors, which a teacher embeds. An English text is its own
anchor; a Chinese text borrows the anchors of its English half, or of the captions other people gave the same photo.
Validation texts (Flickr8k's and MVSA's) never come in. Read next: `recipes/bert.py`.
"""

import gzip
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mmdemo.training.pairs import class_names, flickr8k, mvsa, sentiment_texts
from mmdemo.training.photos import Row

DICTIONARY_SHARE = 60_000
TWEET_SHARE = 16_000
LONGEST_HEADWORD = 6
NOISE = re.compile(r"[(\[{;/|]|\b(?:surname|variant of|old |abbr|see |cf|pr\.|archaic)\b", re.IGNORECASE)


@dataclass
class Corpus:
    """Texts with their points.

    Attributes:
        anchors: English texts for the teacher, each once.
        texts: what the student reads.
        kinds: for each text "caption_en", "caption_zh", "translated", "label", "tweet", "sentence_en", "sentence_zh",
            "word_en", "word_zh".
        points: for each text the indices of its anchors.
        photos: for each text the number of its photo, -1 where it has none.
    """

    anchors: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    points: list[tuple[int, ...]] = field(default_factory=list)
    photos: list[int] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, kind: str, meaning: Sequence[str], photo: int = -1) -> None:
        """One text that means what the English texts of `meaning` say together."""
        self.texts.append(text)
        self.kinds.append(kind)
        self.points.append(tuple(self._anchor(english) for english in meaning))
        self.photos.append(photo)

    def _anchor(self, english: str) -> int:
        if english not in self._index:
            self._index[english] = len(self.anchors)
            self.anchors.append(english)
        return self._index[english]


def training_corpus(rows: Sequence[Row], data: Path, seed: int = 0) -> Corpus:
    """Every text the tower is trained on, captions first.

    Args:
        rows: the index of photos.
        data: the folder of photos and texts.
        seed: draws the tweets.
    """
    corpus = Corpus()
    _add_captions(corpus, rows)
    _add_labels(corpus, rows, data)
    for english, chinese, kind in chosen_pairs(data, chinese_texts(rows, data)):
        name = "word" if kind == "dictionary" else "sentence"
        corpus.add(english, f"{name}_en", [english])
        corpus.add(chinese, f"{name}_zh", [english])
    for tweet in tweets(rows, data, seed):
        corpus.add(tweet, "tweet", [tweet])
    return corpus


def _add_captions(corpus: Corpus, rows: Sequence[Row]) -> None:
    captioned = flickr8k(rows, "train")
    for i, photo in enumerate(captioned.photos):
        english = [text for text in photo["captions"] if text.strip()]
        for text in english:
            corpus.add(text, "caption_en", [text], i)
        for text in photo.get("captions_zh", ()):  # each by another person: it means what all five say together
            corpus.add(text, "caption_zh", english, i)
        for text, original in zip(photo.get("captions_zh_translated", ()), photo["captions"], strict=False):
            if text.strip() and original.strip():
                corpus.add(text, "translated", [original], i)


def _add_labels(corpus: Corpus, rows: Sequence[Row], data: Path) -> None:
    names = sorted({label for row in rows for label in row.get("labels", ())})
    chinese = class_names(data)
    for name in sorted(set(names) | set(chinese)):
        sentence = f"a photo of a {name}"
        corpus.add(name, "label", [name])
        corpus.add(sentence, "label", [sentence])
        if name in chinese:
            corpus.add(chinese[name], "label", [name])
            corpus.add(f"一张{chinese[name]}的照片", "label", [sentence])


def parallel_pairs(data: Path) -> Iterator[tuple[str, str, str]]:
    """(English, Chinese, kind), kind "dictionary", "sentence" or "class"."""
    with gzip.open(data / "texts" / "parallel_en_zh.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)  # the head of the table
        for line in lines:
            english, chinese, kind = line.rstrip("\n").split("\t")
            yield english, chinese, kind


def chosen_pairs(data: Path, seen: Iterable[str], share: int = DICTIONARY_SHARE) -> list[tuple[str, str, str]]:
    """All pairs of sentences, and the dictionary entries whose Chinese word is most often met in the texts `seen`.

    Half of the dictionary is rare or archaic, and each entry costs the teacher and the student as much as a useful one.
    """
    pairs = [pair for pair in parallel_pairs(data) if pair[2] != "class"]
    met = Counter(
        text[i : i + n] for text in seen for n in range(1, LONGEST_HEADWORD + 1) for i in range(len(text) - n + 1)
    )
    entries = [p for p in pairs if p[2] == "dictionary" and not NOISE.search(p[0]) and len(p[0].split()) <= 4]
    entries.sort(key=lambda p: (-min(met[p[1]], 3), len(p[0])))
    return [p for p in pairs if p[2] == "sentence"] + entries[:share]


def chinese_texts(rows: Sequence[Row], data: Path) -> list[str]:
    """Chinese sentences of all training sources, for counting words and for the vocabulary."""
    photos = [row for row in rows if row["split"] in ("train", "extra")]
    found = [text for row in photos for key in ("captions_zh", "captions_zh_translated") for text in row.get(key, ())]
    found += [chinese for _, chinese, kind in parallel_pairs(data) if kind == "sentence"]
    return found + [line["text"] for line in sentiment_texts(data, "zh") if line["split"] == "train"]


def tweets(rows: Sequence[Row], data: Path, seed: int, share: int = TWEET_SHARE) -> list[str]:
    """English tweets and review sentences of the training splits, without any text of MVSA's validation pairs."""
    _, held = mvsa(rows)
    forbidden = {_bare(row["text"]) for row in held}
    found = {line["text"] for line in sentiment_texts(data, "en") if line["split"] == "train"}
    found |= {row["text"] for row in rows if row["file"].startswith("mvsa/") and row.get("text", "").strip()}
    kept = sorted(text for text in found if text.strip() and _bare(text) not in forbidden)
    random.Random(seed).shuffle(kept)
    return kept[:share]


def _bare(text: str) -> str:
    """Letters and digits only, without links, so that copies of a tweet are recognised."""
    return re.sub(r"https?://\S+|[^0-9a-z]+", "", text.lower())
