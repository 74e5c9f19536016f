"""Puts a folder in transformers' own layout where a download from the Hub would have left it, lock file and all."""

import hashlib
import json
import shutil
from pathlib import Path

from mmdemo.checkpoints import Checkpoint
from mmdemo.loading import hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def install(row: Checkpoint, folder: Path) -> Path:
    """The snapshot of a row in the cache that HF_HUB_CACHE names, made of a folder's files."""
    commit = row.hub.revision if hub.is_commit(row.hub.revision) else COMMIT
    place = hub.snapshot(row, commit)
    shutil.copytree(folder, place)
    locked = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name in row.hub.files
        if (place / name).exists()
        for content in [(place / name).read_bytes()]
    }
    entry = {row.hub.repository: {"commit": commit, "files": locked}}
    lock = hub.cache().parent / hub.LOCK
    lock.write_text(json.dumps(hub.read_lock() | entry), encoding="utf-8")
    return place
