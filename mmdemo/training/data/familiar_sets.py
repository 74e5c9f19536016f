"""What familiarity is fitted and measured on: real texts and photos by source, and made ones by kind.

Whatever is measured comes from validation photos and posts, or from kinds that no fit saw. Read next:
`recipes/familiarity.py`.
"""

import random
import string
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from mmdemo.loading import load_module
from mmdemo.tasks.familiarity import place_statistics
from mmdemo.training.data import pairs, unlike_photos, unreadable
from mmdemo.training.data.features import IMAGE, Features
from mmdemo.training.data.photos import Row, decode, source, split_photos
from mmdemo.training.loop import autocast, kept

SHARED = (("flickr8k",), pairs.OTHERS)  # sets that other recipes read too, whole, into the same folder
READ = {"mvsa": 200, "daquar": 100, "labelled": 250}  # photos read here, of each other source
SHARED_MOST, WORN = 400, 200  # photos taken of each shared source; of these as people also have them
MADE, MADE_VAL = 40, 20  # pictures of each kind
TEXTS, TEXTS_VAL = 300, 200  # real texts of each kind; made ones a third and a fifth of that
VAL_MOST = 200  # photos measured of one source

Texts = dict[str, list[str]]
Maker = Callable[[], Image.Image]
Seen = dict[str, tuple[Tensor, Tensor]]  # by kind, as `seen` gives them


def photo_rows(rows: Sequence[Row], split: str, seed: int) -> dict[str, list[Row]]:
    """Real photos of the sources that no other recipe reads, "train" or "val"."""
    mvsa = dict(zip(("train", "val"), pairs.mvsa(rows), strict=True))[split]
    labelled = dict(zip(("train", "val"), split_photos(rows), strict=True))[split]
    daquar = [r for r in rows if source(r) == "daquar" and r["split"] == split]
    named = {"flickr8k", "mvsa", "daquar", *pairs.OTHERS}
    by_source = {"mvsa": mvsa, "daquar": daquar, "labelled": [r for r in labelled if source(r) not in named]}
    rng = random.Random(seed)
    return {
        name: rng.sample(of, min(len(of), READ[name] if split == "train" else VAL_MOST))
        for name, of in by_source.items()
    }


def shared_photos(rows: Sequence[Row], split: str, seed: int, features: Features) -> Seen:
    """Photos of the captioned sources as `seen` gives them, out of the token files of the heads' recipes."""
    by_source = {}
    for sources in SHARED:
        photos = pairs.captioned(rows, split, sources).photos
        tokens = features.photo_tokens(photos)  # [P, N, D] float16
        for name in sources:
            own = [i for i, row in enumerate(photos) if source(row) == name]
            some = sorted(random.Random(seed).sample(own, min(len(own), SHARED_MOST)))
            parts = [tokens[i].float()[None] for i in some]
            pooled, places = torch.cat([t.mean(1) for t in parts]), torch.cat([place_statistics(t) for t in parts])
            by_source[name] = pooled, places
    return by_source


def made_pictures(photos: Sequence[Row], split: str, seed: int) -> dict[str, list[Maker]]:
    """Pictures that are no photos, by kind; "val" has the kinds that are only measured besides, of other photos."""
    kinds = unlike_photos.FITTED | (unlike_photos.MEASURED if split == "val" else {})
    count = MADE if split == "train" else MADE_VAL
    return {name: [_drawn(name, i, photos, f"{seed}/{split}") for i in range(count)] for name in kinds}


def _drawn(kind: str, number: int, photos: Sequence[Row], seed: str) -> Maker:
    def make() -> Image.Image:
        rng = random.Random(f"{seed}/{kind}/{number}")
        draw = (unlike_photos.FITTED | unlike_photos.MEASURED)[kind]
        return draw(rng, decode(rng.choice(photos)))

    return make


def worn_pictures(rows: Sequence[Row], seed: int) -> list[Maker]:
    """Photos as people also have them: grey, dark, pale, soft, small."""

    def one(number: int, row: Row) -> Maker:
        return lambda: unlike_photos.worn(decode(row), random.Random(f"{seed}/{number}"))

    return [one(i, row) for i, row in enumerate(rows)]


