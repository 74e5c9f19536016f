"""The card of weights/mobilenet: what the recipe's figures mean, what the tower learned from, and its true history."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdemo.encoders.mobilenet import MobileNetEncoder
from mmdemo.training import cards

NEVER_SEEN = {"Tiny ImageNet-200 (64px)"}  # below `photos.SMALLEST_SIDE`

LICENCES = [
    "Weights: Apache-2.0, trained from random weights; no weight of the teacher was copied.",
    "Teacher: MobileNetV2 of ImageNet by Google, Apache-2.0 (google-coral/test_data).",
    "Photos: research and education only (Flickr8k, MVSA, ImageNet subsets); several sources state no licence.",
]

KNOWN_FAILURES = [
    "Taught on 46,402 small photos (shorter side 128 px): fine detail, small things and written words are lost.",
    "Knows ImageNet's 1,000 classes best: it tells breeds of dogs apart better than the faces or moods of people.",
    "At sides that are not 32 k + 1 pixels (225 is, 224 is not) tower and teacher pad differently and agree less.",
    "The picture is pressed into a square: very wide or tall pictures are seen distorted.",
]

START = [
    {"phase": "local", "steps": 1300, "minutes": 24, "side": 97, "agreement": 37, "machine": "two CPU cores, bfloat16"},
    {
        "phase": "chain",
        "steps": 2450,
        "minutes": 62,
        "side": 129,
        "agreement": 56,
        "machine": "two CPU cores, bfloat16",
    },
    {"phase": "late", "minutes": 9, "side": 161, "agreement": 60.1, "machine": "two CPU cores, bfloat16"},
]
"""What `shared/data/start` says of itself, agreement in per cent at 225 px. A chain at rate 5e-3 was thrown away."""


def card(data: Path, figures: Mapping[int, float], seed: int, history: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything but name, files and commit, which `cards.write_weights` adds.

    Args:
        data: the folder of photos, for its list of sources.
        figures: agreement with the teacher in per cent by side in pixels, on the 1,000 photos set aside.
        history: one dict a phase, in order: phase, minutes, machine and what is known of it.
    """
    sources = json.loads((data / "sources.json").read_text(encoding="utf-8"))
    rows = []
    for size, value in figures.items():
        split = f"1,000 labelled photos set aside, centred square, both at {size} px"
        named = {"agreement_top1" if size == MobileNetEncoder().size else f"agreement_top1_{size}px": value}
        rows += cards.metrics(named, dataset="the sources in trained_on", split=split, n=1000, seed=seed, unit="%")
    return {
        "kind": "encoder",
        "architecture": "torchvision mobilenet_v2 without its classifier; whole picture squashed to a square",
        "parameters": cards.count_parameters(MobileNetEncoder()),
        "trained_on": [
            f"{s['dataset']}: {s['license']} ({s['source']})" for s in sources if s["dataset"] not in NEVER_SEEN
        ],
        "licences": LICENCES,
        "recipe": f"python -m mmdemo.training.recipes.mobilenet --out RUN --seed {seed}",
        "seed": seed,
        "history": history,
        "metrics": rows,
        "known_failures": KNOWN_FAILURES,
    }
