"""What is measured of the matching head: retrieval, near captions, classes by name, boxes, calibration.

Read next: `recipes/matching.py`.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.tasks.none_of_these import EXPONENT
from mmdemo.training.data import pairs
from mmdemo.training.data.boxes import in_box
from mmdemo.training.data.features import Features, encode_images, encode_texts, token_set
from mmdemo.training.data.lessons import TEMPLATES
from mmdemo.training.data.photos import Row, split_photos
from mmdemo.training.measure import metrics, none_of_these, verdicts
from mmdemo.training.measure.systems import Figures, cross_fitted

LISTS = 1000  # of two to eight captions, for "none of these"


@dataclass
class Encoded:
    """A captioned set as one head reads it: images [P, D], texts [T, D], and E5's own points of the texts [T, 384]."""

    images: Tensor
    texts: Tensor
    points: Tensor
    captioned: pairs.Captioned

    def indices(self, kind: str) -> tuple[np.ndarray, Tensor]:
        """The texts of a kind, and the photo of each."""
        index = self.captioned.of_kind(kind)
        return index, torch.from_numpy(self.captioned.photo_of_text[index])

    def nearest(self, kind: str, count: int) -> Tensor:
        """For each caption of a kind [n] the `count` nearest in meaning of other photos, as places in the kind, [n, k].

        Nearest by the cosine of E5's own vectors, their mean taken off; the head has no say in it.
        """
        index, own = self.indices(kind)
        points = F.normalize(self.points[index] - self.points[index].mean(0), dim=-1)
        parts = [
            (some @ points.T).masked_fill(mine[:, None] == own[None, :], -2.0).topk(count).indices
            for some, mine in zip(points.split(512), own.split(512), strict=True)
        ]
        return torch.cat(parts)


def encode(head: DualEncoderMatching, captioned: pairs.Captioned, features: Features) -> Encoded:
    """Photos and texts of a captioned set."""
    tokens, images = features.text_tokens(captioned.texts), features.photo_tokens(captioned.photos)
    return Encoded(encode_images(head, images), encode_texts(head, tokens), tokens.pooled(), captioned)


def retrieval(encoded: Encoded, kind: str) -> dict[str, float]:
    """R@1, 5, 10 both ways in per cent."""
    index, own = encoded.indices(kind)
    return metrics.retrieval(encoded.images.numpy(), encoded.texts[index].numpy(), own.numpy())


