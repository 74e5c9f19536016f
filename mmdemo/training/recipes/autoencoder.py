"""Trains weights/autoencoder: photo and sentence into one code, and both out of it again.

    python -m mmdemo.training.recipes.autoencoder --out RUN [--data DATA] [--seed 0]

Flickr8k's training photos at 64 x 64 with what the frozen towers say of them, and their captions in both languages.
Half of each batch gives the photo alone, a quarter both, a quarter the sentence alone; all must draw the photo and name
the words of its captions (modality dropout). The words come first, without the pixels: that takes a minute, and the
convolutions, which take the rest, then start from a code that means something.
Read next: `measure/autoencoder.py`.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F

from mmdemo.loading import load_module, widened
from mmdemo.tasks.reconstruction import CrossModalAutoencoder
from mmdemo.tasks.word_list import WordList
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.bags import build_bags, build_words
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import mirrored_view, plain_view, random_view, read_index
from mmdemo.training.data.scenes import Scenes, build_scenes
from mmdemo.training.data.small_pictures import small_pictures
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure import autoencoder as measured

ENGLISH_WORDS, CHINESE_WORDS = 900, 500  # looked at; those that photos do not decide are left out
WORD_STEPS, WORD_ROWS = 3000, 72  # first part: steps, and rows of each quarter of a batch
ROWS = 18  # second part
WORD_RATE, LATER_WORD_RATE, PICTURE_RATE = 2e-3, 3e-4, 1.5e-3  # peak learning rates
VIEWS = ((plain_view, 0), (mirrored_view, 0), (random_view, 1))
SEEN = 2  # of them are read of a photo in use: it, and its mirror image


def training_step(
    model: CrossModalAutoencoder, train: Scenes, rng: np.random.Generator, rows: int, drawing: bool
) -> dict[str, float]:
    """One batch: 2 x photo alone, both, sentence alone, `rows` each; without `drawing` neither pixels in nor out."""
    photo = torch.from_numpy(rng.integers(len(train.bags.share), size=4 * rows))
    view = torch.from_numpy(rng.integers(len(train.pictures), size=4 * rows))
    first, count = train.bags.starts[photo], train.bags.starts.diff()[photo]
    caption = first + (torch.from_numpy(rng.random(4 * rows)) * count).long()
    seen, read = slice(0, 3 * rows), slice(2 * rows, 4 * rows)
    image = model.encode_features(train.features[view[seen], photo[seen]])
    text = F.pad(model.encode_text(train.bags.captions[caption[read]].float()), (0, 0, 2 * rows, 0))
    if not drawing:
        code = model.code(F.pad(image, (0, 0, 0, rows)), text)  # a missing side is zeros
        named = model.words_loss(model.name_words(code), train.bags.share[photo])
        named.backward()
        return {"words": named.item()}
    picture = train.picture(view, photo)
    image = image + model.encode_picture(picture[seen])
    pixels, logits = model.decode(model.code(F.pad(image, (0, 0, 0, rows)), text))
    drawn, named = model.picture_loss(pixels, picture), model.words_loss(logits, train.bags.share[photo])
    (drawn + named).backward()  # the sum: both errors must fall
    return {"picture": drawn.item(), "words": named.item()}


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log, index = Log(args.out / "autoencoder.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    captioned = {split: pairs.flickr8k(index, split) for split in ("train", "val")}
    words = WordList(build_words(captioned["train"], ENGLISH_WORDS, CHINESE_WORDS))
    some = build_scenes(captioned["train"], words, VIEWS, features)
    val = build_scenes(captioned["val"], words, VIEWS[:SEEN], features)
    log(words=len(words), english=int((~words.chinese).sum()), photos=len(some.bags.share))
    model = CrossModalAutoencoder(words.words, dropout=0.4)  # its memory is filled when all is learned
    usual = measured.commonplace(some.pictures[0], some.bags)
    model.start_from(usual.picture, usual.words)
    average, rng = Average(model, 0.995), np.random.default_rng(args.seed)
    for name, steps, rows in (("words", WORD_STEPS, WORD_ROWS), ("autoencoder", args.steps, ROWS)):
        drawing = name == "autoencoder"

        def step(i: int, rows: int = rows, drawing: bool = drawing) -> dict[str, float]:
            return training_step(model, some, rng, rows, drawing)

        def check(drawing: bool = drawing) -> dict[str, float]:
            return measured.measure(steady(words, average), val, usual, pixels=drawing)

        run_steps(
            step, [model], optimisers(model, drawing), average=average, steps=steps, name=name, log=log,
            checkpoint=args.out / f"{name}.pt", evaluate=check, log_every=50, evaluate_every=300,
        )  # fmt: skip
    ship(steady(words, average), val, some, captioned["train"], args)


def optimisers(model: CrossModalAutoencoder, drawing: bool) -> list[torch.optim.Optimizer]:
    """The parts that read and name words; with `drawing` they go on slowly beside the parts that see and draw."""
    naming = [model.feature_encoders, model.text_encoder, model.word_decoder]
    if not drawing:
        return build_optimisers(naming, WORD_RATE)
    seeing = [model.picture_encoder, model.picture_decoder]
    return build_optimisers(naming, LATER_WORD_RATE) + build_optimisers(seeing, PICTURE_RATE)


def steady(words: WordList, average: Average) -> CrossModalAutoencoder:
    """The averaged weights as they come back from float16, in eval mode."""
    model = CrossModalAutoencoder(words.words)
    model.load_state_dict(cards.half_rounded(average.values))
    return model.eval()


def ship(
    model: CrossModalAutoencoder, val: Scenes, train: Scenes, captioned: pairs.Captioned, args: argparse.Namespace
) -> None:
    """Write weights/autoencoder: the network, its words and its memory; codes and captions of a few training pairs."""
    views = len(val.features)
    model.memory.fill(measured.read_alone(model, train, views), train.bags.share)
    keys = cards.int8_state({"memory.keys": model.memory.keys})
    model.memory.keys = widened(keys)["memory.keys"]
    figures = measured.measure(model, val, measured.commonplace(train.pictures[0], train.bags))
    captions, codes = measured.store(model, train, captioned, args.seed, views)
    cards.write_lines("autoencoder", "vocab.txt", model.words.words)
    cards.write_lines("autoencoder", "captions.txt", captions)
    card = {
        "parameters": cards.count_parameters(model),
        "words": len(model.words),
        "counts": {**cards.photo_counts(read_index(args.data)), "captions": len(captions)},
        **cards.origin("autoencoder", args, "seed", "steps", phases=["words", "autoencoder"]),
        "metrics": measured.metric_rows(figures, len(val.bags.share), args.seed),
    }
    cards.ship("autoencoder", {**model.state_dict(), "codes": codes, **keys}, card)


def evaluate(args: argparse.Namespace, log: Log) -> measured.Figures:
    """The card's figures again: pictures and words from both sides and from each alone, beside the commonplace."""
    index, model = read_index(args.data), load_module("autoencoder")
    train_, val_ = (pairs.flickr8k(index, split) for split in ("train", "val"))
    features, bags = Features(args.features, log), build_bags(train_, model.words)
    pictures = small_pictures(train_.photos, VIEWS[0][0], features).permute(0, 2, 3, 1)  # [P, 64, 64, 3]
    usual = measured.commonplace(pictures, bags)
    return measured.measure(model, build_scenes(val_, model.words, VIEWS[:SEEN], features), usual)


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=1500).parse_args())