@torch.no_grad()
def seen(name: str, makers: Sequence[Maker], question: object, features: Features) -> tuple[Tensor, Tensor]:
    """Pooled vectors [P, D] and `place_statistics` [P, S] of pictures, kept under the question that drew them."""

    def read() -> dict[str, Tensor]:
        tower, parts = load_module(IMAGE, features.device), []
        for start in range(0, len(makers), 32):
            batch = tower.prepare([make() for make in makers[start : start + 32]]).to(features.device)
            with autocast(features.device):
                said = tower(batch)
            parts.append((said.pooled.float().cpu(), place_statistics(said.tokens.float()).cpu()))
        features.log(features=IMAGE, kind=name, pictures=len(makers))
        return {"pooled": torch.cat([p for p, _ in parts]), "places": torch.cat([s for _, s in parts])}

    found = kept(features.file(IMAGE, ["familiarity", name, question]), read)
    return found["pooled"], found["places"]


def captions(rows: Sequence[Row], split: str) -> tuple[list[str], list[str]]:
    """(English, Chinese by people) captions of the captioned photos."""
    captioned = pairs.captioned(rows, split, ("flickr8k", *pairs.OTHERS))
    return tuple([captioned.texts[i] for i in captioned.of_kind(kind)] for kind in ("en", "zh"))


def corpus(rows: Sequence[Row], data: Path) -> Iterator[str]:
    """Every training text in English or Chinese: what n-grams are counted over."""
    english, chinese = captions(rows, "train")
    yield from english
    yield from chinese
    for i, (en, zh, _) in enumerate(pairs.parallel_texts(data)):
        if i % 5:
            yield from (en, zh)
    for language in ("en", "zh"):
        yield from (line["text"] for line in pairs.sentiment_texts(data, language) if line["split"] == "train")
    yield from (q["question"] for row in rows if row["split"] == "train" for q in row.get("qa", ()))


