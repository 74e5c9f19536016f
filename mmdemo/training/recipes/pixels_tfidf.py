"""Fits weights/tfidf and weights/pixels_tfidf: counting, a singular value decomposition, a ridge and a logistic map.

    python -m mmdemo.training.recipes.pixels_tfidf --out RUN [--data DATA] [--seed 0]

No gradient steps but those of scikit-learn's logistic regression; two minutes on one core. The gallery keeps, of 400
training photos of Flickr8k, 32 numbers each and one caption in each language, no pixels. Read next: `cnn_lstm.py`.
"""

import argparse
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmdemo.encoders.tfidf import TfidfEncoder, lower_words
from mmdemo.loading import load_module
from mmdemo.tasks.pixels_tfidf import PixelsTfidf
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import Row, View, plain_view, read_index, squashed_view
from mmdemo.training.data.sides import by_side, class_indices
from mmdemo.training.data.small_pictures import SIZE, small_pictures
from mmdemo.training.loop import Log
from mmdemo.training.measure import metrics, systems
from mmdemo.training.measure.caption_recall import caption_recalls
from mmdemo.types import TokenSet

WORDS, KEPT, GALLERY = 3000, 32, 400
RIDGE, LOOSE, PIXEL_WEIGHT = 1e4, 3.0, 0.1  # lambda; scikit-learn's C; how much a coordinate counts beside a word


def fit_tfidf(texts: list[str]) -> TfidfEncoder:
    """The word list and idf of scikit-learn's `TfidfVectorizer`, the most frequent words of all texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted = TfidfVectorizer(analyzer=lower_words, max_features=WORDS).fit(texts)
    encoder = TfidfEncoder(fitted.get_feature_names_out().tolist())
    encoder.idf.copy_(torch.from_numpy(fitted.idf_))
    return encoder


@dataclass
class PixelsAndWords:
    """Photos and texts as this system sees them: pixels [P, 12288] in [0, 1], TF-IDF [T, V]."""

    pixels: Tensor
    texts: Tensor

    def sets(self) -> tuple[TokenSet, TokenSet]:
        """Both as token sets of one token."""
        return TokenSet.of_vectors(self.pixels), TokenSet.of_vectors(self.texts)


@dataclass
class Reader:
    """Both encoders, and the folder where small pictures are kept."""

    tfidf: TfidfEncoder
    args: argparse.Namespace
    features: Features

    def __call__(self, photos: list[Row], texts: list[str], view: View = plain_view) -> PixelsAndWords:
        """Photos and texts of a data set."""
        pictures = small_pictures(photos, view, self.features)
        pixels = pictures.permute(0, 2, 3, 1).flatten(1).float().div(255)
        parts = [self.counted(texts[i : i + 512]) for i in range(0, len(texts), 512)]
        return PixelsAndWords(pixels, torch.cat(parts))

    def counted(self, texts: list[str]) -> Tensor:
        """TF-IDF of a few texts, [n, V]."""
        return self.tfidf(self.tfidf.prepare(texts)).pooled


def fit_pixels(head: PixelsTfidf, pixels: Tensor, seed: int) -> Tensor:
    """Mean, basis and spread of the principal coordinates; -> the training photos' coordinates [P, K]."""
    torch.manual_seed(seed)
    head.pixel_mean.copy_(pixels.mean(0))
    _, _, basis = torch.svd_lowrank(pixels - head.pixel_mean, q=2 * KEPT, niter=4)  # Halko et al. 2011
    head.basis.copy_(basis[:, :KEPT])
    z = head.coordinates(pixels)
    head.spread.copy_(z.std(0))
    return z


def ridge_map(z: Tensor, target: Tensor, weak: float) -> Tensor:
    """W = (Z^T Z + weak I)^-1 Z^T T: the linear map [K, V] from z [P, K] nearest to the targets [P, V]."""
    z = z.double()
    return torch.linalg.solve(z.T @ z + weak * torch.eye(z.shape[1], dtype=z.dtype), z.T @ target.double()).float()


def fit_match(head: PixelsTfidf, z: Tensor, texts: Tensor, photo_of_text: Tensor) -> None:
    """The ridge map from a photo to the mean TF-IDF of its captions."""
    counts = torch.bincount(photo_of_text, minlength=len(z)).unsqueeze(1)
    means = torch.zeros(len(z), texts.shape[1]).index_add_(0, photo_of_text, texts) / counts  # [P, V]
    head.text_mean.copy_(means.mean(0))
    head.ridge.copy_(ridge_map(z, means - head.text_mean, RIDGE) * head.spread.unsqueeze(1))


def fit_sentiment(head: PixelsTfidf, sides: PixelsAndWords, labels: Tensor) -> None:
    """Logistic regression on coordinates and words side by side."""
    from sklearn.linear_model import LogisticRegression

    z = PIXEL_WEIGHT * head.coordinates(sides.pixels) / head.spread
    fitted = LogisticRegression(C=LOOSE, max_iter=1000).fit(torch.cat([z, sides.texts], 1).numpy(), labels.numpy())
    weight = torch.from_numpy(fitted.coef_).float()
    weight[:, :KEPT] *= PIXEL_WEIGHT
    head.weight.copy_(weight)
    head.bias.copy_(torch.from_numpy(fitted.intercept_))


def gallery_lines(captioned: pairs.Captioned, chosen: list[int]) -> list[str]:
    """One line a stored pair: an English caption, a tab, a Chinese one (written by a person)."""
    some = (captioned.photos[i] for i in chosen)
    return [f"{' '.join(p['captions'][0].split())}\t{' '.join(p['captions_zh'][0].split())}" for p in some]


