"""A row of the checkpoint table becomes a module on a device, ready to run. Read next: `tensors.py`, `cards.py`."""

import importlib
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mmdemo.checkpoints import Checkpoint, find
from mmdemo.errors import WeightsError
from mmdemo.loading import hub
from mmdemo.loading.cards import RESTORE, lines, read_card, read_checked
from mmdemo.loading.tensors import load_state
from mmdemo.loading.transformers_folder import load_transformers

# argument of the builder: the file whose lines it gets
LISTS = {"vocab": "vocab.txt", "captions": "captions.txt", "pieces": "pieces.txt", "answers": "answers.txt"}


DRAWN = {nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, Tensor.normal_, Tensor.uniform_}


class Unfilled(TorchFunctionMode):
    """While it is on, constructors draw no random weights: the file's take their place, and drawing takes longer."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The function's own answer; the tensor as it is where it would be filled at random."""
        given = kwargs or {}
        return (args or [given["tensor"]])[0] if func in DRAWN else func(*args, **given)


def load_module(name: str, device: torch.device | str = "cpu", weights: Path | None = None) -> nn.Module:
    """The model of one row of the table: built, filled, in eval mode, on the device, taking no gradient itself.

    Raises:
        ChoiceError: no row has that name.
        WeightsError: a file is missing, damaged, or holds another model's tensors.
    """
    row = find(name)
    if row.hub:
        return load_transformers(row, hub.folder(row), builder(row)).eval().requires_grad_(False).to(device)
    with Unfilled() if row.fitted else nullcontext():
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
        module = load_transformers(row, hub.folder(row), builder(row), filled=False) if row.hub else _build(row)
    return module.eval().requires_grad_(False).to(device)


def read_config(row: Checkpoint) -> dict[str, Any]:
    """transformers' own config.json of a row of the Hub; `WeightsError` where it is not here, or cannot be read."""
    try:
        return json.loads((hub.folder(row) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"The config.json of {row.name!r} cannot be read ({type(error).__name__}).") from None


def _build(row: Checkpoint, weights: Path | None = None) -> nn.Module:
    """One row's module with the weights that its constructor gives it."""
    folder, config = row.folder or row.name, dict(row.config)
    for argument, file in LISTS.items() if row.fitted else ():
        if file in read_card(folder, weights)["files"]:
            config[argument] = lines(read_checked(folder, file, weights))
    return builder(row)(**config)


def builder(row: Checkpoint) -> type[nn.Module]:
    """The class of a row's module; no weight is read."""
    module_name, class_name = row.builder.split(":")
    return getattr(importlib.import_module(f"mmdemo.{module_name}"), class_name)
