"""A folder fetched from the Hub becomes a module. Read next: `modules.py`."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)
from mmdemo.checkpoints import Checkpoint
from mmdemo.errors import WeightsError

WEIGHTS_FILE = "model.safetensors"


def load_transformers(row: Checkpoint, folder: Path, build: type[nn.Module], filled: bool = True) -> nn.Module:
    """One row's module from this disk alone, safetensors only; without `filled` with random weights.

    Raises:
        WeightsError: a file is missing, or is not what its name says.
    """
    make = _named_tensors if hasattr(build, "named_here") else _transformers
    try:
        return make(row, folder, build, filled)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        kind, expected = type(error).__name__, ", ".join(row.hub.files)
        message = f"The model {row.name!r} could not be read from its folder ({kind}); expected {expected} there."
        raise WeightsError(message) from None


def _named_tensors(row: Checkpoint, folder: Path, build: Any, filled: bool) -> nn.Module:
    """A module of our own that says how the tensors of the file are called in it."""
    module = build(**row.config)
    if filled:
        module.load_state_dict(build.named_here(load_file(folder / WEIGHTS_FILE)))
    return module


def _transformers(row: Checkpoint, folder: Path, build: type[nn.Module], filled: bool) -> nn.Module:
    """A model in transformers' own folder layout, attention in the open, with what reads its texts and pictures."""
    import transformers
    from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoProcessor, AutoTokenizer

    transformers.utils.logging.disable_progress_bar()
    here = {"local_files_only": True}
    if filled:
        kept = {"use_safetensors": True, "attn_implementation": "eager", "dtype": torch.float32, **here}
        named = getattr(transformers, row.config.get("model", "AutoModel"))
        model, told = named.from_pretrained(folder, output_loading_info=True, **kept)
        missing = sorted(key for key in told["missing_keys"] if "pooler" not in key)  # BERT's pooler is not asked
        if missing:  # transformers would draw them at random
            raise ValueError(missing[0])
    else:
        config = AutoConfig.from_pretrained(folder, **here)
        model = AutoModel.from_config(config, attn_implementation="eager")
    if row.kind == "vision_language":
        return build(model, AutoProcessor.from_pretrained(folder, backend="pil", **here))
    parts: list[Any] = [model, AutoTokenizer.from_pretrained(folder, **here)]
    if "preprocessor_config.json" in row.hub.files:  # its class fills in what the file leaves out
        parts.append(AutoImageProcessor.from_pretrained(folder, backend="pil", **here).to_dict())
    return build(*parts)
