"""Trains weights/answering: questions about photos, answered from a list of answers, on frozen towers.

    python -m mmdemo.training.recipes.answering --out RUN [--data DATA] [--seed 0]

A batch holds questions that people asked (COCO, DAQUAR) and questions that training captions answer; one in four
loses its photo. `--blind 1` trains the same head with no photo at all: the question alone, to compare with.
Read next: `data/questions.py`, `measure/answering.py`.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.answering import Answering
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features, JoinedTokens, TextTokens, token_set
from mmdemo.training.data.photos import Row, read_index, source
from mmdemo.training.data.questions import Asker, Question, asked_by_people, kind_of
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure.answering import figures
from mmdemo.types import TokenSet

WIDTHS = {"image_width": 1280, "text_width": 384, "width": 192, "heads": 4}
SOURCES = ("flickr8k", *pairs.OTHERS)
SHARES = {"captions": 0.5, "coco": 0.15, "daquar": 0.35}  # of a batch
BATCH, BLIND, LEAST, MOST = 192, 0.25, 3, 900  # questions; share without a photo; of an answer: times said; answers
DRAWS = 3  # captions asked of each photo


@dataclass(frozen=True)
class Asked:
    """Questions as the towers read them.

    Args:
        questions: Q of them.
        images: tokens of all photos.
        photo: [Q] index into images.
        texts: the questions' tokens.
        truth: [Q] index of the answer, -1 where the list has none.
    """

    questions: list[Question]
    images: JoinedTokens
    photo: Tensor
    texts: TextTokens
    truth: Tensor

    def batch(self, index: Tensor) -> tuple[TokenSet, TokenSet, Tensor]:
        """Photos, questions and truths of some, [B]."""
        return token_set(self.images[self.photo[index]]), self.texts.batch(index), self.truth[index]


def asked_of_captions(photos: Sequence[Row], asker: Asker, draws: int, seed: int) -> list[Question]:
    """What the captions of each photo answer."""
    rng = random.Random(seed)
    found = {
        Question(row["file"], question, answer, kind_of(question, answer), "captions")
        for row in photos
        for _ in range(draws)
        for question, answer in asker.questions(row["captions"], rng)
    }
    return sorted(found)


def answer_list(questions: Sequence[Question]) -> list[str]:
    """The answers that training gives often enough, the commonest first; people's count five times a caption's."""
    counted: Counter[str] = Counter()
    for q in questions:
        counted[q.answer] += 1 if q.source == "captions" else 5
    return [answer for answer, count in counted.most_common(MOST) if count >= 5 * LEAST]


def read(questions: list[Question], answers: Sequence[str], rows: Sequence[Row], features: Features) -> Asked:
    """Both towers over questions and their photos; photos that are asked nothing are read too, to share a file."""
    captioned = {s: pairs.captioned(rows, s, SOURCES).photos for s in ("train",)}
    val = pairs.flickr8k(rows, "val").photos
    others = [[r for r in rows if r.get("qa") and (source(r), r["split"]) == key]
              for key in (("daquar", "train"), ("daquar", "val"), ("coco", "val"))]  # fmt: skip
    sets = [captioned["train"], val, *others]
    images = JoinedTokens([features.photo_tokens(photos) for photos in sets])
    place = {row["file"]: i for i, row in enumerate(row for photos in sets for row in photos)}
    known = {answer: i for i, answer in enumerate(answers)}
    return Asked(
        questions, images, torch.tensor([place[q.photo] for q in questions]),
        features.text_tokens([q.question for q in questions]),
        torch.tensor([known.get(q.answer, -1) for q in questions]),
    )  # fmt: skip


def chances(asked: Asked) -> np.ndarray:
    """The chance of each question in a batch, [Q] summing to 1: SHARES by source, kinds of captions made more even."""
    named = [(q.source, q.kind) for q in asked.questions]
    counted = Counter(named)
    weight = np.array([counted[name] ** -0.5 for name in named]) * (asked.truth >= 0).numpy()
    for name, share in SHARES.items():
        inside = np.array([s == name for s, _ in named])
        weight[inside] *= share / max(weight[inside].sum(), 1e-9)
    return weight / weight.sum()


def training_step(
    head: Answering, asked: Asked, chance: np.ndarray, rng: np.random.Generator, blind: bool
) -> dict[str, float]:
    """One batch with photos and, of one in four, without."""
    index = torch.from_numpy(rng.choice(len(chance), size=BATCH, p=chance))
    seeing = index[: 0 if blind else round(BATCH * (1 - BLIND))]
    losses = {}
    if len(seeing):
        image, text, truth = asked.batch(seeing)
        losses["seeing"] = head.loss(image, text, truth) * (len(seeing) / BATCH)
    unseeing = index[len(seeing) :]
    losses["blind"] = head.loss(None, asked.texts.batch(unseeing), asked.truth[unseeing]) * (len(unseeing) / BATCH)
    sum(losses.values()).backward()
    return {name: value.item() for name, value in losses.items()}


def validate(head: Answering, asked: Asked, blind: bool) -> dict[str, float]:
    """Accuracy by source and kind, in per cent."""
    head.eval()
    predicted = []
    for index in torch.arange(len(asked.questions)).split(256):
        image, text, _ = asked.batch(index)
        predicted.append(head.predict(None if blind else image, text)["answering"].argmax(-1))
    head.train()
    return figures(asked.questions, torch.cat(predicted) == asked.truth)


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log, rng = Log(args.out / "answering.jsonl"), np.random.default_rng(args.seed)
    features, rows = Features(args.features, log), read_index(args.data)
    photos, val = pairs.captioned(rows, "train", SOURCES).photos, pairs.flickr8k(rows, "val").photos
    asker = Asker([text for row in photos for text in row["captions"]])
    some = [*asked_by_people(rows, "train"), *asked_of_captions(photos, asker, DRAWS, 0)]
    held = [*asked_by_people(rows, "val"), *asked_of_captions(val, asker, 1, 0)]
    answers = answer_list(some)
    log(questions=len(some), held_out=len(held), answers=len(answers))
    taught, tested = (read(questions, answers, rows, features) for questions in (some, held))
    head, chance, blind = Answering(**WIDTHS, answers=answers), chances(taught), bool(args.blind)
    average = Average(head, 0.999)

    def evaluate() -> dict[str, float]:
        averaged = Answering(**WIDTHS, answers=answers)
        averaged.load_state_dict(average.values)
        return validate(averaged, tested, blind)

    run_steps(
        lambda i: training_step(head, taught, chance, rng, blind), [head], build_optimisers([head], args.rate),
        steps=args.steps, name="blind" if blind else "answering", log=log, checkpoint=args.out / "answering.pt",
        evaluate=evaluate, average=average, log_every=100, evaluate_every=1000,
    )  # fmt: skip


def main() -> None:
    """The command line."""
    parser = recipe_parser(__doc__, steps=8000)
    parser.add_argument("--blind", type=int, default=0, help="1: no photo is ever seen")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at its height")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
