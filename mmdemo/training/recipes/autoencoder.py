"""Trains weights/autoencoder: photo and sentence into one code, and both out of it again.

    python -m mmdemo.training.recipes.autoencoder --out RUN [--data DATA] [--seed 0]

Flickr8k's training photos at 64 x 64 with what the frozen towers say of them, and their captions in both languages.
Half of each batch gives the photo alone, a quarter both, a quarter the sentence alone; all must draw the photo and name
the words of its captions (modality dropout). The words come first, without the pixels: that takes a minute, and the
convolutions, which take the rest, then start from a code that means something.
Read next: `training/autoencoder_card.py`.
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.loading import load_module
from mmdemo.tasks.reconstruction import SIDE, CrossModalAutoencoder
from mmdemo.tasks.word_list import WordList
from mmdemo.training import autoencoder_card, cards, pairs
from mmdemo.training.bags import Bags, build_bags, build_words
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import photo_tokens, photo_vectors
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.matching_figures import encode_images
from mmdemo.training.pairs import Captioned
from mmdemo.training.photos import Row, View, decode, mirrored_view, plain_view, random_view, read_index

ENGLISH_WORDS, CHINESE_WORDS = 900, 500  # looked at; those that photos do not decide are left out
WORD_STEPS, WORD_ROWS = 3000, 72  # first part: steps, and rows of each quarter of a batch
ROWS = 18  # second part
WORD_RATE, LATER_WORD_RATE, PICTURE_RATE = 2e-3, 3e-4, 1.5e-3  # peak learning rates
VIEWS = ((plain_view, 0), (mirrored_view, 0), (random_view, 1))
SEEN = 2  # of them are read of a photo in use: it, and its mirror image
Views = tuple[tuple[View, int], ...]


@dataclass
class Scenes:
    """Photos with their words.

    Args:
        pictures: [V, P, 64, 64, 3] uint8, V views of each photo.
        features: [V, P, 1024 + 1280], of the same views the matching head's embedding and the image tower's mean.
        bags: the captions' words.
    """

    pictures: Tensor
    features: Tensor
    bags: Bags

    def picture(self, view: Tensor, photo: Tensor) -> Tensor:
        """[B, 3, 64, 64] float32 in [0, 1]."""
        chosen = self.pictures[view, photo].permute(0, 3, 1, 2).float().div(255)
        return chosen.contiguous(memory_format=torch.channels_last)


def small_pictures(rows: list[Row], view: View, seed: int) -> Tensor:
    """The same view that `photo_tokens` reads, 64 pixels a side. [P, 64, 64, 3] uint8."""
    seen = [view(decode(row), SIDE, random.Random(f"{seed}/{place}")) for place, row in enumerate(rows)]
    return torch.from_numpy(np.stack(seen))


@torch.no_grad()
def build_scenes(found: Captioned, words: WordList, views: Views, run: Path, log: Log, device: torch.device) -> Scenes:
    """Pixels, features and words of captioned photos."""
    pictures = torch.stack([small_pictures(found.photos, view, seed) for view, seed in views])
    head, ask = load_module("matching"), {"folder": run, "log": log, "device": device}
    features = [
        torch.cat([
            encode_images(head, photo_tokens(found.photos, view, seed=seed, **ask)),
            photo_vectors(found.photos, view, seed=seed, **ask).float(),
        ], 1)
        for view, seed in views
    ]  # fmt: skip
    return Scenes(pictures, torch.stack(features), build_bags(found, words))


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
    found, logits = model.decode(model.code(F.pad(image, (0, 0, 0, rows)), text))
    drawn, named = model.picture_loss(found, picture), model.words_loss(logits, train.bags.share[photo])
    (drawn + named).backward()  # the sum: both errors must fall
    return {"picture": drawn.item(), "words": named.item()}


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    device, run, log = training_device(), args.out, Log(args.out / "autoencoder.jsonl")
    index = read_index(args.data)
    found = {split: pairs.flickr8k(index, split) for split in ("train", "val")}
    words = WordList(build_words(found["train"], ENGLISH_WORDS, CHINESE_WORDS))
    some = build_scenes(found["train"], words, VIEWS, args.features, log, device)
    val = build_scenes(found["val"], words, VIEWS[:SEEN], args.features, log, device)
    log(words=len(words), english=int((~words.chinese).sum()), photos=len(some.bags.share))
    model = CrossModalAutoencoder(words.words, dropout=0.4)  # its memory is filled when all is learned
    usual = autoencoder_card.commonplace(some.pictures[0], some.bags)
    model.start_from(usual.picture, usual.words)
    average = Average(model, 0.995)
    rng = np.random.default_rng(args.seed)
    for name, steps, rows in (("words", WORD_STEPS, WORD_ROWS), ("autoencoder", args.steps, ROWS)):
        drawing = name == "autoencoder"

        def step(i: int, rows: int = rows, drawing: bool = drawing) -> dict[str, float]:
            figures = training_step(model, some, rng, rows, drawing)
            average.update(model)
            return figures

        def check(drawing: bool = drawing) -> dict[str, float]:
            return autoencoder_card.measure(steady(words, average), val, usual, pixels=drawing)

        run_steps(
            step, [model, average], optimisers(model, drawing), steps=steps, name=name, log=log,
            checkpoint=run / f"{name}.pt", evaluate=check, log_every=50, evaluate_every=300,
        )  # fmt: skip
    autoencoder_card.ship(steady(words, average), val, some, found["train"], args)


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


def evaluate(args: argparse.Namespace, log: Log) -> autoencoder_card.Figures:
    """The card's figures again: pictures and words from both sides and from each alone, beside the commonplace."""
    index, model = read_index(args.data), load_module("autoencoder")
    train_, val_ = (pairs.flickr8k(index, split) for split in ("train", "val"))
    usual = autoencoder_card.commonplace(small_pictures(train_.photos, *VIEWS[0]), build_bags(train_, model.words))
    val = build_scenes(val_, model.words, VIEWS[:SEEN], args.features, log, training_device())
    return autoencoder_card.measure(model, val, usual)


def main() -> None:
    """Read the command line and train."""
    train(recipe_parser(__doc__, steps=1500).parse_args())


if __name__ == "__main__":
    main()
