"""The real engine over a small Hub: the table's rows as tests/tiny_checkpoints.py saves them, from their branch "main".

fill(folder)                       # a repository for each row; tests/hub/server.py answers from there
python -m tests.serve hub          # with HF_ENDPOINT, HF_HUB_CACHE
"""

from dataclasses import replace
from pathlib import Path

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine import Engine
from tests.tiny_checkpoints import save

ROWS = ("clip_b32", "siglip2", "chinese_clip", "multilingual_clip", "blip_caption", "blip_answer", "smolvlm")


def fill(folder: Path) -> None:
    """A repository for each row."""
    for name in ROWS:
        save(name, folder / CHECKPOINTS[name].hub.repository)


def load() -> Engine:
    """An engine whose rows ask for the commit that the small Hub has."""
    for name in ROWS:
        row = CHECKPOINTS[name]
        CHECKPOINTS[name] = replace(row, hub=replace(row.hub, revision="main"))
    return mmdemo.load()
