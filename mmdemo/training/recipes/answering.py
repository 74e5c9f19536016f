"""Trains weights/answering: questions about photos, answered from a list of answers, on frozen towers.

    python -m mmdemo.training.recipes.answering --out RUN [--data DATA] [--seed 0]

A batch holds questions that people asked (COCO, DAQUAR) and questions in English and Chinese that training captions
answer; one in four loses its photo. The fusion begins as that of weights/cross_attention, which already knows where a
word is in a photo. In the last part of the training the matrices are rounded to the four bits that are shipped.
`--blind 1` trains the same head with no photo at all: the question alone, to compare with.
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

from mmdemo.loading import load_module
from mmdemo.tasks.answering import Answering
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features, JoinedTokens, TextTokens, token_set
from mmdemo.training.data.photos import Row, read_index, source
from mmdemo.training.data.questions import Asker, Question, asked_by_people
from mmdemo.training.data.questions_zh import chinese_answers, chinese_questions
from mmdemo.training.four_bits import four_bit_rounded, four_bit_state, trained_through
from mmdemo.training.loop import Average, Log, autocast, build_optimisers, run_steps, training_device
from mmdemo.training.measure import answering as measured
from mmdemo.types import TokenSet

WIDTHS = {"image_width": 1280, "text_width": 384, "width": 256, "heads": 4}
SOURCES = ("flickr8k", *pairs.OTHERS)
SHARES = {"captions": 0.4, "chinese": 0.25, "coco": 0.1, "daquar": 0.25}  # of a batch
DATA = {  # what a card calls the sources
    "coco": "COCO questions (VQA)",
    "daquar": "DAQUAR",
    "captions": "Flickr8k, questions that captions answer",
    "chinese": "Flickr8k-CN, questions that captions answer, in Chinese",
}
ALL = "all questions"
ROUNDED_FROM = 0.7  # of the training
BATCH, BLIND, LEAST, MOST = 192, 0.25, 3, 900  # questions; share without a photo; of an answer: times said; answers
DRAWS = 3  # captions asked of each photo


@dataclass(frozen=True)
class Asked:
    """Questions as the towers read them.

    Args:
        questions: Q of them.
        images: tokens of all photos.
        photo: [Q] index into images.
        texts: tokens of all that is asked, each wording once.
        text: [Q] index into texts.
        truth: [Q] index of the answer, -1 where the list has none.
    """

    questions: list[Question]
    images: JoinedTokens
    photo: Tensor
    texts: TextTokens
    text: Tensor
    truth: Tensor

    def batch(self, index: Tensor, blind: bool = False) -> tuple[TokenSet | None, TokenSet, Tensor]:
        """Photos, questions and truths of some, [B]."""
        image = None if blind else token_set(self.images[self.photo[index]])
        return image, self.texts.batch(self.text[index]), self.truth[index]


def asked_of_captions(photos: Sequence[Row], asker: Asker, draws: int, seed: int) -> list[Question]:
    """What the captions of each photo answer, in both languages."""
    rng, asked = random.Random(seed), set()
    for row in photos:
        for _ in range(draws):
            english = asker.questions(row["captions"], rng)
            asked |= {Question(row["file"], *qa, "captions") for qa in english}
            chinese = chinese_questions(english, row.get("captions_zh", ()), rng)
            asked |= {Question(row["file"], *qa, "chinese") for qa in chinese}
    return sorted(asked)


def answer_list(questions: Sequence[Question]) -> list[str]:
    """The answers that training gives often enough, the commonest first; people's count five times a caption's."""
    counted: Counter[str] = Counter()
    for q in questions:
        counted[q.answer] += {"captions": 1, "chinese": 0}.get(q.source, 5)
    often = [answer for answer, count in counted.most_common(MOST) if count >= 5 * LEAST]
    return [f"{answer}\t{chinese_answers()[answer]}" for answer in often if answer in chinese_answers()]


def photo_sets(rows: Sequence[Row]) -> list[list[Row]]:
    """All photos that are asked about, in the sets that the other recipes have read."""
    own = (("daquar", "train"), ("daquar", "val"), ("coco", "val"))
    others = [[r for r in rows if r.get("qa") and (source(r), r["split"]) == key] for key in own]
    return [pairs.captioned(rows, "train", SOURCES).photos, pairs.flickr8k(rows, "val").photos, *others]


def read(questions: list[Question], answers: Sequence[str], sets: Sequence[list[Row]], features: Features) -> Asked:
    """Both towers over questions and the sets of photos that they are asked about."""
    place = {row["file"]: i for i, row in enumerate(row for photos in sets for row in photos)}
    known = {answer.split("\t")[0]: i for i, answer in enumerate(answers)}
    wordings = sorted({q.question for q in questions})
    at = {wording: i for i, wording in enumerate(wordings)}
    return Asked(
        questions,
        images=JoinedTokens([features.photo_tokens(photos) for photos in sets]),
        photo=torch.tensor([place[q.photo] for q in questions]),
        texts=features.text_tokens(wordings),
        text=torch.tensor([at[q.question] for q in questions]),
        truth=torch.tensor([known.get(q.answer, -1) for q in questions]),
    )


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
    head: Answering, asked: Asked, chance: np.ndarray, seed: tuple[int, int], blind: bool, rounded: bool
) -> dict[str, float]:
    """One batch with photos and, of one in four, without; the same for the same seed (of the run, and the step)."""
    torch.manual_seed(hash(seed))
    rng = np.random.default_rng(seed)
    index = torch.from_numpy(rng.choice(len(chance), size=BATCH, p=chance))
    seeing, unseeing = index.split([n := 0 if blind else round(BATCH * (1 - BLIND)), BATCH - n])
    with trained_through(head, rounded), autocast(training_device()):
        losses = {
            name: head.loss(*asked.batch(some, blind=name == "blind")) * (len(some) / BATCH)
            for name, some in (("seeing", seeing), ("blind", unseeing))
            if len(some)
        }
        sum(losses.values()).backward()
    return {name: value.item() for name, value in losses.items()}


@torch.no_grad()
def probabilities(head: Answering, asked: Asked, blind: bool = False) -> Tensor:
    """[Q, V] of every question, with or without its photo."""
    parts = torch.arange(len(asked.questions)).split(256)
    return torch.cat([head(*asked.batch(index, blind)[:2]).float().softmax(-1) for index in parts])


def initial(answers: Sequence[str], dropout: float = 0.35) -> Answering:
    """A head whose fusion is that of the matching head with cross-attention."""
    head = Answering(**WIDTHS, answers=answers, dropout=dropout)
    head.fusion.load_state_dict(load_module("cross_attention").fusion.state_dict())
    return head


def questions_of(rows: Sequence[Row], seed: int) -> tuple[list[Question], list[Question]]:
    """Of training and of val."""
    photos, val = photo_sets(rows)[:2]
    asker = Asker([text for row in photos for text in row["captions"]])
    some = [*asked_by_people(rows, "train"), *asked_of_captions(photos, asker, DRAWS, seed)]
    return some, [*asked_by_people(rows, "val"), *asked_of_captions(val, asker, 1, seed)]


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "answering.jsonl")
    features, rows = Features(args.features, log), read_index(args.data)
    some, held = questions_of(rows, args.seed)
    answers = answer_list(some)
    log(questions=len(some), held_out=len(held), answers=len(answers))
    taught, tested = (read(questions, answers, photo_sets(rows), features) for questions in (some, held))
    head, chance, blind = initial(answers), chances(taught), bool(args.blind)
    average = Average(head, 0.998)

    def evaluate() -> dict[str, float]:
        right = probabilities(steady(answers, average), tested, blind).argmax(-1) == tested.truth
        return {" ".join(key).strip(): share for key, share in measured.accuracy(held, right).items()}

    run_steps(
        lambda i: training_step(head, taught, chance, (args.seed, i), blind, i >= ROUNDED_FROM * args.steps),
        [head], build_optimisers([head], args.rate, decay=0.05), average=average, steps=args.steps,
        name="blind" if blind else "answering", log=log, checkpoint=args.out / "answering.pt",
        evaluate=evaluate, log_every=100, evaluate_every=800,
    )  # fmt: skip
    if not blind:
        ship(average, answers, some, tested, args)


def steady(answers: Sequence[str], average: Average) -> Answering:
    """The averaged weights as they come back from four bits, in eval mode."""
    head = Answering(**WIDTHS, answers=answers)
    head.load_state_dict(four_bit_rounded(average.values))
    return head.eval()


def ship(
    average: Average, answers: Sequence[str], taught: Sequence[Question], tested: Asked, args: argparse.Namespace
) -> None:
    """Write weights/answering: matrices in four bits, the answers, and what was measured as they are shipped."""
    head = steady(answers, average)
    cards.write_lines("answering", "answers.txt", answers)
    counted = Counter(q.source for q in taught)
    card = {
        "parameters": cards.count_parameters(head),
        "counts": {
            **cards.photo_counts(read_index(args.data)),
            "coco_questions": counted["coco"],
            "daquar_questions": counted["daquar"],
            "captions_questions": counted["captions"],
            "chinese_questions": counted["chinese"],
            "answers": len(answers),
        },
        **cards.origin("answering", args, "seed", "steps", phases=["answering"]),
        "metrics": metric_rows(measure(head, taught, tested), args.seed),
    }
    cards.ship("answering", four_bit_state(average.values), card)


Figures = dict[str, dict[str, tuple[float, int]]]  # by data set, by metric: value, and questions it was measured on


def measure(head: Answering, taught: Sequence[Question], tested: Asked) -> Figures:
    """Of each source and kind how often the head is right, how often without the photo, how often the commonest answer;
    from which probability on an answer is worth saying, how many such answers there are, and how often they are right.
    """
    questions, found = tested.questions, {name: {} for name in (*DATA, ALL)}
    left_open = measured.offered(questions, head.answers, head.answers_zh)
    seeing, alone = (probabilities(head, tested, blind) * left_open for blind in (False, True))
    likeliest, best = (seeing / seeing.sum(-1, keepdim=True)).max(-1)
    right = best == tested.truth
    least = measured.bounds(questions, likeliest, right)
    known = torch.tensor([p > least.get(q.kind, 1.0) for p, q in zip(likeliest.tolist(), questions, strict=True)])
    said = {
        "accuracy": right, "alone_accuracy": alone.argmax(-1) == tested.truth,
        "commonest_accuracy": measured.commonest(taught, questions), "known_share": known,
    }  # fmt: skip
    groups = measured.by_kind(questions, torch.arange(len(questions)))
    for (name, kind), index in groups.items():
        prefix = f"{kind.replace('/', '_')}_" if kind else ""
        found[name] |= {prefix + k: (100 * v[index].float().mean().item(), len(index)) for k, v in said.items()}
        if n := int(known[index].sum()):
            found[name][f"{prefix}known_accuracy"] = (100 * right[index][known[index]].float().mean().item(), n)
    asked = Counter(q.kind for q in questions)
    found[ALL] = {f"{kind.replace('/', '_')}_bound": (bound, asked[kind]) for kind, bound in least.items()}
    return found


def metric_rows(found: Figures, seed: int) -> list[cards.Metric]:
    """Figures as card rows."""
    return [
        row
        for source_, figures in found.items()
        for name, (value, n) in figures.items()
        for row in cards.metrics(
            {name: value},
            dataset=DATA.get(source_, ALL),
            split="val",
            n=n,
            seed=seed,
            unit="" if source_ == ALL else "%",
        )
    ]


def evaluate(args: argparse.Namespace, log: Log) -> list[cards.Metric]:
    """The card's rows again, from weights/; of the first `--photos` of each source alone where that is given."""
    head, rows, features = load_module("answering"), read_index(args.data), Features(args.features, log)
    taught, held = questions_of(rows, args.seed)
    _, flickr, _, daquar, coco = photo_sets(rows)  # none of training is read
    sets = [some[: args.photos] for some in (flickr, daquar, coco)]
    files = {row["file"] for some in sets for row in some}
    held = [q for q in held if q.photo in files]
    answers = ["\t".join(pair) for pair in zip(head.answers, head.answers_zh, strict=True)]
    return metric_rows(measure(head, taught, read(held, answers, sets, features)), args.seed)


def main() -> None:
    """The command line."""
    parser = recipe_parser(__doc__, steps=1600)
    parser.add_argument("--blind", type=int, default=0, help="1: no photo is ever seen")
    parser.add_argument("--rate", type=float, default=6e-4, help="learning rate at its height")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
