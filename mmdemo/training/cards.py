"""Writes one folder of weights/: float16 safetensors and the card.json that tells where they come from.

Also the sentences that every card shares: data sets, their licences, what is known to fail.
"""

import datetime
import hashlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from mmdemo.loading import WEIGHTS
from mmdemo.training.chain import built_on

Metric = dict[str, Any]

FLICKR8K = "Flickr8k (Hodosh et al. 2013) and Flickr8k-CN (Li et al. 2016), 6,078 photos: research and education only"
OTHERS = (
    "COCO, parts of val2017 and train2017, captions CC BY 4.0, photos under each photographer's licence, and a few"
    " COCO-CN lines, 4,232 photos; ADE20K with captions, 461 photos: research and education"
)
MVSA = "MVSA-Single (Niu et al. 2016), 3,934 labelled pairs from Twitter: research only"


def metrics(
    figures: dict[str, float], *, dataset: str, split: str, n: int, seed: int | None, unit: str = ""
) -> list[Metric]:
    """Figures as card rows, rounded to four digits, dated today; an accuracy is always in per cent."""
    shared = {"dataset": dataset, "split": split, "n": n, "seed": seed, "date": datetime.date.today().isoformat()}
    return [
        {"metric": k, "value": round(float(value), 4), "unit": "%" if k == "accuracy" else unit, **shared}
        for k, value in figures.items()
    ]


def write_weights(
    name: str, state: dict[str, Tensor], card: dict[str, Any], *, weights: Path = WEIGHTS, limit: int = 9_500_000
) -> None:
    """Write state and card into weights/NAME.

    Args:
        state: tensors by name; floating ones become float16. Split over several files where they exceed `limit` bytes.
        card: everything but `name`, `built_on`, `commit` and `files`, which are added here. Files already in the folder
            that are neither weights nor the card (a vocabulary) are listed too.
    """
    shards: list[dict[str, Tensor]] = [{}]
    room = limit
    for key, tensor in state.items():
        size = tensor.numel() * (2 if tensor.is_floating_point() else tensor.element_size())
        if size > room and shards[-1]:
            shards.append({})
            room = limit
        shards[-1][key] = tensor
        room -= size
    names = [name] if len(shards) == 1 else [f"{name}-{i + 1}-of-{len(shards)}" for i in range(len(shards))]
    write_files(name, dict(zip(names, shards, strict=True)), card, weights=weights)


def write_files(
    name: str, states: dict[str, dict[str, Tensor]], card: dict[str, Any], *, weights: Path = WEIGHTS
) -> None:
    """Write several states into one folder, each as NAME.safetensors in float16, and their common card.

    The card says, as `built_on`, which folders the recipe read and how they stood (`chain.py`).
    """
    folder = weights / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.safetensors"):
        old.unlink()
    for file, state in states.items():
        kept = {key: t.detach().cpu().contiguous() for key, t in state.items()}
        kept = {key: t.half() if t.is_floating_point() else t for key, t in kept.items()}
        (folder / f"{file}.safetensors").write_bytes(save(kept))
    files = {p.name: describe_file(p) for p in sorted(folder.iterdir()) if p.name != "card.json"}
    kept = {"name": name, **card, "built_on": built_on(name, weights), "commit": commit(), "files": files}
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")


def describe_file(path: Path) -> dict[str, Any]:
    """{"sha256", "bytes"} of one file."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def commit() -> str:
    """The commit the repository stood at, with "+" where files had been changed since; "unknown" outside git."""
    try:
        run = ["git", "-C", str(WEIGHTS.parent), "describe", "--always", "--dirty=+", "--abbrev=12"]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def log_phases(path: Path, phases: Sequence[str]) -> list[dict[str, Any]]:
    """The last log line of each phase: steps, losses, minutes. For the history in a card."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [next(line for line in reversed(lines) if line.get("phase") == phase) for phase in phases]


def int8_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convolutions and matrices as int8 with one scale an output channel, half the size of float16 again.

    w ~ q * s with s = max |w| / 127 over the channel; `loading.widened` multiplies back. Kept: NAME, NAME.scale.
    """
    kept: dict[str, Tensor] = {}
    for name, w in state.items():
        if w.ndim < 2 or not w.is_floating_point():
            kept[name] = w
            continue
        scale = (w.flatten(1).abs().amax(1).clamp_min(1e-8) / 127).half()  # [O]
        shape = (-1, *[1] * (w.ndim - 1))
        kept[name] = (w / scale.float().view(shape)).round().clamp(-127, 127).to(torch.int8)
        kept[f"{name}.scale"] = scale
    return kept


def half_rounded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state as it comes back from float16, for figures that speak of what is shipped."""
    return {k: t.half().float() if t.is_floating_point() else t for k, t in state.items()}


def count_parameters(module: torch.nn.Module) -> int:
    """Trainable and frozen parameters together, buffers not counted."""
    return sum(p.numel() for p in module.parameters())
