"""The only room that knows disk, device and dtype: a row of the checkpoint table becomes a module, ready to run.

Files are safetensors, kept in float16 and widened to float32; each is compared with the sha256 in its card before it
is read, so that a damaged or half-downloaded file is named instead of giving wrong answers.
"""

import hashlib
import importlib
import json
import os
import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as tensors_from_bytes
from torch import nn

from mmdemo.checkpoints import Checkpoint, Figure, find
from mmdemo.errors import ChoiceError, WeightsError

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
# argument of the builder: the file whose lines it gets
LISTS = {"vocab": "vocab.txt", "captions": "captions.txt", "pieces": "pieces.txt"}
# (parts of tensors' names in the files, what they are called now)
RENAMED = (
    (r"^(levels\.\w+)\.look\.", r"\1.image_projection."),
    (r"(^|\.)look\.", r"\1attend."),
    (r"(^|\.)bend\.", r"\1residual_mlp."),
)
RESTORE = "Restore it with `git checkout -- weights/` or clone the repository again."


def choose_device(device: str | None = None) -> torch.device:
    """The device asked for, or the best one here: CUDA, then MPS, then CPU. `ChoiceError` when it is not here."""
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    wanted = device or here[0]
    if str(wanted).split(":")[0] not in here:
        raise ChoiceError("device", wanted, here)
    return torch.device(wanted)


def choose_offline(offline: bool | None = None) -> bool:
    """True when nothing may be fetched: as asked, otherwise as HF_HUB_OFFLINE says."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"} if offline is None else offline


def read_card(name: str, weights: Path | None = None) -> dict[str, Any]:
    """The card of one folder of weights/. `WeightsError` when it is missing or not JSON."""
    path = (weights or WEIGHTS) / name / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(f"The file weights/{name}/card.json is missing. {RESTORE}") from None
    except (ValueError, OSError) as error:
        kind = type(error).__name__
        raise WeightsError(f"The file weights/{name}/card.json cannot be read ({kind}). {RESTORE}") from None
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict):
        raise WeightsError(f"The file weights/{name}/card.json lacks its list of files. {RESTORE}")
    return card


def from_card(name: str, *keys: str, weights: Path | None = None) -> Any:
    """One entry of a card, by the keys that lead to it.

    Raises:
        WeightsError: the card is missing, no card, or has no such entry; file and entry are named.
    """
    entry: Any = read_card(name, weights)
    for key in keys:
        if not isinstance(entry, dict) or key not in entry:
            message = f"The file weights/{name}/card.json has no entry {' / '.join(keys)!r}. {RESTORE}"
            raise WeightsError(message)
        entry = entry[key]
    return entry


def figure(entry: Figure) -> float:
    """The value of one entry of a card's metrics; `WeightsError` as `metric`."""
    return metric(entry)["value"]


def metric(entry: Figure) -> dict[str, Any]:
    """One entry of a card's metrics: its value, the count of cases, and the rest.

    Raises:
        WeightsError: the card is missing, or has not exactly one such entry.
    """
    rows = from_card(entry.card, "metrics")
    named = [row for row in rows if (row["metric"], row["dataset"], row["split"]) == entry[1:]]
    if len(named) != 1:
        message = f"The file weights/{entry.card}/card.json has {len(named)} figures {entry[1:]}; one was expected."
        raise WeightsError(f"{message} {RESTORE}")
    return named[0]


def read_checked(name: str, file: str, weights: Path | None = None) -> bytes:
    """The bytes of one file, after its sha256 was found to be the card's.

    Raises:
        WeightsError: the file is missing, or its sha256 is another; both are named.
    """
    expected = from_card(name, "files", file, "sha256", weights=weights)
    try:
        content = ((weights or WEIGHTS) / name / file).read_bytes()
    except OSError:
        message = f"The file weights/{name}/{file} is missing; its sha256 should be {expected}. {RESTORE}"
        raise WeightsError(message) from None
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        message = f"The file weights/{name}/{file} is damaged: expected sha256 {expected}, found {actual}. {RESTORE}"
        raise WeightsError(message)
    return content


def load_state(name: str, weights: Path | None = None, only: str = "") -> dict[str, torch.Tensor]:
    """All tensors of one folder, its shards together, or those of one of its files; floating ones as float32."""
    state: dict[str, torch.Tensor] = {}
    for file in sorted(read_card(name, weights)["files"]):
        if file.endswith(".safetensors") and only in ("", file):
            state.update(tensors_from_bytes(read_checked(name, file, weights)))
    return renamed(widened(state))


def renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same tensors under the names that modules have today; files keep those of the day they were made."""
    for before, after in RENAMED:
        state = {re.sub(before, after, key): tensor for key, tensor in state.items()}
    return state


def widened(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Float16 as float32; int8 tensors times the scale of each output channel, NAME.scale [O] beside NAME.

    Matrices in four bits come as NAME.blocks, a large one in parts NAME.blocks.0, NAME.blocks.1, and are unpacked.
    """
    wide = {key: t.float() if t.is_floating_point() else t for key, t in state.items()}
    for name in [key for key, t in state.items() if t.dtype == torch.int8 and f"{key}.scale" in state]:
        scale = wide.pop(f"{name}.scale")
        wide[name] = wide[name].float() * scale.view(-1, *[1] * (wide[name].ndim - 1))
    for name in dict.fromkeys(key.partition(".blocks")[0] for key in state if ".blocks" in key):
        parts = sorted(key for key in state if key.partition(".blocks")[0] == name and ".blocks" in key)
        wide[name] = unpack_four_bits(torch.cat([wide.pop(key) for key in parts]))
    return wide


def unpack_four_bits(blocks: torch.Tensor) -> torch.Tensor:
    """[R, C / 32, 18] uint8 -> [R, C] float32.

    A block holds 32 weights: its scale as a float16 in two bytes, then 16 bytes, byte j with weight j in its low half
    and weight j + 16 in its high half; w = (half byte - 8) * scale (the layout "q4_0" of ggml).
    """
    scale = blocks[..., :2].contiguous().view(torch.float16).float()  # [R, C / 32, 1]
    halves = torch.cat([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], -1)  # [R, C / 32, 32]
    return ((halves.float() - 8) * scale).flatten(1)


def load_module(name: str, device: torch.device | str = "cpu", weights: Path | None = None) -> nn.Module:
    """The model of one row of the table: built, filled, in eval mode, on the device, taking no gradient itself.

    Raises:
        ChoiceError: no row has that name.
        WeightsError: a file is missing, damaged, or holds another model's tensors.
    """
    row = find(name)
    if row.source:
        return _load_transformers(row).eval().requires_grad_(False).to(device)
    module = _build(row, weights)
    folder = row.folder or name
    state = load_state(folder, weights, row.file) if row.fitted else {}
    wanted = {key: t.shape for key, t in module.state_dict().items()}
    shapes = {key: t.shape for key, t in state.items()}
    wrong = sorted(key for key in wanted.keys() | shapes.keys() if wanted.get(key) != shapes.get(key))
    if wrong:
        raise WeightsError(
            f"weights/{folder} does not fit {type(module).__name__}: {len(wrong)} tensors are missing, unknown, or of "
            f"another shape (first: {wrong[0]}). {RESTORE}"
        )
    module.load_state_dict(state)
    return module.eval().requires_grad_(False).to(device)


def build_untrained(name: str, device: torch.device | str = "cpu", seed: int = 0) -> nn.Module:
    """The model of one row with random weights instead of its own: what it would be had it learned nothing."""
    row = find(name)
    with torch.random.fork_rng(devices=[]):  # nobody else's random numbers change
        torch.manual_seed(seed)
        module = _load_transformers(row, filled=False) if row.source else _build(row)
    return module.eval().requires_grad_(False).to(device)


def _build(row: Checkpoint, weights: Path | None = None) -> nn.Module:
    """One row's module with the weights that its constructor gives it."""
    folder, config = row.folder or row.name, dict(row.config)
    for argument, file in LISTS.items() if row.fitted else ():
        if file in read_card(folder, weights)["files"]:
            config[argument] = lines(read_checked(folder, file, weights))
    return builder(row)(**config)


def lines(content: bytes) -> list[str]:
    """The lines of a file, each ended by a line feed and by nothing else that Unicode calls a line's end."""
    return content.decode("utf-8").split("\n")[:-1]


def builder(row: Checkpoint) -> type[nn.Module]:
    """The class of a row's module; no weight is read."""
    module_name, class_name = row.builder.split(":")
    return getattr(importlib.import_module(f"mmdemo.{module_name}"), class_name)


def _load_transformers(row: Checkpoint, filled: bool = True) -> nn.Module:
    """A model in transformers' own folder layout, from this disk alone, safetensors only, attention in the open."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)

    here = {"local_files_only": True}
    try:
        if filled:
            kept = {"use_safetensors": True, "attn_implementation": "eager", "dtype": torch.float32}
            model = AutoModel.from_pretrained(row.source, **kept, **here)
        else:
            config = AutoConfig.from_pretrained(row.source, **here)
            model = AutoModel.from_config(config, attn_implementation="eager")
        tokenizer = AutoTokenizer.from_pretrained(row.source, **here)
        settings = json.loads((Path(row.source) / "preprocessor_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        kind = type(error).__name__
        message = f"The model {row.name!r} could not be read from its folder ({kind}): expected config.json, "
        message += "model.safetensors, tokenizer.json and preprocessor_config.json there."
        raise WeightsError(message) from None
    return builder(row)(model, tokenizer, settings)
