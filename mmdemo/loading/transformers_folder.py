"""A folder in transformers' own layout becomes a module. Read next: `modules.py`."""

import json
from pathlib import Path

import torch
from torch import nn

from mmdemo.checkpoints import Checkpoint
from mmdemo.errors import WeightsError


def load_transformers(row: Checkpoint, folder: Path, build: type[nn.Module], filled: bool = True) -> nn.Module:
    """A model in transformers' own folder layout, from this disk alone, safetensors only, attention in the open."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)

    here = {"local_files_only": True}
    try:
        if filled:
            kept = {"use_safetensors": True, "attn_implementation": "eager", "dtype": torch.float32}
            model = AutoModel.from_pretrained(folder, **kept, **here)
        else:
            config = AutoConfig.from_pretrained(folder, **here)
            model = AutoModel.from_config(config, attn_implementation="eager")
        tokenizer = AutoTokenizer.from_pretrained(folder, **here)
        settings = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        kind = type(error).__name__
        message = f"The model {row.name!r} could not be read from its folder ({kind}): expected config.json, "
        message += "model.safetensors, tokenizer.json and preprocessor_config.json there."
        raise WeightsError(message) from None
    return build(model, tokenizer, settings)
