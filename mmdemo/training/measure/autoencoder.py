"""What weights/autoencoder is measured by, against what knows no input at all.

Word recall@10 of a photo: of the English words of the list that at least two of its five English captions hold (a word
that one person alone uses tells more of the writer than of the photo), the share found among the ten most probable
English words; then the mean over photos. "Any caption" counts the words of every single caption; "whole list" does so
in both languages at once, among the ten most probable words of either. The picture's error is the mean squared
difference over pixels in [0, 1]. Both are compared with the commonplace: the mean training picture, and the ten words
that are right for most training photos. Read next: `recipes/autoencoder.py`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.tasks.reconstruction import CrossModalAutoencoder
from mmdemo.training import cards
from mmdemo.training.data.bags import LANGUAGES, Bags
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.data.scenes import Scenes

TOP = 10
AGREED = 0.3  # of five captions, two hold the word
STORED = 1000  # training pairs whose codes are shipped
BATCH = 128
SIDES = ("both", "photo_only", "text_only")
Figures = dict[str, float]


def word_recall(score: Tensor, truth: Tensor, k: int = TOP) -> float:
    """Per cent: the share of a row's true columns among its k highest scores, then the mean over rows with any.

    Args:
        score: [P, W], higher is likelier.
        truth: [P, W] of 0 and 1.
    """
    hits = truth.gather(1, score.topk(k, 1).indices).sum(1)  # [P]
    count = truth.sum(1)
    return 100 * float((hits[count > 0] / count[count > 0]).mean())


@dataclass(frozen=True)
class Commonplace:
    """The best answers without looking, from the training photos.

    Args:
        picture: [1, 3, 64, 64], the mean photo.
        words: [1, V], the mean share of people who use each word.
        right: recall's name -> [V], for how many photos each word is right.
    """

    picture: Tensor
    words: Tensor
    right: dict[str, Tensor]


RECALLS = {  # name -> the share of captions that a right word exceeds, and whether Chinese words are asked for too
    "word_recall@10": (AGREED, False),
    "word_recall@10_any_caption": (0.0, False),
    "word_recall@10_whole_list": (0.0, True),
}


def commonplace(pictures: Tensor, bags: Bags) -> Commonplace:
    """Of training photos [P, 64, 64, 3] uint8 and their words."""
    mean = pictures.float().mean(0).permute(2, 0, 1).div(255)
    right = {name: (bags.share > least).float().mean(0) for name, (least, _) in RECALLS.items()}
    return Commonplace(mean[None], bags.share.mean(0, keepdim=True), right)


@torch.no_grad()
def measure(model: CrossModalAutoencoder, val: Scenes, usual: Commonplace, *, pixels: bool = True) -> Figures:
    """Errors, word recall and sharpness from both sides, the photo alone and the text alone, and of the commonplace.

    The text of a photo is its first English caption. All photos of `val` are used, unflipped. `pixels` off
    leaves the picture encoder out.
    """
    by_name: dict[str, list[Tensor]] = {}
    english = ~model.words.chinese
    for rows in torch.arange(len(val.bags.share)).split(BATCH):
        picture = val.picture(torch.zeros_like(rows), rows)
        bag = val.bags.captions[val.bags.starts[rows]].float()
        image = model.read_views(val.features[:, rows])
        if pixels:
            image = image + model.encode_picture(picture)
        text = model.encode_text(bag)
        decoded = {
            "both": model.decode(model.code(image, text)),
            "photo_only": model.decode(model.code(image, None), alone=True),
            "text_only": model.decode(model.code(None, text)),
            "commonplace": (usual.picture.expand_as(picture), torch.logit(usual.words, eps=1e-6).expand_as(bag)),
        }
        for side, (drawn, logits) in decoded.items():
            kept = {
                "picture_MSE": (drawn - picture).square().mean((1, 2, 3)),
                "text_error": F.binary_cross_entropy_with_logits(logits, bag, reduction="none")[:, english].mean(1),
                "edges": edges(drawn),
                "scores": logits,
            }
            for name, values in kept.items():
                by_name.setdefault(f"{side}_{name}", []).append(values)
        by_name.setdefault("edges", []).append(edges(picture))
    return figures({name: torch.cat(values) for name, values in by_name.items()}, val, usual, english)


def edges(picture: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, a measure of sharpness. [B, 3, h, w] -> [B]."""
    across, down = picture.diff(dim=3).abs().mean((1, 2, 3)), picture.diff(dim=2).abs().mean((1, 2, 3))
    return (across + down) / 2


def figures(by_name: dict[str, Tensor], val: Scenes, usual: Commonplace, english: Tensor) -> Figures:
    """Means over the photos; recall against words that two people use (and, beside it, that any one uses)."""
    out = {}
    for side in SIDES:
        out[f"{side}_picture_MSE"] = float(by_name[f"{side}_picture_MSE"].mean())
        out[f"{side}_edges_kept"] = 100 * float(by_name[f"{side}_edges"].sum() / by_name["edges"].sum())
    out["mean_picture_MSE"] = float(by_name["commonplace_picture_MSE"].mean())
    for side in ("both", "text_only"):
        out[f"{side}_text_error"] = float(by_name[f"{side}_text_error"].mean())
    out["common_words_text_error"] = float(by_name["commonplace_text_error"].mean())
    for name, (least, both) in RECALLS.items():
        asked = torch.ones_like(english) if both else english
        truth = (val.bags.share[:, asked] > least).float()
        for side in SIDES:
            out[f"{side}_{name}"] = word_recall(by_name[f"{side}_scores"][:, asked], truth)
        out[f"common_words_{name}"] = word_recall(usual.right[name][asked].expand(len(truth), -1), truth)
    return out


@torch.no_grad()
def store(
    model: CrossModalAutoencoder, train: Scenes, captioned: Captioned, seed: int, views: int
) -> tuple[list[str], Tensor]:
    """(captions, English and Chinese parted by a tab; codes [K, D]) of K training pairs, both sides given."""
    photos = torch.randperm(len(captioned.photos), generator=torch.Generator().manual_seed(seed))[:STORED].sort().values
    first: dict[str, dict[int, str]] = {kind: {} for kind in LANGUAGES}
    for i, kind in enumerate(captioned.kind_of_text):
        if kind in first:
            first[kind].setdefault(int(captioned.photo_of_text[i]), " ".join(captioned.texts[i].split()))
    captions = ["\t".join(first[kind].get(int(i), "") for kind in LANGUAGES) for i in photos]
    codes = []
    for rows in photos.split(BATCH):
        bag = train.bags.captions[train.bags.starts[rows]].float()
        seen = train.features[:views, rows]
        image = model.read_views(seen) + model.encode_picture(train.picture(torch.zeros_like(rows), rows))
        codes.append(model.code(image, model.encode_text(bag)))
    return captions, torch.cat(codes)


@torch.no_grad()
def read_alone(model: CrossModalAutoencoder, train: Scenes, views: int) -> Tensor:
    """The shared part of every training photo's code, without its sentence. [P, S]."""
    rows = torch.arange(len(train.bags.share)).split(BATCH)
    return torch.cat([model.read_views(train.features[:views, some])[:, : model.shared] for some in rows])


def metric_rows(measured: Figures, n: int, seed: int) -> list[cards.Metric]:
    """Figures on n validation photos as the card's rows, recalls and edges in per cent."""
    rows = []
    for name, value in measured.items():
        unit = "%" if "recall" in name or "edges" in name else ""
        rows += cards.metrics({name: value}, dataset="Flickr8k", split="val", n=n, seed=seed, unit=unit)
    return rows
