"""Trains weights/matching: the dual encoder's projections on frozen towers, then its calibration.

    python -m mmdemo.training.recipes.matching --out RUN [--data DATA] [--seed 0]

Each batch holds photos of Flickr8k with one of their fifteen captions (English, Chinese written by people, Chinese by
machine) and some labelled photos with "a photo of a ...". InfoNCE pulls each photo to its own text. Towers stay frozen
(Zhai et al. 2022, "LiT", does so for the image side), so their outputs are computed once. Minutes on two cores.
Read next: `cross_attention.py`.
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import cards, metrics, pairs
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import photo_tokens, text_tokens
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.photos import (
    Row,
    plain_view,
    random_view,
    read_index,
    split_photos,
    squashed_view,
)

BATCH, LABELLED_SHARE, LABELLED = 768, 0.25, 12_000
VIEWS = ((plain_view, 0), (squashed_view, 3), (random_view, 1))


@dataclass
class Side:
    """Pooled features of one captioned set: several views of each photo, each text once.

    Args:
        views: [V, P, image_width] float16.
        texts: [T, text_width] float32.
        of_photo: for each photo the indices of its texts.
    """

    views: Tensor
    texts: Tensor
    of_photo: list[np.ndarray]
    captioned: pairs.Captioned

    def chance(self, photo: int) -> np.ndarray:
        """How likely each text of a photo is drawn; texts that people wrote in Chinese are twice as likely."""
        weight = np.where(self.captioned.kind_of_text[self.of_photo[photo]] == "zh", 2.0, 1.0)
        return weight / weight.sum()

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, list[str]]:
        """n different photos, one view and one text each: [n, image_width], [n, text_width], the texts."""
        photos = rng.choice(len(self.of_photo), n, replace=False)
        view = torch.from_numpy(rng.integers(len(self.views), size=n))
        texts = np.array([rng.choice(self.of_photo[p], p=self.chance(p)) for p in photos])
        images = self.views[view, torch.from_numpy(photos)].float()
        return images, self.texts[torch.from_numpy(texts)], [self.captioned.texts[t] for t in texts]


def build_side(captioned: pairs.Captioned, views: tuple, run: Path, log: Log, device: torch.device) -> Side:
    """Both towers over one captioned set."""
    seen = [photo_tokens(captioned.photos, v, run, log, device=device, seed=s) for v, s in views]
    texts = text_tokens(captioned.texts, run, log, device=device).pooled()
    of_photo = [np.flatnonzero(captioned.photo_of_text == i) for i in range(len(captioned.photos))]
    return Side(torch.stack(seen), texts, of_photo, captioned)


def draw_batch(flickr: Side, labelled: Side, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images [B, D], texts [B, D], and where two rows carry the same text: same [B, B]."""
    few = int(BATCH * LABELLED_SHARE)
    a, b = flickr.draw(BATCH - few, rng), labelled.draw(few, rng)
    _, index = np.unique(np.array(a[2] + b[2]), return_inverse=True)
    same = torch.from_numpy(index[:, None] == index[None, :])
    return torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]]), same


def labelled_photos(rows: list[Row], data: Path, seed: int) -> pairs.Captioned:
    """A draw of the labelled photos that the image tower was trained on; none of those set aside."""
    trainable = {r["file"] for r in split_photos(rows)[0]}
    known = [r for r in rows if r.get("labels") and r["file"] in trainable]
    return pairs.labelled(random.Random(seed).sample(known, min(LABELLED, len(known))), data)


@torch.no_grad()
def validate(head: DualEncoderMatching, side: Side) -> dict[str, float]:
    """Retrieval on a validation set, English and human Chinese captions apart."""
    head.eval()
    images = head.fusion.embed_image(side.views[0].float()).numpy()
    figures = {}
    for kind in ("en", "zh"):
        index = side.captioned.of_kind(kind)
        texts = head.fusion.embed_text(side.texts[index]).numpy()
        found = metrics.retrieval(images, texts, side.captioned.photo_of_text[index])
        figures |= {f"{kind}_{name}": value for name, value in found.items()}
    head.train()
    return figures


