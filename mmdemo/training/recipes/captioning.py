"""Trains weights/captioning: a decoder that says in English or Chinese what it sees, on the frozen image tower.

    python -m mmdemo.training.recipes.captioning --out RUN [--data DATA] [--seed 0] [--steps N] [--reward-steps N]

First every next word of people's captions (Flickr8k in both languages, COCO and ADE20K in English, Flickr8k's machine
translations as a third language that nobody is given); then self-critical training: the network's own captions of a
photo are drawn and judged by their consensus with the people's (CIDEr-D), and those better than the mean of the others
become likelier (Rennie et al. 2017, arXiv 1612.00563; the baseline: Luo 2020, arXiv 2003.09971). From the last part of
the first phase on the matrices are rounded to the four bits that are shipped.
Both phases resume from their checkpoints; given again with the steps that are done, the command only ships.
Read next: `tasks/captioning.py`, `measure/captions.py`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.loading import load_module
from mmdemo.tasks.caption_search import BEAMS, CANDIDATES, sample
from mmdemo.tasks.captioning import Captioning, ReadPicture
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.caption_lessons import CaptionLessons, build_vocabulary
from mmdemo.training.data.features import Features, Views, encode_images, encode_texts
from mmdemo.training.data.photos import Row, mirrored_view, plain_view, read_index
from mmdemo.training.four_bits import four_bit_rounded, four_bit_state, trained_through
from mmdemo.training.loop import Average, Log, autocast, build_optimisers, kept, run_steps, training_device
from mmdemo.training.measure import captions as measured
from mmdemo.training.measure.consensus import Consensus

SOURCES = ("flickr8k", *pairs.OTHERS)
VIEWS: Views = ((plain_view, 0), (mirrored_view, 0))
DROPOUT, SMOOTHING = 0.15, 0.1
RATE, REWARD_RATE = 1e-3, 1e-4  # peak learning rates
# kind, captions of a photo in one batch, photos, how often; photos with a single caption come by themselves
LESSONS = (("en", 5, 32, 0.5), ("en", 1, 128, 0.02), ("zh", 5, 32, 0.36), ("translated", 5, 24, 0.12))
ROUNDED_FROM = 0.7  # of the first phase
DRAWN, JUDGED = 5, 16  # captions of a photo, photos of a batch, in the second phase
CLIP = 1.0  # longest gradient
CHECKED_EVERY = 1000  # steps


@dataclass(frozen=True)
class Photos:
    """Some photos as the frozen networks see them.

    Args:
        tokens: of each view, [P, N, 1280] float16.
        wholes: of each view, the matching head's vectors [P, D] float16.
        grid: (h, w), N = h * w.
    """

    tokens: list[Tensor]
    wholes: list[Tensor]
    grid: tuple[int, int]

    def read(self, model: Captioning, index: Tensor, view: int = 0) -> ReadPicture:
        """The photos of `index` [P]."""
        return model.read_picture(self.tokens[view][index].float(), self.wholes[view][index].float(), self.grid)


def read_photos(features: Features, rows: list[Row], views: Views) -> Photos:
    """Through the image tower and the matching head; kept."""
    head, side = load_module("matching"), load_module("efficientnet").grid()
    tokens = [features.photo_tokens(rows, view, seed) for view, seed in views]
    names = [features.file("matching", [[r["file"] for r in rows], view.__name__, seed]) for view, seed in views]
    wholes = [kept(name, lambda t=t: encode_images(head, t).half()) for name, t in zip(names, tokens, strict=True)]
    return Photos(tokens, wholes, side)


class WordsPhase:
    """Every next word, one language a batch."""

    def __init__(self, model: Captioning, captions: pairs.Captioned, photos: Photos, args: argparse.Namespace) -> None:
        self.model, self.photos, self.args = model, photos, args
        self.lessons = [
            CaptionLessons(captions, model.vocabulary, kind, least=2 if each > 1 else 1, most=0 if each > 1 else 1)
            for kind, each, *_ in LESSONS
        ]
        share = np.array(
            [often * bool(len(some.photos)) for (*_, often), some in zip(LESSONS, self.lessons, strict=True)]
        )
        self.share = share / share.sum()

    def step(self, i: int) -> dict[str, float]:
        """The same for the same i, so that a run that was stopped goes on as if it had not been."""
        rng = seeded(self.args.seed, i)
        which = rng.choice(len(LESSONS), p=self.share)
        batch = self.lessons[which].draw(rng, LESSONS[which][2], LESSONS[which][1])
        rounded = i >= ROUNDED_FROM * self.args.steps
        with trained_through(self.model, rounded), autocast(training_device()):
            picture = self.photos.read(self.model, batch.photos, rng.integers(len(self.photos.tokens)))
            loss = self.model.loss(batch.words, picture, batch.language, SMOOTHING)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        return {"loss": loss.item()}


class RewardPhase:
    """Captions drawn by chance; those that say more of what people say become likelier."""

    def __init__(self, model: Captioning, captions: pairs.Captioned, photos: Photos, args: argparse.Namespace) -> None:
        self.model, self.photos, self.args = model, photos, args
        self.lessons = [CaptionLessons(captions, model.vocabulary, kind, least=4) for kind in ("en", "zh")]
        self.judges = []
        for some in self.lessons:
            people = [[[*words, model.vocabulary.end] for words in some.texts[photo]] for photo in some.photos]
            self.judges.append(Consensus(people))

    def step(self, i: int) -> dict[str, float]:
        """The languages take turns; the end counts as a word, or captions would stop in the middle of a phrase."""
        rng, which = seeded(self.args.seed + 1, i), i % len(self.lessons)
        some, judge, end = self.lessons[which], self.judges[which], self.model.vocabulary.end
        chosen = rng.choice(len(some.photos), size=min(JUDGED, len(some.photos)), replace=False)
        with trained_through(self.model), autocast(training_device()):
            index = torch.from_numpy(some.photos[chosen])
            picture = self.photos.read(self.model, index, rng.integers(len(self.photos.tokens)))
            words = sample(self.model, picture, some.kind, DRAWN).words.flatten(0, 1)  # [P * K, T]
            said = [[w for w in row[1:] if w != self.model.vocabulary.pad] for row in words.tolist()]
            reward = torch.tensor([judge.judge(chosen[j // DRAWN], row) for j, row in enumerate(said)])
            others = (reward.view(-1, DRAWN).sum(1, keepdim=True) - reward.view(-1, DRAWN)) / (DRAWN - 1)
            better = (reward.view(-1, DRAWN) - others).flatten()  # [P * K]
            loss = (better * -self.model.log_probability(words, picture, some.kind)).sum() / sum(map(len, said))
            loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        ended = sum(row[-1] == end for row in said) / len(said)
        return {"reward": reward.mean().item(), "words": sum(map(len, said)) / len(said), "ended": ended}


def seeded(seed: int, step: int) -> np.random.Generator:
    """A generator of this step's own; torch's is set too."""
    torch.manual_seed(seed * 1_000_003 + step)
    return np.random.default_rng((seed, step))


def steady(model: Captioning, average: Average) -> Captioning:
    """The averaged weights as they come back from four bits, in eval mode."""
    shipped = Captioning(model.vocabulary.words)
    shipped.load_state_dict(four_bit_rounded(average.values))
    return shipped.eval()


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log, index = Log(args.out / "captioning.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    train_, val = pairs.captioned(index, "train", SOURCES), pairs.flickr8k(index, "val")
    photos = read_photos(features, train_.photos, VIEWS)
    unseen = read_photos(features, val.photos, VIEWS[:1])
    model = Captioning(build_vocabulary(train_), dropout=DROPOUT)
    log(words=len(model.vocabulary), parameters=cards.count_parameters(model), photos=len(train_.photos))

    def run(name: str, phase: WordsPhase | RewardPhase, steps: int, rate: float) -> Average:
        average = Average(model, 0.998)

        def check() -> measured.Figures:
            return measured.figures(steady(model, average), val, unseen.tokens[0], unseen.wholes[0], beams=1)[0]

        run_steps(
            phase.step, [model], build_optimisers([model], rate, decay=0.01), average=average, steps=steps, name=name,
            log=log, checkpoint=args.out / f"{name}.pt", evaluate=check, evaluate_every=CHECKED_EVERY,
        )  # fmt: skip
        return average

    average = run("words", WordsPhase(model, train_, photos, args), args.steps, RATE)
    model.load_state_dict(average.values)
    model.eval()  # what is drawn is judged as it is used: nothing is silenced
    average = run("reward", RewardPhase(model, train_, photos, args), args.reward_steps, REWARD_RATE)
    ship(steady(model, average), average, val, unseen, features, args)


def ship(
    model: Captioning, average: Average, val: pairs.Captioned, photos: Photos, features: Features,
    args: argparse.Namespace,
) -> None:  # fmt: skip
    """Write weights/captioning: matrices in four bits, the words, and what was measured of both as they are shipped."""
    found = measure(model, val, photos, features)
    cards.write_lines("captioning", "vocab.txt", model.vocabulary.words)
    english, chinese = (len(model.vocabulary.sayable(language)) - 1 for language in ("en", "zh"))  # without the end
    counts = cards.photo_counts(read_index(args.data))
    phases = ["words", *(["reward"] if args.reward_steps else [])]
    card = {
        "parameters": cards.count_parameters(model),
        "counts": counts | {"english_words": english, "chinese_characters": chinese},
        **cards.origin("captioning", args, "seed", "steps", "reward-steps", phases=phases),
        "metrics": metric_rows(found, len(val.photos), args.seed),
    }
    cards.ship("captioning", four_bit_state(average.values), card)


def measure(model: Captioning, val: pairs.Captioned, photos: Photos, features: Features) -> measured.Figures:
    """All figures of the card: agreement with people in each language, and the photo found by its own caption.

    "ranked_": CIDEr and BLEU-4 of the first of five beams as the page ranks them. The ranking was chosen on these
    photos; and the photo is not looked for by what was chosen for its fit to it.
    """
    found, said = measured.figures(model, val, photos.tokens[0], photos.wholes[0])
    head = load_module("matching")

    def encode(texts: Sequence[str]) -> Tensor:
        return encode_texts(head, features.text_tokens(texts))

    best, _ = measured.figures(model, val, photos.tokens[0], photos.wholes[0], CANDIDATES, encode)
    for language, captions in said.items():
        own = measured.own_photo(captions, photos.wholes[0], features, head)
        found |= {f"{language}_{name}": value for name, value in own.items()}
    return found | {f"ranked_{name}": value for name, value in best.items() if name.endswith(("CIDEr", "BLEU-4"))}


def metric_rows(found: measured.Figures, photos: int, seed: int) -> list[cards.Metric]:
    """Figures as card rows, English and Chinese apart, each by the beams alone and then as the page ranks them."""
    rows: list[cards.Metric] = []
    ways = (("", f"beam search of {BEAMS}"), ("ranked_", f"{CANDIDATES} beams ranked by probability and fit"))
    for language, dataset in (("en", "Flickr8k, English by words"), ("zh", "Flickr8k-CN, Chinese by characters")):
        for way, how in ways:
            start = f"{way}{language}_"
            mine = {key.removeprefix(start): value for key, value in found.items() if key.startswith(start)}
            rows += cards.metrics(mine, dataset=dataset, split=f"val ({photos} photos), {how}", n=photos, seed=seed)
    return rows


def evaluate(args: argparse.Namespace, log: Log) -> list[cards.Metric]:
    """The card's figures again, from weights/; of the first `--photos` alone where that is given."""
    val, features = pairs.flickr8k(read_index(args.data), "val", args.photos), Features(args.features, log)
    found = measure(load_module("captioning"), val, read_photos(features, val.photos, VIEWS[:1]), features)
    return metric_rows(found, len(val.photos), args.seed)


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=3400)
    parser.add_argument("--reward-steps", type=int, default=2200)
    train(parser.parse_args())
