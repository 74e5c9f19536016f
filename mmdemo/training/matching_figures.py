"""What is measured of the matching head: retrieval, near captions, classes by name, boxes, calibration.

Read next: `recipes/matching.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import metrics, pairs
from mmdemo.training.features import TextTokens, photo_tokens, text_tokens, token_set
from mmdemo.training.loop import Log, training_device
from mmdemo.training.matching_data import TEMPLATES
from mmdemo.training.photos import Row, plain_view, split_photos

TEN = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


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


@torch.no_grad()
def encode_images(head: DualEncoderMatching, tokens: Tensor) -> Tensor:
    """Places [P, N, 1280] -> unit vectors [P, D]."""
    return torch.cat([head.fusion.embed_image(token_set(chunk.float())) for chunk in tokens.split(128)])


@torch.no_grad()
def encode_texts(head: DualEncoderMatching, tokens: TextTokens) -> Tensor:
    """T texts -> unit vectors [T, D]."""
    return torch.cat([head.fusion.embed_text(tokens.batch(i)) for i in torch.arange(len(tokens)).split(256)])


def encode(head: DualEncoderMatching, captioned: pairs.Captioned, run: Path, log: Log) -> Encoded:
    """Photos and texts of a captioned set."""
    ask = {"folder": run, "log": log, "device": training_device()}
    tokens = text_tokens(captioned.texts, **ask)
    images = encode_images(head, photo_tokens(captioned.photos, plain_view, **ask))
    return Encoded(images, encode_texts(head, tokens), tokens.pooled(), captioned)


def retrieval(found: Encoded, kind: str) -> dict[str, float]:
    """R@1, 5, 10 both ways in per cent."""
    index, own = found.indices(kind)
    return metrics.retrieval(found.images.numpy(), found.texts[index].numpy(), own.numpy())


def nearest_captions(found: Encoded, kind: str, count: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Each caption's photo [n], cosine with it [n], and with its `count` nearest captions of other photos [n, count].

    Nearest by the cosine of E5's own vectors, their mean taken off; the head has no say in it.
    """
    index, own = found.indices(kind)
    points = F.normalize(found.points[index] - found.points[index].mean(0), dim=-1)
    texts, rivals = found.texts[index], []
    count = min(count, len(index) - 1)
    for chunk, mine in zip(points.split(512), own.split(512), strict=True):
        cosine = (chunk @ points.T).masked_fill(mine[:, None] == own[None, :], -2.0)
        rivals.append((texts[cosine.topk(count).indices] * found.images[mine][:, None]).sum(-1))
    return own, (texts * found.images[own]).sum(-1), torch.cat(rivals)


def near_right(found: Encoded, kind: str) -> float:
    """Per cent of captions that fit their photo better than the four nearest in meaning."""
    _, own, rivals = nearest_captions(found, kind)
    return 100 * (own[:, None] > rivals).all(1).float().mean().item()


@dataclass
class Named:
    """Photos set aside with the name that is right among `names`: index [P], and places [P, N, 1280]."""

    names: tuple[list[str], list[str]]
    right: Tensor
    tokens: Tensor


def classes_set_aside(rows: list[Row], data: Path, run: Path, log: Log) -> Named:
    """Photos set aside whose first label is one of ImageNet's classes; names in both languages."""
    chinese = pairs.class_names(data)
    english = list(chinese)
    held = split_photos(rows)[1]
    kept = [i for i, row in enumerate(held) if row["labels"][0] in chinese]
    tokens = photo_tokens(held, plain_view, run, log, device=training_device())
    right = torch.tensor([english.index(held[i]["labels"][0]) for i in kept])
    return Named((english, [chinese[name] for name in english]), right, tokens[torch.tensor(kept)])


@torch.no_grad()
def named_right(head: DualEncoderMatching, named: Named, run: Path, log: Log) -> dict[str, float]:
    """Accuracy by "a photo of a ..." and its Chinese form, in per cent."""
    images, found = encode_images(head, named.tokens), {}
    for language, names in zip(("en", "zh"), named.names, strict=True):
        texts = [TEMPLATES[language][1].format(name) for name in names]
        vectors = encode_texts(head, text_tokens(texts, run, log, device=training_device()))
        found[language] = 100 * ((images @ vectors.T).argmax(1) == named.right).float().mean().item()
    return found