def nearest_captions(encoded: Encoded, kind: str, count: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Each caption's photo [n], cosine with it [n], and with the `count` nearest captions of others [n, count]."""
    index, own = encoded.indices(kind)
    texts, images = encoded.texts[index], encoded.images[own]
    near = encoded.nearest(kind, min(count, len(index) - 1))
    parts = zip(near.split(512), images.split(512), strict=True)
    rivals = torch.cat([(texts[some] * image[:, None]).sum(-1) for some, image in parts])
    return own, (texts * images).sum(-1), rivals


def near_right(encoded: Encoded, kind: str) -> float:
    """Per cent of captions that fit their photo better than the four nearest in meaning."""
    _, own, rivals = nearest_captions(encoded, kind)
    return 100 * (own[:, None] > rivals).all(1).float().mean().item()


@torch.no_grad()
def nothing_fits(head: DualEncoderMatching, encoded: Encoded, kind: str, seed: int) -> dict[str, float]:
    """How "none of these" does on `LISTS` lists of captions, half without a true one, by the calibrated head."""
    index, own = encoded.indices(kind)
    points = encoded.points[index] - encoded.points[index].mean(0)
    lists = none_of_these.draw_lists(own.numpy(), points.numpy(), LISTS, seed)
    probability = head.calibration(encoded.images @ encoded.texts[index].T)  # [P, T]
    return none_of_these.measure(lists, probability.numpy(), EXPONENT)


@dataclass
class Named:
    """Photos set aside with the name that is right among `names`: index [P], and places [P, N, 1280]."""

    names: tuple[list[str], list[str]]
    right: Tensor
    tokens: Tensor


def classes_set_aside(rows: list[Row], data: Path, features: Features) -> Named:
    """Photos set aside whose first label is one of ImageNet's classes; names in both languages."""
    chinese = pairs.class_names(data)
    english = list(chinese)
    held = split_photos(rows)[1]
    kept = [i for i, row in enumerate(held) if row["labels"][0] in chinese]
    tokens = features.photo_tokens(held)
    right = torch.tensor([english.index(held[i]["labels"][0]) for i in kept])
    return Named((english, [chinese[name] for name in english]), right, tokens[torch.tensor(kept)])


@torch.no_grad()
def named_right(head: DualEncoderMatching, named: Named, features: Features) -> dict[str, float]:
    """Accuracy by "a photo of a ..." and its Chinese form, in per cent."""
    images, right = encode_images(head, named.tokens), {}
    for language, names in zip(("en", "zh"), named.names, strict=True):
        texts = [TEMPLATES[language][1].format(name) for name in names]
        vectors = encode_texts(head, features.text_tokens(texts))
        right[f"named_right_{language}"] = 100 * ((images @ vectors.T).argmax(1) == named.right).float().mean().item()
    return right


@torch.no_grad()
def peaks_in_boxes(head: DualEncoderMatching, rows: list[Row], features: Features) -> dict[str, float]:
    """Per cent of named things in whose box the place map has its peak, the middle of the photo, and their count.

    Pointing game (Zhang et al. 2018, arXiv 1608.00507); the text is "a photo of a NAME".
    """
    photos = [r for r in rows if r["file"].startswith("coco/") and r["split"] == "val" and r.get("boxes")]
    names = sorted({name for row in photos for name in row["boxes"]})
    said = features.text_tokens([f"a photo of a {name}" for name in names])
    hits, middle = [], []
    for row, places in zip(photos, features.photo_tokens(photos), strict=True):
        index = torch.tensor([names.index(name) for name in row["boxes"]])
        image = token_set(places.float().expand(len(index), -1, -1))
        side = round(places.shape[0] ** 0.5)
        peaks = head.fusion.place_similarity(image, said.batch(index)).argmax(1).tolist()
        for peak, boxes in zip(peaks, row["boxes"].values(), strict=True):
            hits.append(in_box((peak % side + 0.5) / side, (peak // side + 0.5) / side, boxes))
            middle.append(in_box(0.5, 0.5, boxes))
    return {"peak_in_box": 100 * float(np.mean(hits)), "middle_in_box": 100 * float(np.mean(middle)), "n": len(hits)}


@dataclass
class Judged:
    """Pairs to calibrate on: cosine [n], truth [n], weight [n], photo [n], and whether the pair is a near miss [n]."""

    cosine: Tensor
    truth: Tensor
    weight: Tensor
    photo: Tensor
    near: Tensor

    @staticmethod
    def join(parts: "list[Judged]") -> "Judged":
        """Several one after the other."""
        names = (field.name for field in fields(Judged))
        return Judged(*(torch.cat([getattr(part, name) for part in parts]) for name in names))


def judged(encoded: Encoded, kind: str, seed: int) -> Judged:
    """Each caption with its own photo, with another photo drawn by seed, and with a photo that it nearly fits.

    The near miss is the photo of a caption near in meaning. Half of the weight is true, a quarter each of the others.
    """
    index, own = encoded.indices(kind)
    texts, count = encoded.texts[index], len(encoded.images)
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, count, size=len(own)))
    photo = torch.cat([own, (own + shift) % count, own[encoded.nearest(kind, 1)[:, 0]]])
    cosine = (texts.repeat(3, 1) * encoded.images[photo]).sum(-1)
    part = torch.arange(3).repeat_interleave(len(own))
    return Judged(cosine, (part == 0).float(), torch.where(part == 0, 0.5, 0.25), photo, part == 2)


def calibrate(head: DualEncoderMatching, sets: dict[str, Judged]) -> Figures:
    """Fit on all pairs; the figures come from two halves of the photos, each scored by the other half's fit."""
    whole, figures = Judged.join(list(sets.values())), {}
    fitted = cross_fitted(head.calibration, whole.cosine, whole.truth, whole.photo, whole.weight)
    for (name, some), probability in zip(
        sets.items(), fitted.split([len(s.truth) for s in sets.values()]), strict=True
    ):
        easy, hard = ~some.near, some.near | (some.truth > 0)
        figures[name] = metrics.yes_no(probability[easy].numpy(), some.truth[easy].numpy())
        near = metrics.yes_no(probability[hard].numpy(), some.truth[hard].numpy())
        figures[name] |= {f"near_{k}": v for k, v in near.items()}
        draw = np.random.default_rng(0).random(len(some.weight)) < 2 * some.weight.numpy()  # false pairs by halves
        drawn = probability.numpy()[draw], some.truth.numpy()[draw]
        figures[name]["calibration_error"] = metrics.calibration_error(*drawn)
    return figures


def verdict_figures(head: DualEncoderMatching, sets: dict[str, Judged]) -> dict[str, float]:
    """Where a verdict is worth saying, of true pairs and pairs with another photo, by the cross-fitted probability."""
    whole = Judged.join(list(sets.values()))
    probability = cross_fitted(head.calibration, whole.cosine, whole.truth, whole.photo, whole.weight)
    return verdicts.measure(probability[~whole.near].numpy(), whole.truth[~whole.near].numpy())


def background(sets: dict[str, Judged], photos: int, seed: int, bins: int = 80) -> dict[str, object]:
    """The two histograms that a new pair is placed in: true pairs, and pairs with another photo drawn by seed."""
    some = Judged.join(list(sets.values()))
    edges = np.linspace(-1, 1, bins + 1)
    parts = (some.truth > 0, (some.truth == 0) & ~some.near)
    counts = [np.histogram(some.cosine[part].numpy(), edges)[0] for part in parts]
    matched, unmatched = ([round(float(x), 6) for x in c / c.sum()] for c in counts)
    n = int(some.truth.sum())
    source = f"Flickr8k and Flickr8k-CN val, {photos} photos: {n} true pairs, {n} with another photo (seed {seed})"
    return {"edges": [round(float(e), 4) for e in edges], "matched": matched, "unmatched": unmatched, "source": source}