def cosine_pairs(
    head: DualEncoderMatching, side: Side, kinds: tuple[str, ...], seed: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Each caption with its own photo and with one other photo, drawn by seed: cosine [2n], truth [2n], photo [2n]."""
    with torch.no_grad():
        images = head.fusion.embed_image(side.views[0].float())  # [P, D]
        index = np.concatenate([side.captioned.of_kind(kind) for kind in kinds])
        texts = head.fusion.embed_text(side.texts[index])  # [n, D]
    own = torch.from_numpy(side.captioned.photo_of_text[index])
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, len(images), size=len(own)))
    other = (own + shift) % len(images)
    cosine = torch.cat([(texts * images[own]).sum(-1), (texts * images[other]).sum(-1)])
    truth = torch.cat([torch.ones(len(own)), torch.zeros(len(own))])
    return cosine, truth, torch.cat([own, other])


def calibrate(head: DualEncoderMatching, side: Side, seed: int) -> dict[str, dict[str, float]]:
    """Fit on all validation pairs; the figures come from two halves of the photos, each scored by the other's fit."""
    figures = {}
    for name, kinds in {"English": ("en",), "Chinese": ("zh",)}.items():
        cosine, truth, photo = cosine_pairs(head, side, kinds, seed)
        fit_cosine, fit_truth, fit_photo = cosine_pairs(head, side, ("en", "zh"), seed)
        probability = torch.zeros_like(cosine)
        for half in (0, 1):
            head.calibration.fit(fit_cosine[fit_photo % 2 == half], fit_truth[fit_photo % 2 == half])
            scored = photo % 2 != half
            probability[scored] = head.calibration(cosine[scored])
        figures[name] = metrics.yes_no(probability.numpy(), truth.numpy())
    head.calibration.fit(fit_cosine, fit_truth)
    return figures


def background(head: DualEncoderMatching, side: Side, seed: int, bins: int = 80) -> dict[str, object]:
    """The two histograms that a new pair is placed in: English and human Chinese captions of the validation photos."""
    cosine, truth, _ = cosine_pairs(head, side, ("en", "zh"), seed)
    edges = np.linspace(-1, 1, bins + 1)
    counts = [np.histogram(cosine[truth == t].numpy(), edges)[0] for t in (1, 0)]
    matched, unmatched = ([round(float(x), 6) for x in c / c.sum()] for c in counts)
    n = int(truth.sum())
    source = f"Flickr8k and Flickr8k-CN val, 998 photos: {n} true pairs, {n} with another photo (seed {seed})"
    return {"edges": [round(float(e), 4) for e in edges], "matched": matched, "unmatched": unmatched, "source": source}


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    device, run, log = training_device(), args.out, Log(args.out / "log.jsonl")
    rows = read_index(args.data)
    flickr = build_side(pairs.flickr8k(rows, "train"), VIEWS, run, log, device)
    labelled = build_side(labelled_photos(rows, args.data, args.seed), VIEWS[:1], run, log, device)
    val = build_side(pairs.flickr8k(rows, "val"), ((plain_view, 0),), run, log, device)

    head = DualEncoderMatching(**CHECKPOINTS["matching"].config, dropout=0.3)
    average = Average(head, 0.99)
    rng = np.random.default_rng(args.seed)

    def step(i: int) -> dict[str, float]:
        loss = head.loss(*draw_batch(flickr, labelled, rng))
        loss.backward()
        average.update(head)
        return {"loss": loss.item()}

    run_steps(
        step, [head], build_optimisers([head], 1.5e-3), steps=args.steps, name="head", log=log,
        checkpoint=run / "matching.pt", evaluate=lambda: validate(head, val), log_every=50, evaluate_every=300,
    )  # fmt: skip
    average.update(head)
    head.load_state_dict(cards.half_rounded(average.values))
    ship(head.eval(), val, args, log)


def ship(head: DualEncoderMatching, val: Side, args: argparse.Namespace, log: Log) -> None:
    """Calibrate, measure, write weights/matching."""
    found = validate(head, val)
    head.eval()
    where = {"split": "val (998 photos)", "seed": args.seed}
    rows = []
    for kind, dataset in (("en", "Flickr8k"), ("zh", "Flickr8k-CN")):
        figures = {k[3:]: v for k, v in found.items() if k.startswith(kind)}
        rows += cards.metrics(figures, dataset=dataset, n=4990, unit="%", **where)
    for name, figures in calibrate(head, val, args.seed).items():
        rows += cards.metrics(
            figures, dataset=f"Flickr8k, {name} captions, true against another photo's", n=9980, **where
        )
    log(phase="shipped", **found)
    card = {
        "kind": "matching",
        "architecture": "dual encoder: mobilenet and bert (frozen), one projection each, cosine; Platt calibration",
        "parameters": cards.count_parameters(head),
        "trained_on": [cards.FLICKR8K, "Labelled photos of the sources named in weights/mobilenet/card.json"],
        "licences": ["Weights: Apache-2.0", "Photos and captions: research and education; see weights/mobilenet"],
        "recipe": f"python -m mmdemo.training.recipes.matching --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "log.jsonl", ["head"]),
        "metrics": rows,
        "calibration": "Fitted on all val pairs; its figures are cross-fitted over two halves of the val photos.",
        "background": background(head, val, args.seed),
        "known_failures": [
            "Counts, colours of parts, left and right, and negation hardly move the cosine.",
            "Written words in a picture are not read.",
            "Scenes unlike everyday photos of people, animals, sports and things are out of its range.",
        ],
    }
    cards.write_weights("matching", head.state_dict(), card)


def main() -> None:
    """Read the command line and train."""
    train(recipe_parser(__doc__, steps=800).parse_args())


if __name__ == "__main__":
    main()