@torch.no_grad()
def peaks_in_boxes(head: DualEncoderMatching, rows: list[Row], run: Path, log: Log) -> dict[str, float]:
    """Per cent of named things in whose box the place map has its peak, the middle of the photo, and their count.

    Pointing game (Zhang et al. 2018, arXiv 1608.00507); the text is "a photo of a NAME".
    """
    photos = [r for r in rows if r["file"].startswith("coco/") and r["split"] == "val" and r.get("boxes")]
    tokens = photo_tokens(photos, plain_view, run, log, device=training_device())
    names = sorted({name for row in photos for name in row["boxes"]})
    said = text_tokens([f"a photo of a {name}" for name in names], run, log, device=training_device())
    hits, middle = [], []
    for row, places in zip(photos, tokens, strict=True):
        index = torch.tensor([names.index(name) for name in row["boxes"]])
        image = token_set(places.float().expand(len(index), -1, -1))
        side = round(places.shape[0] ** 0.5)
        for peak, boxes in zip(
            head.fusion.place_similarity(image, said.batch(index)).argmax(1).tolist(),
            row["boxes"].values(),
            strict=True,
        ):
            x, y = (peak % side + 0.5) / side, (peak // side + 0.5) / side
            hits.append(_inside(x, y, boxes))
            middle.append(_inside(0.5, 0.5, boxes))
    return {"peak_in_box": 100 * float(np.mean(hits)), "middle_in_box": 100 * float(np.mean(middle)), "n": len(hits)}


def _inside(x: float, y: float, boxes: list[list[float]]) -> bool:
    return any(left <= x <= left + w and top <= y <= top + h for left, top, w, h in boxes)


@dataclass
class Judged:
    """Pairs to calibrate on: cosine [n], truth [n], weight [n], photo [n], and whether the pair is a near miss [n]."""

    cosine: Tensor
    truth: Tensor
    weight: Tensor
    photo: Tensor
    near: Tensor

    def join(self, other: "Judged") -> "Judged":
        """Both one after the other."""
        names = ("cosine", "truth", "weight", "photo", "near")
        return Judged(*(torch.cat([getattr(self, name), getattr(other, name)]) for name in names))


def judged(found: Encoded, kind: str, seed: int) -> Judged:
    """Each caption with its own photo, with another photo drawn by seed, and with a photo that it nearly fits.

    The near miss is the photo of a caption near in meaning. Half of the weight is true, a quarter each of the others.
    """
    index, own = found.indices(kind)
    texts, count = found.texts[index], len(found.images)
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, count, size=len(own)))
    points = F.normalize(found.points[index] - found.points[index].mean(0), dim=-1)
    near = torch.cat([
        own[(p @ points.T).masked_fill(mine[:, None] == own[None, :], -2.0).argmax(1)]
        for p, mine in zip(points.split(512), own.split(512), strict=True)
    ])  # fmt: skip
    photo = torch.cat([own, (own + shift) % count, near])
    cosine = (texts.repeat(3, 1) * found.images[photo]).sum(-1)
    part = torch.arange(3).repeat_interleave(len(own))
    return Judged(cosine, (part == 0).float(), torch.where(part == 0, 0.5, 0.25), photo, part == 2)


def calibrate(head: DualEncoderMatching, sets: dict[str, Judged]) -> dict[str, dict[str, float]]:
    """Fit on all pairs; the figures come from two halves of the photos, each scored by the other half's fit."""
    whole = sets["English"].join(sets["Chinese"])
    figures = {}
    for name, some in sets.items():
        probability = torch.zeros_like(some.cosine)
        for half in (0, 1):
            fit = whole.photo % 2 == half
            head.calibration.fit(whole.cosine[fit], whole.truth[fit], whole.weight[fit])
            probability[some.photo % 2 != half] = head.calibration(some.cosine[some.photo % 2 != half])
        easy = ~some.near
        hard = some.near | (some.truth > 0)
        figures[name] = metrics.yes_no(probability[easy].numpy(), some.truth[easy].numpy())
        figures[name] |= {
            f"near_{k}": v for k, v in metrics.yes_no(probability[hard].numpy(), some.truth[hard].numpy()).items()
        }
        draw = np.random.default_rng(0).random(len(some.weight)) < 2 * some.weight.numpy()  # false pairs by halves
        figures[name]["calibration_error"] = metrics.calibration_error(
            probability.numpy()[draw], some.truth.numpy()[draw]
        )
    head.calibration.fit(whole.cosine, whole.truth, whole.weight)
    return figures


def background(sets: dict[str, Judged], seed: int, bins: int = 80) -> dict[str, object]:
    """The two histograms that a new pair is placed in: true pairs, and pairs with another photo drawn by seed."""
    some = sets["English"].join(sets["Chinese"])
    edges = np.linspace(-1, 1, bins + 1)
    parts = (some.truth > 0, (some.truth == 0) & ~some.near)
    counts = [np.histogram(some.cosine[part].numpy(), edges)[0] for part in parts]
    matched, unmatched = ([round(float(x), 6) for x in c / c.sum()] for c in counts)
    n = int(some.truth.sum())
    source = f"Flickr8k and Flickr8k-CN val, 998 photos: {n} true pairs, {n} with another photo (seed {seed})"
    return {"edges": [round(float(e), 4) for e in edges], "matched": matched, "unmatched": unmatched, "source": source}
