"""Fits weights/tfidf and weights/pixels_tfidf: counting, a singular value decomposition, a ridge and a logistic map.

    python -m mmdemo.training.recipes.pixels_tfidf --out RUN [--data DATA] [--seed 0]

No gradient steps but those of scikit-learn's logistic regression; two minutes on one core. The gallery keeps, of 400
training photos of Flickr8k, 32 numbers each and one caption in each language, no pixels. Read next: `cnn_lstm.py`.
"""

import argparse
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmdemo.encoders.tfidf import TfidfEncoder, lower_words
from mmdemo.loading import WEIGHTS, load_module
from mmdemo.tasks.pixels_tfidf import PixelsTfidf
from mmdemo.training import cards, metrics, pairs
from mmdemo.training import system_figures as figures
from mmdemo.training.caption_recall import caption_recalls
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import pooled_set
from mmdemo.training.loop import Log
from mmdemo.training.photos import Row, View, plain_view, read_index, squashed_view
from mmdemo.training.sentiment_data import class_indices
from mmdemo.training.small_pictures import small_pictures
from mmdemo.training.word_lists import write_words
from mmdemo.types import FEELINGS as LABELS

WORDS, KEPT, GALLERY = 3000, 32, 400
RIDGE, LOOSE, PIXEL_WEIGHT = 1e4, 3.0, 0.1  # lambda; scikit-learn's C; how much a coordinate counts beside a word
FAILS = [
    "It matches colours with the words that go with them (green with grass, white with snow); it knows no things.",
    "By the pixels alone sentiment is not better than always answering the commonest class (59.6 %).",
    "A photo moved, cropped or mirrored is another photo to it; a synonym is another word.",
]


def fit_tfidf(texts: list[str]) -> TfidfEncoder:
    """The word list and idf of scikit-learn's `TfidfVectorizer`, the most frequent words of all texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted = TfidfVectorizer(analyzer=lower_words, max_features=WORDS).fit(texts)
    encoder = TfidfEncoder(fitted.get_feature_names_out().tolist())
    encoder.idf.copy_(torch.from_numpy(fitted.idf_))
    return encoder


@dataclass
class Sides:
    """Photos and texts as this system sees them: pixels [P, 12288] in [0, 1], TF-IDF [T, V]."""

    pixels: Tensor
    texts: Tensor


def read_sides(
    photos: list[Row],
    texts: list[str],
    tfidf: TfidfEncoder,
    args: argparse.Namespace,
    log: Log,
    view: View = plain_view,
) -> Sides:
    """Both encoders over a data set."""
    pictures = small_pictures(photos, view, args.out, log)
    pixels = pictures.permute(0, 2, 3, 1).flatten(1).float().div(255)
    parts = [tfidf(tfidf.prepare(texts[i : i + 512])).pooled for i in range(0, len(texts), 512)]
    return Sides(pixels, torch.cat(parts))


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


def fit_sentiment(head: PixelsTfidf, sides: Sides, labels: Tensor) -> None:
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


def recognition(head: PixelsTfidf, tfidf: TfidfEncoder, args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Per cent of gallery pairs that are recognised from the photo, flipped half the time, and another caption."""
    captioned = pairs.flickr8k(read_index(args.data), "train")
    chosen = chosen_pairs(captioned)
    stored = tfidf(tfidf.prepare(gallery_lines(captioned, chosen))).pooled
    rows = [captioned.photos[i] for i in chosen]
    sides = read_sides(rows, [r["captions"][1] for r in rows], tfidf, args, log, squashed_view)
    image, text = pooled_set(sides.pixels), pooled_set(sides.texts)
    truth, found = np.eye(len(rows), dtype=bool), {}
    for name, pair in (("both", (image, text)), ("image_only", (image, None)), ("text_only", (None, text))):
        found[f"{name}_recognised_first"] = metrics.recall_at(head.recognise(*pair, stored).numpy(), truth, 1)
    return found


def chosen_pairs(captioned: pairs.Captioned) -> list[int]:
    """The gallery's photos, drawn with seed 0 among those with captions of people in both languages."""
    able = [i for i, p in enumerate(captioned.photos) if p["captions"][:2] and p.get("captions_zh")]
    return random.Random(0).sample(able, GALLERY)