def recognition(head: PixelsTfidf, read: Reader, captioned: pairs.Captioned) -> dict[str, float]:
    """Per cent of gallery pairs that are recognised from the photo, flipped half the time, and another caption."""
    chosen = chosen_pairs(captioned)
    stored, rows = read.counted(gallery_lines(captioned, chosen)), [captioned.photos[i] for i in chosen]
    sides = read(rows, [r["captions"][1] for r in rows], squashed_view)
    said = by_side(lambda image, text: head.recognise(image, text, stored).numpy(), *sides.sets())
    truth = np.eye(len(rows), dtype=bool)
    return {f"{name}_recognised_first": metrics.recall_at(similar, truth, [1])[1] for name, similar in said.items()}


def chosen_pairs(captioned: pairs.Captioned) -> list[int]:
    """The gallery's photos, drawn with seed 0 among those with captions of people in both languages."""
    able = [i for i, p in enumerate(captioned.photos) if p["captions"][:2] and p.get("captions_zh")]
    return random.Random(0).sample(able, GALLERY)


def measure(head: PixelsTfidf, read: Reader) -> dict[str, systems.Figures]:
    """All figures; the calibration is fitted on the way."""
    rows = read_index(read.args.data)
    val, moods = pairs.flickr8k(rows, "val"), pairs.mvsa(rows)[1]
    sides = read(val.photos, val.texts)

    def similarity(photos: Tensor, texts: Tensor) -> Tensor:
        return head.similarity(*PixelsAndWords(sides.pixels[photos], sides.texts[texts]).sets())

    by_task = {"match": systems.calibrated_figures(head.calibration, similarity, val, read.args.seed)}
    logits = by_side(head.sentiment, *read(moods, [r["text"] for r in moods]).sets())
    by_task["sentiment"] = systems.sentiment_figures(logits, class_indices([r["sentiment"] for r in moods]))
    by_task["gallery"] = {"gallery": recognition(head, read, pairs.flickr8k(rows, "train"))}
    return by_task


@torch.no_grad()
def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    log, rows = Log(args.out / "pixels_tfidf.jsonl"), read_index(args.data)
    captioned, (moods, _) = pairs.flickr8k(rows, "train"), pairs.mvsa(rows)
    tfidf = fit_tfidf(captioned.texts + [r["text"] for r in moods])
    tfidf.load_state_dict(cards.half_rounded(tfidf.state_dict()))
    read, head = Reader(tfidf, args, Features(args.out, log)), PixelsTfidf(3 * SIZE * SIZE, WORDS, KEPT, GALLERY)
    sides = read(captioned.photos, captioned.texts)
    z = fit_pixels(head, sides.pixels, args.seed)
    kept = float(z.var(0).sum() / sides.pixels.var(0).sum())
    fit_match(head, z, sides.texts, torch.from_numpy(captioned.photo_of_text))
    fit_sentiment(head, read(moods, [r["text"] for r in moods]), class_indices([r["sentiment"] for r in moods]))
    chosen = chosen_pairs(captioned)
    head.gallery.copy_(z[chosen])
    head.load_state_dict(cards.half_rounded(head.state_dict()))
    log(phase="fitted", variance_kept=kept)
    cards.write_lines("tfidf", "vocab.txt", tfidf.vocab)
    cards.write_lines("pixels_tfidf", "captions.txt", gallery_lines(captioned, chosen))
    ship(head, read, rows)


def ship(head: PixelsTfidf, read: Reader, rows: list[Row]) -> None:
    """Measure what is stored, write both folders."""
    args, val = read.args, pairs.flickr8k(rows, "val")
    truth = class_indices([r["sentiment"] for r in pairs.mvsa(rows)[1]])
    counts = {"size": SIZE, "kept": KEPT, "commonest": systems.commonest(truth)}
    shared = {
        "counts": cards.photo_counts(rows) | counts,
        **cards.origin("pixels_tfidf", args, "seed", phases=["fitted"]),
    }
    ship_tfidf(read.tfidf, val, shared)
    by_task = measure(head, read)
    figures = systems.match_rows(by_task["match"], val, args.seed)
    figures += systems.sentiment_rows(by_task["sentiment"], len(truth), args.seed)
    figures += cards.metrics(
        by_task["gallery"]["gallery"], dataset="the gallery's own photos, half of them flipped, with another caption",
        split="train", n=GALLERY, seed=args.seed, unit="%",
    )  # fmt: skip
    card = {"parameters": cards.count_parameters(head), "metrics": figures, **shared}
    cards.ship("pixels_tfidf", head, card)


def ship_tfidf(tfidf: TfidfEncoder, val: pairs.Captioned, shared: dict[str, Any]) -> None:
    """Write weights/tfidf."""
    where = {"dataset": "Flickr8k and Flickr8k-CN", "split": "val", "n": len(val.photos), "seed": shared["seed"]}
    card = {
        "parameters": cards.count_parameters(tfidf),
        "metrics": cards.metrics(caption_recalls(tfidf, val), **where, unit="%"),
        **shared,
    }
    cards.ship("tfidf", tfidf, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    by_task = measure(load_module("pixels_tfidf"), Reader(load_module("tfidf"), args, Features(args.out, log)))
    return {k: v for some in by_task.values() for k, v in systems.flat(some).items()}


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=0).parse_args())
