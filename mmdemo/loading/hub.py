"""What was fetched from the Hub: where it lies, and the lock file that says what it was. Read next: `fetching.py`.

The first download of a row writes its commit, and the size and sha256 of each file, into `mmdemo.lock.json` beside the
Hub's cache. From then on the row is those bytes and no others, wherever its branch goes.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

from mmdemo.checkpoints import Checkpoint
from mmdemo.errors import WeightsError
from mmdemo.loading.device import memory_bound
from mmdemo.types import LockedFile

LOCK = "mmdemo.lock.json"


def cache() -> Path:
    """The Hub's own cache on this machine, shared with every other program that uses it."""
    home = os.environ.get("HF_HOME", f"{os.environ.get('XDG_CACHE_HOME', '~/.cache')}/huggingface")
    return Path(os.environ.get("HF_HUB_CACHE", f"{home}/hub")).expanduser()


def free_disk() -> int:
    """Bytes that the disk of the cache has left."""
    place = cache().absolute()
    return shutil.disk_usage(
        next(p for p in (place, *place.parents) if os.path.exists(p))
    ).free  # False for a closed one


def snapshot(row: Checkpoint, commit: str) -> Path:
    """The folder of one commit of a row, in the layout of the Hub's cache."""
    return cache() / f"models--{row.hub.repository.replace('/', '--')}" / "snapshots" / commit


def sha256_of(path: Path) -> str:
    """Sha256 of a file in hex, a megabyte at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


# ---- the lock file


def read_lock() -> dict[str, Any]:
    """{repository: {"commit", "files": {name: {"size", "sha256"}}}} of all that was fetched here.

    A lock file that cannot be read locks nothing: the next fetch hashes what is here and writes it anew.
    """
    try:
        lock = json.loads((cache().parent / LOCK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return lock if isinstance(lock, dict) else {}


def write_lock(row: Checkpoint, commit: str, files: list[LockedFile]) -> None:
    """Add a row's files to the lock file, which is replaced as a whole; other processes wait meanwhile."""
    from huggingface_hub.utils import WeakFileLock

    with WeakFileLock(cache() / ".locks" / f"{LOCK}.lock"):
        lock = read_lock()
        before = lock.get(row.hub.repository, {})
        kept = before["files"] if before.get("commit") == commit else {}
        new = {name: {"size": size, "sha256": sha256} for name, size, sha256 in map(astuple, files)}
        lock[row.hub.repository] = {"commit": commit, "files": kept | new}
        written = cache().parent / f"{LOCK}.new"
        written.write_text(json.dumps(lock, indent=1), encoding="utf-8")
        written.replace(cache().parent / LOCK)


def is_commit(revision: str) -> bool:
    """Whether a revision is 40 hex digits, and so never moves."""
    return re.fullmatch("[0-9a-f]{40}", revision) is not None


def wanted(row: Checkpoint) -> str:
    """The revision to ask for: the commit that the row pins, else the one that was locked, else the row's branch."""
    if is_commit(row.hub.revision):
        return row.hub.revision
    return read_lock().get(row.hub.repository, {}).get("commit", row.hub.revision)


def locked(row: Checkpoint) -> tuple[str, list[LockedFile]]:
    """Commit and files of a row as its first download found them; ("", []) before, or when the row pins another."""
    entry = read_lock().get(row.hub.repository, {"commit": "", "files": {}})
    if entry["commit"] != wanted(row) or not row.hub.files or not set(row.hub.files) <= set(entry["files"]):
        return "", []
    return entry["commit"], [LockedFile(name, **entry["files"][name]) for name in row.hub.files]


# ---- what is here


def is_here(row: Checkpoint) -> bool:
    """Whether every file of the row was fetched and still has the size that was locked."""
    commit, files = locked(row)
    place = snapshot(row, commit)
    return bool(files) and all(
        (place / file.name).is_file() and (place / file.name).stat().st_size == file.size for file in files
    )


def folder(row: Checkpoint) -> Path:
    """Where the row's files lie, in transformers' own layout.

    Raises:
        WeightsError: they were not fetched yet; the sentence says how.
    """
    if not is_here(row):
        message = f"{row.hub.title} is not on this machine yet. Fetch it with `python -m mmdemo fetch {row.name}`."
        raise WeightsError(message, "not_fetched", title=row.hub.title, name=row.name)
    return snapshot(row, locked(row)[0])


def differences(row: Checkpoint) -> Iterator[str]:
    """How what is on the disk differs from what was locked, and the lock from the row; every file is hashed."""
    entry = read_lock().get(row.hub.repository)
    if entry is None:
        return
    if entry["commit"] != wanted(row):
        yield f"commit {entry['commit']} was fetched, the table names {wanted(row)}"
        return
    for name in row.hub.files:
        path, file = snapshot(row, entry["commit"]) / name, entry["files"].get(name)
        if file is None or not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size != file["size"]:
            yield f"{name} has {path.stat().st_size:,} bytes, locked are {file['size']:,}"
        elif (found := sha256_of(path)) != file["sha256"]:
            yield f"{name} has sha256 {found}, locked is {file['sha256']}"


# ---- what may be loaded


def refusal(row: Checkpoint) -> str:
    """Why visitors may not load a row of the Hub: "not_offered", "memory", or "" where they may.

    MMDEMO_MODELS is "all", "none", or names of rows with commas between them; unset, it is "none" on a Space and "all"
    on a person's own machine. Whoever sits at the machine loads what he likes: the command line does not ask.
    """
    offered = os.environ.get("MMDEMO_MODELS", "none" if os.environ.get("SPACE_ID") else "all").replace(" ", "")
    if offered != "all" and row.name not in offered.split(","):
        return "not_offered"
    return "memory" if row.hub.size > memory_bound() else ""


def is_usable(row: Checkpoint) -> bool:
    """Whether visitors can ask a row now: it is embedded, or it is here and they may load it."""
    return not row.hub or (is_here(row) and not refusal(row))