def measure(head: PixelsTfidf, tfidf: TfidfEncoder, args: argparse.Namespace, log: Log) -> dict[str, figures.Figures]:
    """All figures; the calibration is fitted on the way."""
    rows = read_index(args.data)
    val, pairs_of_feeling = pairs.flickr8k(rows, "val"), pairs.mvsa(rows)[1]
    sides = read_sides(val.photos, val.texts, tfidf, args, log)

    def score(photos: Tensor, texts: Tensor) -> Tensor:
        return head.similarity(pooled_set(sides.pixels[photos]), pooled_set(sides.texts[texts]))

    found = {"match": figures.calibrated_figures(head.calibration, score, val, args.seed)}
    feeling = read_sides(pairs_of_feeling, [r["text"] for r in pairs_of_feeling], tfidf, args, log)
    image, text = pooled_set(feeling.pixels), pooled_set(feeling.texts)
    said = {"both": (image, text), "image_only": (image, None), "text_only": (None, text)}
    logits = {name: head.sentiment(*pair) for name, pair in said.items()}
    found["sentiment"] = figures.sentiment_figures(logits, class_indices([r["sentiment"] for r in pairs_of_feeling]))
    found["gallery"] = {"gallery": recognition(head, tfidf, args, log)}
    return found


@torch.no_grad()
def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    log, rows = Log(args.out / "pixels_tfidf.jsonl"), read_index(args.data)
    captioned, (feeling, _) = pairs.flickr8k(rows, "train"), pairs.mvsa(rows)
    tfidf = fit_tfidf(captioned.texts + [r["text"] for r in feeling])
    tfidf.load_state_dict(cards.half_rounded(tfidf.state_dict()))
    head = PixelsTfidf(3 * 64 * 64, WORDS, KEPT, GALLERY)
    sides = read_sides(captioned.photos, captioned.texts, tfidf, args, log)
    z = fit_pixels(head, sides.pixels, args.seed)
    kept = float(z.var(0).sum() / sides.pixels.var(0).sum())
    fit_match(head, z, sides.texts, torch.from_numpy(captioned.photo_of_text))
    moods = read_sides(feeling, [r["text"] for r in feeling], tfidf, args, log)
    fit_sentiment(head, moods, class_indices([r["sentiment"] for r in feeling]))
    chosen = chosen_pairs(captioned)
    head.gallery.copy_(z[chosen])
    head.load_state_dict(cards.half_rounded(head.state_dict()))
    log(phase="fitted", variance_kept=kept)
    write_words(tfidf.vocab, WEIGHTS / "tfidf")
    folder = WEIGHTS / "pixels_tfidf"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "captions.txt").write_text("\n".join(gallery_lines(captioned, chosen)) + "\n", encoding="utf-8")
    ship(head, tfidf, args, log)


def ship(head: PixelsTfidf, tfidf: TfidfEncoder, args: argparse.Namespace, log: Log) -> None:
    """Measure what is stored, write both folders."""
    shared = {
        "licences": figures.LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.pixels_tfidf --out RUN --seed {args.seed}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "pixels_tfidf.jsonl", ["fitted"]),
        "trained_on": [cards.FLICKR8K, cards.MVSA],
    }
    val = pairs.flickr8k(read_index(args.data), "val")
    where = {"dataset": "Flickr8k and Flickr8k-CN", "split": "val", "n": 998, "seed": args.seed, "unit": "%"}
    card = {
        "kind": "encoder",
        "architecture": f"TF-IDF over {WORDS:,} words and Chinese characters, fitted by scikit-learn",
        "parameters": cards.count_parameters(tfidf),
        "metrics": cards.metrics(caption_recalls(tfidf, val), **where),
        "known_failures": ["No order, no synonyms, no meaning: a text is the words it shares with another."],
        **shared,
    }
    cards.write_weights("tfidf", tfidf.state_dict(), card)
    found = measure(head, tfidf, args, log)
    rows = figures.match_rows(found["match"], args.seed) + figures.sentiment_rows(found["sentiment"], 394, args.seed)
    rows += cards.metrics(
        found["gallery"]["gallery"], dataset="the gallery's own photos, half of them flipped, with another caption",
        split="train", n=GALLERY, seed=args.seed, unit="%",
    )  # fmt: skip
    card = {
        "kind": "system",
        "architecture": f"64 x 64 pixels as {KEPT} principal coordinates; TF-IDF; ridge map; logistic regression",
        "parameters": cards.count_parameters(head),
        "labels": list(LABELS),
        "metrics": rows,
        "calibration": "Fitted on all val pairs; its figures are cross-fitted over two halves of the val photos.",
        "known_failures": FAILS,
        **shared,
    }
    cards.write_weights("pixels_tfidf", head.state_dict(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    found = measure(load_module("pixels_tfidf"), load_module("tfidf"), args, log)
    return {k: v for some in found.values() for k, v in figures.flat(some).items()}


def main() -> None:
    """Read the command line and fit."""
    train(recipe_parser(__doc__, steps=0).parse_args())


if __name__ == "__main__":
    main()
