"""What is measured of the ResNet tower, and its card. Read next: `recipes/resnet.py`."""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.encoders.base import Encoder
from mmdemo.loading import widened
from mmdemo.training import cards
from mmdemo.training.distillation import linear_map
from mmdemo.training.efficientnet import Published, published
from mmdemo.training.photos import Row, centre_view, read_index, split_photos, view_batches

TEACHER_SIZE = 160  # of 260: a third of the time
NEVER_SEEN = {"Tiny ImageNet-200 (64px)"}  # below `photos.SMALLEST_SIDE`
LICENCES = [
    "Weights: Apache-2.0, trained from random weights; no weight of the teacher was copied.",
    "Teacher: EfficientNet-Lite2 of ImageNet by Google, Apache-2.0.",
    "Photos: research and education only (Flickr8k, MVSA, ImageNet subsets); several sources state no licence.",
]


def teacher(device: torch.device) -> Published:
    """EfficientNet-Lite2 as published, on the device."""
    found = published("lite2")
    found.encoder.to(device)
    return found


@torch.no_grad()
def agreement(encoder: Encoder, data: Path, *, n: int = 1000, fit: int = 4000) -> float:
    """Per cent of the photos set aside on which the teacher's classifier says the same of tower and teacher.

    The tower's 512 pooled numbers are taken into the teacher's 1,280 by a ridge regression over `fit` training photos
    (seed 0), so that the figure needs the shipped weights alone. The teacher sees the centred square at 160 px, the
    tower the same at its own size.
    """
    taught_by = teacher(next(encoder.parameters()).device)
    rows, held = split_photos(read_index(data))
    into = linear_map(*_pooled(encoder, taught_by, random.Random(0).sample(rows, fit)))
    point, goal = _pooled(encoder, taught_by, held[:n])
    same = taught_by.named(into(point)).argmax(1) == taught_by.named(goal).argmax(1)
    return 100 * same.float().mean().item()


def _pooled(encoder: Encoder, taught_by: Published, rows: list[Row]) -> tuple[Tensor, Tensor]:
    """Pooled vectors of tower [n, D] and teacher [n, 1280]."""
    device, found = next(encoder.parameters()).device, []
    for pixels in view_batches(rows, TEACHER_SIZE, batch=64, view=centre_view):
        pixels = pixels.to(device)
        small = F.interpolate(pixels, size=(encoder.size, encoder.size), mode="bilinear", antialias=True)
        found.append((encoder.tokens(small).mean(1), taught_by.encoder.tokens(pixels).mean(1)))
    return torch.cat([a for a, _ in found]), torch.cat([b for _, b in found])


def ship(encoder: Encoder, args: argparse.Namespace, phases: Sequence[str]) -> None:
    """Measure the weights as they will be stored, and write weights/resnet; `phases` are named in the card."""
    kept = {
        name: t.half() if t.is_floating_point() else t for name, t in cards.int8_state(encoder.state_dict()).items()
    }
    encoder.load_state_dict(widened(kept))
    split = "1,000 labelled photos set aside, centred square, teacher 160 px, tower 97 px; ridge map of 4,000 photos"
    rows = cards.metrics(
        {"agreement_top1": agreement(encoder, args.data)},
        dataset="the sources in trained_on", split=split, n=1000, seed=args.seed, unit="%",
    )  # fmt: skip
    sources = json.loads((args.data / "sources.json").read_text(encoding="utf-8"))
    card = {
        "kind": "encoder",
        "architecture": "torchvision resnet18 without its classifier; picture squashed to 97 x 97; int8 weights",
        "parameters": cards.count_parameters(encoder),
        "trained_on": [
            f"{s['dataset']}: {s['license']} ({s['source']})" for s in sources if s["dataset"] not in NEVER_SEEN
        ],
        "licences": LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.resnet --out RUN --seed {args.seed}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "log.jsonl", phases),
        "metrics": rows,
        "known_failures": [
            "Learned for a few hours on one CPU core, from random weights: it knows far less than its teacher.",
            "Sees 97 x 97 pixels only; its 4 x 4 grid is coarse.",
        ],
    }
    cards.write_weights("resnet", kept, card)
