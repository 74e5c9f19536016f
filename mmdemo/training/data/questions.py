"""Questions about photos with their answers: those that people asked, and those that captions answer.

2,900 photos have questions of their own (VQA v2 on COCO, DAQUAR). A caption answers more of them: "two brown dogs run
on the beach" says how many dogs there are, what colour they are, what they do and where (Ren et al. 2015, arXiv
1505.02074, section 3.2, makes COCO-QA so). Only captions of training photos are asked.
Read next: `questions_zh.py`, `recipes/answering.py`.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmdemo.tasks.question_words import question_kind
from mmdemo.training.data.photos import Row, source
from mmdemo.training.data.swapped_words import GROUPS, swapped

COLOURS = (*GROUPS["en"][0], "grey", "tan", "gold", "silver", "blonde")
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
PLACES = (
    "beach", "snow", "grass", "water", "street", "kitchen", "field", "sand", "ocean", "pool", "park", "road", "forest",
    "woods", "mountain", "lake", "river", "sidewalk", "bathroom", "bedroom", "table", "couch", "bed", "bench", "stage",
    "rock", "boat", "swing", "slide", "fence", "city", "yard", "desert", "trampoline", "track", "restaurant", "office",
)  # fmt: skip
SUBJECTS = ("man", "woman", "boy", "girl", "child", "person", "baby", "dog", "cat", "horse", "bird", "people", "men")
ANIMALS = (
    "dog", "cat", "horse", "bird", "cow", "sheep", "bear", "elephant", "zebra", "giraffe", "duck", "goat", "monkey",
)  # fmt: skip
TRANSITIVE = ("wearing", "holding", "looking", "getting", "taking", "trying", "making", "carrying", "using", "having")
AFTER = r"(?=[ ,.]*(?:$|[,.]|in|on|with|and|is|are|at|near|of|by|to|that|who|while|through|over|under|next)\b|[ ,.]*$)"


class Question(NamedTuple):
    """One question about one photo.

    Args:
        photo: its file.
        question: as it was asked, or as a template asks it.
        answer: in lower case, as it was given.
        source: "coco", "daquar", or, of questions that captions answer, "captions" (English) or "chinese".
    """

    photo: str
    question: str
    answer: str
    source: str

    @property
    def kind(self) -> str:
        """What it asks for."""
        return question_kind(self.question)


def asked_by_people(rows: Sequence[Row], split: str) -> list[Question]:
    """Every question with one answer on photos of a split ("train" or "val"); of an answer of several words, the first.

    DAQUAR's lists ("lamp, books") become their first entry, underscores become spaces.
    """
    return [
        Question(row["file"], qa["question"].strip(), answer, source(row))
        for row in rows
        if row["split"] == split and source(row) in ("coco", "daquar")
        for qa in row.get("qa", ())
        for answer in [normal(qa["answer"].split(",")[0])]
        if answer
    ]


def normal(answer: str) -> str:
    """An answer in lower case, spaces for underscores, digits for number words, "gray" for "grey"."""
    plain = re.sub(r"\s+", " ", answer.lower().replace("_", " ")).strip(" .")
    words = {"grey": "gray", "photo": "picture", **{w: str(n) for w, n in NUMBERS.items() if len(w) > 2}}
    return words.get(plain, plain)


class Asker:
    """Makes questions of the captions of one photo.

    Args:
        nouns: how often each noun is said in all training captions; a "no" is drawn from them.
    """

    def __init__(self, captions: Sequence[str], least: int = 15) -> None:
        counted = Counter(noun for text in captions for noun in nouns_of(text))
        self.nouns = [noun for noun, count in counted.items() if count >= least]
        self.weights = [counted[noun] ** 0.5 for noun in self.nouns]

    def questions(self, captions: Sequence[str], rng: random.Random) -> list[tuple[str, str]]:
        """(question, answer) pairs, some of many; captions of one photo."""
        text = rng.choice(captions)
        found = [*_colours(text, rng), *_counts(text), *_doings(text, rng), *_places(text, rng), *_things(text, rng)]
        return found + self._presence(captions, rng) + statements(text, "en", rng)

    def _presence(self, captions: Sequence[str], rng: random.Random) -> list[tuple[str, str]]:
        """One noun that is there and one that no caption says."""
        there = sorted({noun for text in captions for noun in nouns_of(text)} & set(self.nouns))
        whole = " ".join(captions).lower()
        absent = [n for n in rng.choices(self.nouns, self.weights, k=4) if n not in whole]
        asked = [(rng.choice(there), "yes")] if there else []
        asked += [(absent[0], "no")] if absent else []
        return [(_is_there(noun, rng), answer) for noun, answer in asked]


def nouns_of(text: str) -> list[str]:
    """Words that stand where a noun stands: after an article or number and adjectives, before what ends the phrase."""
    pattern = rf"\b(?:a|an|the|two|three|four|his|her|their)(?: \w+){{0,2}}? (\w{{3,}})\b{AFTER}"
    words = re.findall(pattern, text.lower())
    return [word for word in words if word not in COLOURS and not word.endswith("ing") and word not in NUMBERS]


def _is_there(noun: str, rng: random.Random) -> str:
    if noun.endswith("s") and not noun.endswith("ss"):
        return rng.choice((f"Are there {noun} in the picture?", f"Are there any {noun}?", f"Do you see {noun}?"))
    article = "an" if noun[0] in "aeiou" else "a"
    ways = ("Is there {} in the picture?", "Is there {}?", "Do you see {}?", "Is {} there?", "Can you see {}?")
    return rng.choice(ways).format(f"{article} {noun}")


def _colours(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    for colour, noun in re.findall(rf"\b({'|'.join(COLOURS)}) (\w{{3,}})\b{AFTER}", text.lower()):
        if noun in COLOURS:
            continue
        verb = "are" if noun.endswith("s") and not noun.endswith("ss") else "is"
        answer = normal(colour)
        yield rng.choice((f"What color {verb} the {noun}?", f"What colour {verb} the {noun}?",
                          f"what is the colour of the {noun}")), answer  # fmt: skip
        other = rng.choice([c for c in GROUPS["en"][0] if c != answer])
        first, second = rng.sample((answer, other), 2)
        yield f"Is the {noun} {first} or {second}?", answer


def _counts(text: str) -> Iterator[tuple[str, str]]:
    plural = r"(\w{2,}[^s\W]s|people|men|women|children|sheep)"
    for number, noun in re.findall(rf"\b({'|'.join(list(NUMBERS)[3:])}) (?:\w+ ){{0,2}}?{plural}\b", text.lower()):
        yield f"How many {noun} are there?", str(NUMBERS[number])
    for noun in re.findall(rf"\b(?:a|an|one) (?:\w+ )?({'|'.join(SUBJECTS[:-2])})\b", text.lower()):
        many = {"man": "men", "woman": "women", "child": "children", "person": "people", "baby": "babies"}
        yield f"How many {many.get(noun, noun + 's')} are there?", "1"


def _doings(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    for subject, doing in re.findall(rf"\b({'|'.join(SUBJECTS)})(?: is| are)? (\w{{3,}}ing)\b", text.lower()):
        verb = "are" if subject in ("people", "men") else "is"
        if doing in TRANSITIVE:
            continue
        yield f"What {verb} the {subject} doing?", doing
        other = rng.choice([d for d in GROUPS["en"][7] if d != doing])
        answer, said = rng.choice((("yes", doing), ("no", other)))
        yield f"{verb.capitalize()} the {subject} {said}?", answer
    for verb, thing in re.findall(
        rf"\b(wearing|holding|riding|eating|carrying) an? (?:\w+ )?(\w{{3,}})\b{AFTER}", text.lower()
    ):
        yield f"What is the person {verb}?", thing


def _places(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    subject = next((word for word in re.findall(r"\w+", text.lower()) if word in SUBJECTS), None)
    for place in re.findall(
        rf"\b(?:on|in|at|through|into|across) (?:an? |the )?(?:\w+ )?({'|'.join(PLACES)})\b", text.lower()
    ):
        if subject:
            yield f"Where {'are' if subject in ('people', 'men') else 'is'} the {subject}?", place
        else:
            yield rng.choice(("Where is this?", "Where was the picture taken?")), place


def _things(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    words = re.findall(r"\w+", text.lower())
    animal = next((w for w in words if w.removesuffix("s") in ANIMALS), None)
    if animal:
        yield rng.choice(("What animal is this?", "What animal is in the picture?")), animal.removesuffix("s")
    person = next((w for w in words if w in SUBJECTS[:7]), None)
    if animal or person:
        ways = ("What is in the picture?", "What is this?", "What does the picture show?")
        yield rng.choice(ways), animal.removesuffix("s") if animal else person
    if person and not animal:
        other = "Is it a man or a woman?" if person in ("man", "woman") else "Who is this?"
        yield rng.choice(("Who is in the picture?", other)), person


STATEMENTS = {
    "en": ("Does the picture show {}?", "Is this {}?", "Do you see {}?"),
    "zh": ("图中是{}吗？", "这是{}吗？", "照片里是不是{}？"),
}


def statements(text: str, language: str, rng: random.Random) -> list[tuple[str, str]]:
    """Every other time: does the picture show this caption, or one with a wrong word?"""
    if rng.random() < 0.5:
        return []
    wrong = swapped(text, language, rng)
    said, answer = (wrong, "no") if wrong and rng.random() < 0.5 else (text, "yes")
    return [(rng.choice(STATEMENTS[language]).format(said.strip(" .。").lower()), answer)]