def real_texts(rows: Sequence[Row], data: Path, split: str, seed: int) -> Texts:
    """Texts to be believed, by kind."""
    rng = random.Random(f"{seed}/{split}")
    english, chinese = captions(rows, split)
    questions = [q["question"] for row in rows if row["split"] == split for q in row.get("qa", ())]
    labels, words, parallel = _words(rows, data, split)
    texts_by_kind = {
        "captions, English": english, "captions, Chinese": chinese, "labels and words, English": labels,
        "labels and words, Chinese": words, "sentences, both languages": parallel, "questions": questions,
    }  # fmt: skip
    for language, name in (("en", "posts and reviews, English"), ("zh", "posts and reviews, Chinese")):
        texts_by_kind[name] = [
            x["text"] for x in pairs.sentiment_texts(data, language) if x["split"] == split and x["text"].strip()
        ]
    texts_by_kind = {name: rng.sample(texts, min(len(texts), _count(split))) for name, texts in texts_by_kind.items()}
    some = [t for t in english if len(t.split()) > 4]
    texts_by_kind |= {
        "captions with one or two wrong letters": [misspelt(t, rng) for t in rng.sample(some, _count(split) // 2)],
        "captions in capitals": [t.upper() for t in rng.sample(english, _count(split) // 2)],
        "captions without punctuation": [bare(t) for t in rng.sample(english + chinese, _count(split) // 2)],
        "short phrases": [phrase(t, rng) for t in rng.sample(some, _count(split) // 2)],
        "short phrases, Chinese": [t[: rng.randint(2, 6)] for t in rng.sample(chinese, _count(split) // 2)],
        "names and numbers in a sentence": [named(rng) for _ in range(_count(split) // 3)],
    }
    return texts_by_kind


def _count(split: str) -> int:
    return TEXTS if split == "train" else TEXTS_VAL


def _words(rows: Sequence[Row], data: Path, split: str) -> tuple[list[str], list[str], list[str]]:
    """Single English words, single Chinese words, sentences; a fifth of the table is measured, the rest fitted."""
    english, chinese, sentences = [], [], []
    for i, (en, zh, kind) in enumerate(pairs.parallel_texts(data)):
        if (i % 5 == 0) is not (split == "val"):
            continue
        if kind == "sentence":
            sentences += [en, zh]
        elif kind == "class":
            english += [en, f"a photo of a {en}"]
            chinese += [zh, f"一张{zh}的照片"]
        elif en.isascii() and en.isalpha() and en.islower() and len(zh) <= 4:
            english.append(en)
            chinese.append(zh)
    labels = sorted({label for row in rows for label in row.get("labels", ())})
    return 3 * labels + english, chinese, sentences


NAMES = (
    "Anna", "Tom", "Li Wei", "Maria", "Ahmed", "Priya", "John Smith", "Yuki", "Olga", "Emma", "Zhang", "Nguyen", "Lars",
)  # fmt: skip
PLACES = ("Paris", "Beijing", "Boston", "Nairobi", "Osaka", "Texas", "London", "Shanghai", "Zurich", "Hangzhou")
FORMS = (
    "{n} and {m} ate {d} pizzas in {p} on May {d}", "{n} is {d} years old", "Flight BA{d} leaves {p} at {d}:30 pm",
    "{p} {d}, photo by {n} {m}", "{n}在{p}买了{d}个苹果", "{d}年{n}去了{p}", "Team {n} won {d}-{d} against {p} FC",
)  # fmt: skip


def named(rng: random.Random) -> str:
    """A sentence with names and numbers."""
    n, m, p = rng.choice(NAMES), rng.choice(NAMES), rng.choice(PLACES)
    return rng.choice(FORMS).format(n=n, m=m, p=p, d=rng.choice((rng.randint(2, 99), rng.randint(1900, 2030))))


def misspelt(text: str, rng: random.Random) -> str:
    """One or two letters left out, doubled, exchanged with the next one, or replaced."""
    for _ in range(rng.randint(1, 2)):
        i = rng.choice([i for i, c in enumerate(text[:-1]) if c.isalpha()])
        other = rng.choice((text[i] * 2, "", text[i + 1] + text[i], rng.choice(string.ascii_lowercase)))
        text = text[:i] + other + text[i + (2 if len(other) == 2 and other[1] == text[i] != other[0] else 1) :]
    return text


def bare(text: str) -> str:
    """Lower case, no marks."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def phrase(text: str, rng: random.Random) -> str:
    """Two to four words in a row."""
    words = bare(text).split()
    begin = rng.randrange(max(1, len(words) - 1))
    return " ".join(words[begin : begin + rng.randint(2, 4)])


def made_texts(rows: Sequence[Row], split: str, seed: int) -> Texts:
    """Texts not to be believed, by kind; "val" has the kinds that are only measured besides, of other captions."""
    english, chinese = captions(rows, split)
    kinds = unreadable.FITTED | (unreadable.MEASURED if split == "val" else {})
    count = TEXTS // 3 if split == "train" else TEXTS_VAL // 5
    texts_by_kind = {}
    for name, make in kinds.items():
        rng = random.Random(f"{seed}/{split}/{name}")
        texts_by_kind[name] = [make(rng, rng.choice(english), rng.choice(chinese)) for _ in range(count)]
    return texts_by_kind


def pictures(rows: Sequence[Row], split: str, seed: int, features: Features) -> tuple[Seen, Seen]:
    """(photos by source, made pictures by kind)."""
    photos = photo_rows(rows, split, seed)
    files = {name: [r["file"] for r in of] for name, of in photos.items()}
    makers = made_pictures([row for of in photos.values() for row in of], split, seed)
    made = {name: seen(name, some, [split, seed, len(some), files], features) for name, some in makers.items()}
    real = {
        name: seen(name, [partial(decode, row) for row in of], files[name], features) for name, of in photos.items()
    }
    worn = random.Random(seed).sample(pairs.flickr8k(rows, split).photos, WORN)
    real["flickr8k, worn"] = seen("worn", worn_pictures(worn, seed), [[r["file"] for r in worn], seed], features)
    return real | shared_photos(rows, split, seed, features), made
