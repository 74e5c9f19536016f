"""Trains weights/cnn_lstm and weights/cnn: a CNN and an LSTM from nothing, joined at three levels, and for two tasks.

    python -m mmdemo.training.recipes.cnn_lstm --out RUN [--data DATA] [--seed 0] [--levels data multitask]

Sentiment: 3,540 pairs of MVSA, no other text, no other photo. The network of two tasks also learns the match, from the
captions of Flickr8k in both languages, each beside all photos of the batch. In three steps of ten a side is taken away.
Each level is kept in RUN when it is done, so that the levels can be trained one at a time; about ten minutes on one
core. The CNN of the network of two tasks is shipped by itself too, as the encoder `cnn`. Read next: `resnet_lstm.py`.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.encoders.words import PAD, UNKNOWN
from mmdemo.loading import load_module
from mmdemo.tasks.cnn_lstm import LEVELS, CnnLstm, Level, MultiTask
from mmdemo.training import cards
from mmdemo.training.alignment import contrast
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features, Views
from mmdemo.training.data.photos import Row, plain_view, random_view, read_index, squashed_view
from mmdemo.training.data.sides import by_side, class_indices
from mmdemo.training.data.small_pictures import SIZE, as_pixels, small_pictures
from mmdemo.training.data.word_lists import encode_words, word_list
from mmdemo.training.loop import Average, Log, build_optimisers, load_checkpoint, run_steps, save_checkpoint
from mmdemo.training.measure import systems
from mmdemo.types import Batch

WORDS, PAIRS, CAPTIONED = 1200, 64, 96
VIEWS = ((plain_view, 0), (squashed_view, 1), (random_view, 2), (random_view, 3))
MATCH_VIEWS = ((plain_view, 0), (squashed_view, 3))
DROPPED = 0.15  # chance that a step has no photo, and that it has no text
FORGOTTEN = {"sentiment": 0.3, "matching": 0.1}  # chance that a word is read as unknown
RATES = {"data": 2e-3, "feature": 4e-3, "model": 4e-3, "multitask": 2e-3}  # at 4e-3 the data level stopped reading
DROPOUT = {"data": 0.5, "feature": 0.5, "model": 0.5, "multitask": 0.3}
STEPS = {"data": 1.0, "feature": 1.0, "model": 1.0, "multitask": 1.5}  # in units of --steps


class Inputs:
    """One data set as bytes and word ids.

    Args:
        photos: index rows.
        texts: T strings.
        views: of each photo.
        encoder: reads the words.
    """

    def __init__(self, photos: list[Row], texts: list[str], views: Views, level: Level, features: Features) -> None:
        self.views = [small_pictures(photos, view, features, seed) for view, seed in views]
        self.texts, self.table = encode_words(texts, level.text), level.text.table

    def image(self, photos: Tensor, view: int = 0) -> Batch:
        """"pixels" [B, 3, 64, 64]."""  # fmt: skip
        return Batch({"pixels": as_pixels(self.views[view][photos])}, ())

    def text(self, texts: Tensor, forgotten: float = 0.0) -> Batch:
        """"ids" and "mask" [B, N]; a share of the words unknown, so that none is relied on alone."""  # fmt: skip
        ids, mask = self.texts.padded(texts)
        lost = (torch.rand(ids.shape) < forgotten) & (ids != self.table[PAD])
        return Batch({"ids": torch.where(lost, self.table[UNKNOWN], ids), "mask": mask}, ())


class Data:
    """Pairs of MVSA with their labels, and captioned photos for the match."""

    def __init__(self, level: Level, args: argparse.Namespace, log: Log) -> None:
        self.rows = rows = read_index(args.data)
        features = Features(args.out, log)
        self.captioned = {split: pairs.flickr8k(rows, split) for split in ("train", "val")}
        own = self.captioned["train"].photo_of_text
        self.of_photo = np.split(np.arange(len(own)), np.flatnonzero(np.diff(own)) + 1)  # captions lie photo by photo
        self.feeling, self.match, self.labels = {}, {}, {}
        for split, some, views, match_views in (
            ("train", pairs.mvsa(rows)[0], VIEWS, MATCH_VIEWS),
            ("val", pairs.mvsa(rows)[1], VIEWS[:1], VIEWS[:1]),
        ):
            captions = self.captioned[split]
            self.feeling[split] = Inputs(some, [r["text"] for r in some], views, level, features)
            self.match[split] = Inputs(captions.photos, captions.texts, match_views, level, features)
            self.labels[split] = class_indices([r["sentiment"] for r in some])

    def draw_feeling(self, rng: np.random.Generator) -> tuple[Batch | None, Batch | None, Tensor]:
        """A batch of MVSA pairs, sometimes without one side, and the joint labels."""
        i = torch.from_numpy(rng.integers(len(self.labels["train"]), size=PAIRS))
        some, chance = self.feeling["train"], rng.random()
        image = None if chance < DROPPED else some.image(i, int(rng.integers(len(VIEWS))))
        text = None if chance > 1 - DROPPED else some.text(i, FORGOTTEN["sentiment"])
        return image, text, self.labels["train"][i]

    def draw_match(self, rng: np.random.Generator) -> tuple[Batch, Batch]:
        """Different photos, and one caption of each."""
        photos = torch.from_numpy(rng.choice(len(self.captioned["train"].photos), CAPTIONED, replace=False))
        texts = torch.tensor([int(rng.choice(self.of_photo[p])) for p in photos.tolist()])
        some, view = self.match["train"], int(rng.integers(len(MATCH_VIEWS)))
        return some.image(photos, view), some.text(texts, FORGOTTEN["matching"])


def match_loss(level: MultiTask, image: Batch, text: Batch) -> Tensor:
    """Every photo of a batch of B beside every caption: each must find its own, and the probability must be right.

    The first is InfoNCE both ways over the cosines [B, B]; the second the cross-entropy of the true pairs and of as
    many others.
    """
    v, t = (F.normalize(x, dim=-1) for x in level.trunk(level.see(image), level.hear(text)))  # [B, 128] each
    s, own = level.log_scale.exp() * v @ t.T, torch.arange(len(v))  # [B, B]
    some = torch.cat([s[own, own], s[own, own.roll(1)]]) + level.offset  # [2B]
    return contrast(s) + F.binary_cross_entropy_with_logits(some, (torch.arange(len(some)) < len(v)).float())


def training_words(args: argparse.Namespace) -> list[str]:
    """The list that all levels share: the commonest words of the tweets and of as many captions."""
    rows = read_index(args.data)
    tweets, captions = [r["text"] for r in pairs.mvsa(rows)[0]], pairs.flickr8k(rows, "train").texts
    return word_list(tweets * 3 + captions[:: len(captions) // (3 * len(tweets))], WORDS)


def train_level(name: str, words: list[str], args: argparse.Namespace, log: Log) -> None:
    """One network from random weights into RUN/cnn_lstm-NAME.pt."""
    torch.manual_seed(args.seed)
    level = LEVELS[name](words, DROPOUT[name])
    data, average, rng = Data(level, args, log), Average(level, 0.99), np.random.default_rng(args.seed)

    def step(i: int) -> dict[str, float]:
        image, text, truth = data.draw_feeling(rng)
        feeling = level(image, text)["sentiment"]
        losses = {"sentiment": F.cross_entropy(feeling, truth, label_smoothing=0.05)}
        if name == "multitask":
            losses["matching"] = match_loss(level, *data.draw_match(rng))
        torch.stack(list(losses.values())).sum().backward()
        return {task: loss.item() for task, loss in losses.items()}

    run_steps(
        step, [level], build_optimisers([level], RATES[name]), average=average, steps=round(args.steps * STEPS[name]),
        name=name, log=log, checkpoint=args.out / f"cnn_lstm-{name}-training.pt",
        evaluate=lambda: measure_level(name, level, data, None), log_every=50, evaluate_every=100,
    )  # fmt: skip
    save_checkpoint(args.out / f"cnn_lstm-{name}.pt", state=average.values)


@torch.no_grad()
def measure_level(name: str, level: Level, data: Data, seed: int | None) -> dict[str, float]:
    """Figures of one level on the validation sets; those of the match, which take a minute, if a seed draws pairs."""

    def match(photos: Tensor, texts: Tensor) -> Tensor:
        return level(captions.image(photos), captions.text(texts))["matching"].softmax(-1)[:, 1]

    level.eval()
    some, captions, truth = data.feeling["val"], data.match["val"], data.labels["val"]
    everything = torch.arange(len(truth))
    logits = by_side(lambda *pair: level(*pair)["sentiment"], some.image(everything), some.text(everything))
    figures = systems.flat(systems.sentiment_figures(logits, truth), f"{name}_")
    if name == "multitask" and seed is not None:
        figures |= systems.flat(systems.match_figures(match, data.captioned["val"], seed))
    level.train()
    return figures


def measure(system: CnnLstm, data: Data, seed: int) -> dict[str, float]:
    """All figures of all levels."""
    parts = [measure_level(name, level, data, seed) for name, level in system.levels.items()]
    system.eval()
    return {key: value for part in parts for key, value in part.items()}


def train(args: argparse.Namespace) -> None:
    """Every level asked for that RUN does not hold yet; when all are there, the weights."""
    log, words = Log(args.out / "cnn_lstm.jsonl"), training_words(args)
    for name in args.levels:
        if not (args.out / f"cnn_lstm-{name}.pt").exists():
            train_level(name, words, args, log)
    kept = {name: load_checkpoint(args.out / f"cnn_lstm-{name}.pt") for name in LEVELS}
    if all(kept.values()):
        system = CnnLstm(words)
        for name, saved in kept.items():
            system.levels[name].load_state_dict(cards.half_rounded(saved["state"]))
        cards.write_lines("cnn_lstm", "vocab.txt", words)
        ship(system.eval(), args, log)


def ship(system: CnnLstm, args: argparse.Namespace, log: Log) -> None:
    """Measure what is stored, write both folders."""
    data = Data(system.levels["feature"], args, log)
    figures = measure(system, data, args.seed)
    where = {"dataset": systems.MVSA, "split": systems.MVSA_SPLIT, "n": len(data.labels["val"]), "seed": args.seed}
    rows = cards.metrics({k: v for k, v in figures.items() if k.startswith(tuple(LEVELS))}, **where, unit="%")
    match = {x: {k.split("_", 1)[1]: v for k, v in figures.items() if k.startswith(x)} for x in systems.LANGUAGES}
    match_rows = systems.match_rows(match, data.captioned["val"], args.seed)
    shared = {
        **cards.origin("cnn_lstm", args, "seed", "steps", phases=list(LEVELS)),
        "counts": {
            **cards.photo_counts(data.rows),
            "pairs": len(data.labels["train"]),
            "words": len(system.levels["feature"].text.vocab),
            "size": SIZE,
            "commonest": systems.commonest(data.labels["val"]),
        },
    }
    card = {
        "parameters": cards.count_parameters(system),
        "parameters_by_level": {name: cards.count_parameters(level) for name, level in system.levels.items()},
        "metrics": rows + match_rows,
        **shared,
    }
    cards.ship("cnn_lstm", system, card)
    cnn = system.levels["multitask"].image
    card = {"parameters": cards.count_parameters(cnn), "metrics": match_rows, **shared}
    cards.ship("cnn", cnn, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    system = load_module("cnn_lstm")
    return measure(system, Data(system.levels["feature"], args, log), args.seed)


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=600)
    parser.add_argument("--levels", nargs="*", default=list(LEVELS), choices=list(LEVELS))
    train(parser.parse_args())
