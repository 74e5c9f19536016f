"""How well a gallery is searched: a validation set's photos by `engine.index`, both ways, in both languages.

Recall at 1, 5, 10 and the median rank; the same for captions whose ten first photos were put in a new order by the
cross-attention head, which reads every word over every patch; and how far apart photos and captions lie, the modality
gap (Liang et al. 2022, arXiv 2203.02053). Read next: `engine/gallery_measures.py`.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.engine.gallery_measures import KS, flat_map, recall
from mmdemo.engine.index import Index, nearest
from mmdemo.engine.match import PAIR_MODEL
from mmdemo.training import cards
from mmdemo.training.data import pairs
from mmdemo.training.data.photos import decode, read_index
from mmdemo.training.loop import Log
from mmdemo.types import TokenSet

RERANKED = 10  # photos of each caption that the cross-attention head puts in a new order
BATCH = 32
DATASETS = {"en": "Flickr8k", "zh": "Flickr8k-CN"}
Figures = dict[str, float]


def evaluate(args: argparse.Namespace, log: Log) -> list[cards.Metric]:
    """For `mmdemo.evaluate`: the figures as rows of the matching head's card."""
    engine, val = Engine(offline=True), pairs.flickr8k(read_index(args.data), "val", args.photos)
    pictures, rows = [decode(row) for row in val.photos], []
    gallery, photos = engine.index(pictures), read_by_pair_head(engine, pictures)
    log(gallery=len(gallery))
    for language, dataset in DATASETS.items():
        texts = [val.texts[i] for i in val.of_kind(language)]
        own = val.photo_of_text[val.of_kind(language)][:, None] == np.arange(len(gallery))  # [T, P]
        vectors = gallery.encode_texts(texts)
        where = {"dataset": dataset, "split": f"val ({len(gallery)} photos)", "n": len(texts), "seed": args.seed}
        shares, plain = both_ways(gallery, vectors, own)
        log(captions=language, of=len(texts))
        order = reranked(engine, photos, texts, nearest(vectors, gallery.vectors, RERANKED)[1])  # [T, RERANKED]
        first = np.take_along_axis(own, order, 1)
        shares |= {f"reranked_text_to_image_R@{k}": 100 * first[:, :k].any(1).mean() for k in KS if k < RERANKED}
        rows += cards.metrics(shares, unit="%", **where) + cards.metrics(plain, **where)
    return rows


def both_ways(gallery: Index, vectors: np.ndarray, own: np.ndarray) -> tuple[Figures, Figures]:
    """(recalls in per cent; median ranks and the modality gap) of T captions and a gallery of P photos.

    Args:
        vectors: of the captions, [T, D].
        own: [T, P] bool, whose caption it is.
    """
    similarity = vectors @ gallery.vectors.T  # [T, P]
    ways = {"image_to_text": recall(similarity.T, own.T), "text_to_image": recall(similarity, own)}
    shares = {f"{way}_R@{k}": 100 * share for way, measured in ways.items() for k, share in measured.at.items()}
    plain = {f"{way}_median_rank": measured.median_rank for way, measured in ways.items()}
    return shares, plain | {"modality_gap": flat_map(gallery.vectors, vectors).gap}


@torch.no_grad()
def read_by_pair_head(engine: Engine, pictures: Sequence[Image.Image]) -> TokenSet:
    """The patches of P photos as the cross-attention head reads them, [P, N, D]: a fifth of the tower's own width."""
    read, head = engine.models.read_images, engine.models.load(PAIR_MODEL)
    chunks = (pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH))
    return TokenSet.join([head.fusion.read_image(TokenSet.join(read(some, PAIR_MODEL))) for some in chunks])


@torch.no_grad()
def reranked(engine: Engine, photos: TokenSet, texts: list[str], places: np.ndarray) -> np.ndarray:
    """The places of each text's photos [T, k], in the order of the probabilities that the head gives the pairs."""
    head, ordered = engine.models.load(PAIR_MODEL), []
    for text, some in zip(texts, torch.from_numpy(places), strict=True):
        (read,) = engine.models.read_texts([text], PAIR_MODEL)
        words = head.fusion.read_text(read).select(torch.zeros(len(some), dtype=torch.int64))  # [k, Nt, D]
        logits = head.logit(head.fusion.fuse(photos.select(some), words))  # [k]; calibration keeps the order
        ordered.append(some[logits.argsort(descending=True, stable=True)])
    return torch.stack(ordered).numpy()
