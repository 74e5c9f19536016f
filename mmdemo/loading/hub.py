"""What was fetched from the Hub: where it lies, and the lock file that says what it was."""

import json
import os
from pathlib import Path
from typing import Any

from mmdemo.checkpoints import Checkpoint
from mmdemo.errors import WeightsError

LOCK = "mmdemo.lock.json"


def cache() -> Path:
    """The Hub's own cache on this machine, shared with every other program that uses it."""
    home = os.environ.get("HF_HOME", "~/.cache/huggingface")
    return Path(os.environ.get("HF_HUB_CACHE", f"{home}/hub")).expanduser()


def read_lock() -> dict[str, Any]:
    """{repository: {"commit", "files": {name: {"size", "sha256"}}}} of all that was fetched here."""
    try:
        return json.loads((cache().parent / LOCK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def is_here(row: Checkpoint) -> bool:
    """Whether every file of the row was fetched and still has the size that was locked."""
    entry = read_lock().get(row.hub.repository, {"files": {}})
    place = _snapshot(row, entry.get("commit", ""))
    return all(
        (place / name).is_file() and (place / name).stat().st_size == entry["files"].get(name, {}).get("size")
        for name in row.hub.files
    )


def folder(row: Checkpoint) -> Path:
    """Where the row's files lie, in transformers' own layout.

    Raises:
        WeightsError: they were not fetched yet; the sentence says how.
    """
    if not is_here(row):
        message = f"{row.hub.title} is not on this machine yet. Fetch it with `python -m mmdemo fetch {row.name}`."
        raise WeightsError(message, "not_fetched", title=row.hub.title, name=row.name)
    return _snapshot(row, read_lock()[row.hub.repository]["commit"])


def _snapshot(row: Checkpoint, commit: str) -> Path:
    return cache() / f"models--{row.hub.repository.replace('/', '--')}" / "snapshots" / commit
