"""The models that are fetched from the Hub when somebody asks for them, one row each. Read next: `row.py`.

A commit is written only where a public source names it; the comment beside it says which. Elsewhere the row names a
branch, and the first download keeps the commit that it found in the lock file (`loading/hub.py`).
"""

from mmdemo.checkpoints.row import Checkpoint, HubSource

_PAIR = {"kind": "dual_encoder", "tasks": ("matching",), "needs_both": True, "default_method": "grad_eclip"}
_CLIP_FILES = (
    "config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
)

HUB = (
    Checkpoint(
        "clip_b32", builder="tasks.dual_encoder:DualEncoder", **_PAIR,
        paper="Radford et al. 2021, arXiv 2103.00020 (CLIP)",
        hub=HubSource("CLIP ViT-B/32", "openai/clip-vit-base-patch32", _CLIP_FILES, 605_000_000, "MIT", ("en",)),
    ),
)  # fmt: skip
