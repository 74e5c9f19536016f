"""Ships one folder of weights/: safetensors and the card.json that tells where they come from.

Also what every card shares: how it names its data sets, its command, its history and its figures.
"""

import argparse
import datetime
import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from mmdemo.loading import WEIGHTS, read_card
from mmdemo.training.card_prose import written
from mmdemo.training.chain import built_on
from mmdemo.training.command import command_of
from mmdemo.training.data.photos import Row, source

Metric = dict[str, Any]
State = Mapping[str, Tensor]
NAMED_BY = ("metric", "dataset", "split")  # two rows of one card that agree in these are one figure


def photo_counts(rows: Iterable[Row]) -> dict[str, int]:
    """What the cards' prose says of the data sets: photos of each in the index, and labelled pairs of MVSA."""
    counts: Counter[str] = Counter()
    for row in rows:
        name = source(row)
        counts[name] += bool(row.get("sentiment")) if name == "mvsa" else row["split"] in ("train", "extra")
    return {
        "flickr8k_photos": counts["flickr8k"],
        "coco_photos": counts["coco"] + counts["coco2"],
        "ade20k_photos": counts["ade20k"],
        "mvsa_pairs": counts["mvsa"],
    }


def origin(recipe: str, args: argparse.Namespace, *options: str, phases: Sequence[str] = ()) -> dict[str, Any]:
    """The card's "recipe", "seed" and "history".

    Args:
        recipe: its module's name, and that of its log in the run's folder.
        options: of the command line, those that make a difference to the weights.
        phases: of the log, one line of history each.
    """
    history = log_phases(args.out / f"{recipe}.jsonl", phases) if phases else []
    return {"recipe": command_of(recipe, args, *options), "seed": args.seed, "history": history}


def metrics(
    figures: Mapping[str, float], *, dataset: str, split: str, n: int, seed: int | None, unit: str = ""
) -> list[Metric]:
    """Figures as card rows, rounded to four digits, dated today; an accuracy is always in per cent."""
    shared = {"dataset": dataset, "split": split, "n": n, "seed": seed, "date": datetime.date.today().isoformat()}
    return [
        {"metric": k, "value": round(float(value), 4), "unit": "%" if k.endswith("accuracy") else unit, **shared}
        for k, value in figures.items()
    ]


def ship(
    name: str,
    states: torch.nn.Module | State | Mapping[str, State],
    card: Mapping[str, Any],
    *,
    weights: Path = WEIGHTS,
    limit: int = 9_500_000,
) -> None:
    """Write weights/NAME: float16 safetensors and the card.

    Args:
        states: a module; or tensors by name, split over several files where they exceed `limit` bytes; or several of
            these by the name of their file. Floating tensors become float16, int8 ones (`int8_state`) stay.
        card: everything but `name`, the prose (see `card_prose.py`), `built_on` (which folders the recipe read and how
            they stood, see `chain.py`), `commit` and `files`, which are added here. Files that lie in the folder
            already and are neither weights nor the card (a vocabulary) are listed too.

    Raises:
        TrainingError: the prose speaks of something that the card does not hold.
    """
    said = written(name, card)  # first: prose that the card cannot fill leaves the earlier weights whole
    states = states.state_dict() if isinstance(states, torch.nn.Module) else states
    nested = any(isinstance(state, Mapping) for state in states.values())
    folder = weights / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.safetensors"):
        old.unlink()
    for file, state in (states if nested else _shards(name, states, limit)).items():
        kept = {key: t.detach().cpu().contiguous() for key, t in state.items()}
        kept = {key: t.half() if t.is_floating_point() else t for key, t in kept.items()}
        (folder / f"{file}.safetensors").write_bytes(save(kept))
    files = {p.name: describe_file(p) for p in sorted(folder.iterdir()) if p.name != "card.json"}
    origin = {"built_on": built_on(name, weights), "commit": commit(), "files": files}
    _write(folder, {"name": name, **said, **origin})


def write_metrics(name: str, rows: Sequence[Metric], *, weights: Path = WEIGHTS) -> None:
    """Figures measured again, or for the first time, into the card of shipped weights; its other figures stay."""
    card = read_card(name, weights)
    place = {tuple(row[key] for key in NAMED_BY): row for row in (*card["metrics"], *rows)}
    _write(weights / name, card | {"metrics": list(place.values())})


def write_prose(name: str, *, weights: Path = WEIGHTS) -> None:
    """The sentences of prose/NAME.json into the card of shipped weights, filled from what stands on it already."""
    _write(weights / name, {"name": name} | written(name, read_card(name, weights)))


def _write(folder: Path, card: Mapping[str, Any]) -> None:
    """One line for every figure and file: a card is read by people too."""
    text = json.dumps(card, ensure_ascii=False, indent=1)
    text = re.sub(r"\{\n\s+([^{}\[\]]*?)\n\s*\}", lambda inner: "{" + re.sub(r"\n\s+", " ", inner[1]) + "}", text)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")


def _shards(name: str, state: State, limit: int) -> dict[str, State]:
    """The state by file, none larger than `limit` bytes in float16 where a single tensor is not."""
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
    return dict(zip(names, shards, strict=True))


def write_lines(name: str, file: str, lines: Iterable[str], *, weights: Path = WEIGHTS) -> None:
    """A word list or captions, one a line, into weights/NAME before it is shipped: `ship` lists what lies there."""
    (weights / name).mkdir(parents=True, exist_ok=True)
    (weights / name / file).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


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
