"""A row of the Hub comes onto this machine: its files and no others, each compared with its sha256.

huggingface_hub's own download throws away what came when it is cut off, and reports every ten megabytes; so the bytes
are read here, from the same addresses, into `FILE.incomplete` beside the place where the file will stand. A download
that is cut, cancelled or killed goes on from there. Read next: `hub.py`.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from mmdemo.checkpoints import Checkpoint
from mmdemo.errors import WeightsError
from mmdemo.loading import hub
from mmdemo.loading.device import choose_offline, memory_bound
from mmdemo.types import FetchProgress, LockedFile

KINDS = (".safetensors", ".json", ".txt", ".model")  # weights are safetensors; nothing here is code
TRIES, WAIT = 4, 1.0  # without a new byte, and seconds between them
SECONDS = 10.0  # of silence, before a connection is given up
SAID = {
    "fetch_offline": "{title} is not on this machine, and HF_HUB_OFFLINE forbids fetching it. Unset it",
    "fetch_no_route": "The Hub could not be reached, so {title} was not fetched. Check the network",
    "fetch_denied": "The Hub does not give {title} to everyone ({status}). Sign in with `hf auth login`",
    "fetch_gone": "The Hub has no {repository} at revision {revision} ({status}). Update this program",
    "fetch_server": "The Hub could not answer ({status}), so {title} was not fetched. Wait a little",
    "fetch_no_file": "{repository} on the Hub has no {file}, which {title} needs. Update this program",
    "fetch_cut": "{file} of {title} stopped at {done} of {size}. What came is kept: to go on from there, wait a little",
    "fetch_checksum": (
        "{file} of {title} is not what it should be and was deleted: its sha256 is {found}, expected was {expected}. "
        "Check the network"
    ),
    "fetch_no_space": "{title} needs {need} more, and the disk has {free} left. Make room",
    "fetch_closed": (
        "The folder for models of the Hub cannot be written ({why}), so {title} was not fetched. "
        "Let HF_HOME name another one"
    ),
    "fetch_broke": "Fetching {title} ended unexpectedly. Report it",
    "fetch_not_offered": "{title} is not offered here. Whoever owns this machine can list it in MMDEMO_MODELS",
    "fetch_memory": "{title} needs {size} of memory, and models may take {bound} here. Raise MMDEMO_MEMORY_GB",
    "fetch_kind": "{file} of {title} is no safetensors and no settings, so it is not fetched. Update this program",
}


def fetch_problem(row: Checkpoint, code: str, **values: object) -> WeightsError:
    """Why a row could not be fetched, and the command to try."""
    source = row.hub
    known = {"title": source.title, "repository": source.repository, "revision": source.revision, **values}
    message = f"{SAID[code]}, then run `python -m mmdemo fetch {{name}}`.".format(name=row.name, **known)
    return WeightsError(message, code, name=row.name, **known)


def require_offered(row: Checkpoint) -> None:
    """Nothing for a row that visitors may load; `WeightsError` saying why not for one that they may not."""
    if row.hub and (why := hub.refusal(row)):
        sizes = {"size": size_text(row.hub.size), "bound": size_text(memory_bound())}
        raise fetch_problem(row, f"fetch_{why}", **sizes)


def size_text(count: int) -> str:
    """Bytes as people read them: "605 MB", "1.7 GB"."""
    unit, name = next((u, n) for u, n in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")) if count >= u or u == 1)
    return f"{count / unit:.{int(name == 'GB')}f} {name}"


def fetch(row: Checkpoint, offline: bool | None = None) -> Iterator[FetchProgress]:
    """Bring a row's files here, saying how far it has come with every piece; the last item is "done".

    Leaving the iterator cancels: what came stays, and the next call goes on from there. Other processes that ask for
    the row wait for this one. What is here already is hashed, and fetched again where it is not what was locked.

    Args:
        row: of the table, with `hub`.
        offline: True forbids every request; None reads HF_HUB_OFFLINE.

    Raises:
        WeightsError: with a `code` of `SAID`, and the command to try.
    """
    with _said(row), ExitStack() as stack:
        commit, files = hub.locked(row)
        if not files or not all(_is_good(hub.snapshot(row, commit) / file.name, file) for file in files):
            if choose_offline(offline):
                raise fetch_problem(row, "fetch_offline")
            if not files:
                commit, files = _ask(row)
            while not _lock(stack, row):  # another process is fetching it
                yield _progress(row, files, _on_disk(row, commit, files))
            if hub.locked(row)[1]:
                commit, files = hub.locked(row)
            yield from _fetch(row, commit, files)
        yield _progress(row, files, sum(file.size for file in files), state="done")


def _progress(
    row: Checkpoint, files: list[LockedFile], done: int, file: str = "", state: str = "fetching"
) -> FetchProgress:
    return FetchProgress(row.name, done, sum(file.size for file in files), file, state)


def _ask(row: Checkpoint) -> tuple[str, list[LockedFile]]:
    """The commit of the row, and its files; sha256 "" where the Hub does not say it."""
    from huggingface_hub.utils import get_session, hf_raise_for_status

    url = f"{_endpoint()}/api/models/{row.hub.repository}/revision/{quote(hub.wanted(row), safe='')}?blobs=true"
    answer = get_session().get(url, headers=_headers(), timeout=SECONDS)
    hf_raise_for_status(answer)
    try:
        told = answer.json()
        sizes = {s["rfilename"]: (int(s["size"]), (s.get("lfs") or {}).get("sha256", "")) for s in told["siblings"]}
        if not hub.is_commit(told["sha"]):
            raise ValueError("no commit")
    except (ValueError, KeyError, TypeError, AttributeError):  # what answers is no Hub: a network's login page
        raise fetch_problem(row, "fetch_no_route") from None
    for name in row.hub.files:
        if name not in sizes:
            raise fetch_problem(row, "fetch_no_file", file=name)
        if not name.endswith(KINDS):
            raise fetch_problem(row, "fetch_kind", file=name)
    return told["sha"], [LockedFile(name, *sizes[name]) for name in row.hub.files]


def _fetch(row: Checkpoint, commit: str, files: list[LockedFile]) -> Iterator[FetchProgress]:
    """Every file that is not here yet, then the lock file; this process alone has the row meanwhile."""
    place, done, found = hub.snapshot(row, commit), 0, []
    need, free = sum(file.size for file in files) - _on_disk(row, commit, files), hub.free_disk()
    if need > free:
        raise fetch_problem(row, "fetch_no_space", need=size_text(need), free=size_text(free))
    for file in files:
        path = place / file.name
        if not _is_good(path, file):
            path.parent.mkdir(parents=True, exist_ok=True)
            for count in _download(row, commit, file, _part(path)):
                yield _progress(row, files, done + min(count, file.size), file.name)
            _check(row, file, _part(path))
            _part(path).replace(path)
        found.append(replace(file, sha256=file.sha256 or hub.sha256_of(path)))
        done += file.size
    hub.write_lock(row, commit, found)


def _download(row: Checkpoint, commit: str, file: LockedFile, part: Path) -> Iterator[int]:
    """How many bytes of the file are here, again and again while they come."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    tries = TRIES
    while (have := _size(part)) < file.size or not part.exists():
        yield have
        try:
            yield from _read(row, commit, file, part, have)
        except HfHubHTTPError:  # an answer, not a broken connection
            raise
        except HTTPError:
            yield _size(part)
        tries = TRIES if _size(part) > have else tries - 1
        if tries == 0:
            raise fetch_problem(row, "fetch_cut", file=file.name, done=size_text(have), size=size_text(file.size))
        if _size(part) < file.size:
            time.sleep(WAIT)


def _read(row: Checkpoint, commit: str, file: LockedFile, part: Path, have: int) -> Iterator[int]:
    """One request for what is missing of a file; ends where the connection does."""
    from huggingface_hub.utils import get_session, hf_raise_for_status

    url = f"{_endpoint()}/{row.hub.repository}/resolve/{commit}/{file.name}"
    headers = _headers() | ({"Range": f"bytes={have}-"} if have else {})
    with get_session().stream("GET", url, headers=headers, timeout=SECONDS) as answer, part.open("ab") as out:
        if answer.status_code == 416:  # it has nothing after what is here
            return
        hf_raise_for_status(answer)
        if have and answer.status_code != 206:  # the whole file comes once more, from its start
            out.truncate(0)
            out.seek(0)
        for piece in answer.iter_bytes():
            out.write(piece)
            yield out.tell()
            if out.tell() > file.size:
                return


def _check(row: Checkpoint, file: LockedFile, part: Path) -> None:
    """Delete what came, and say so, where it is not the file that was announced."""
    if not _is_good(part, file):
        found, expected = hub.sha256_of(part), file.sha256 or f"that of {file.size:,} bytes"
        part.unlink()
        raise fetch_problem(row, "fetch_checksum", file=file.name, found=found, expected=expected)


def _is_good(path: Path, file: LockedFile) -> bool:
    """Whether a file is here with the size and the sha256 that it should have."""
    here = path.is_file() and path.stat().st_size == file.size
    return here and (not file.sha256 or hub.sha256_of(path) == file.sha256)


def _on_disk(row: Checkpoint, commit: str, files: list[LockedFile]) -> int:
    """Bytes of the row that are here, those of unfinished files too."""
    paths = [hub.snapshot(row, commit) / file.name for file in files]
    return sum(min(_size(path) or _size(_part(path)), file.size) for path, file in zip(paths, files, strict=True))


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.incomplete")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _endpoint() -> str:
    """Where the Hub is: HF_ENDPOINT as it is now."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _headers() -> dict[str, str]:
    """Who asks, and nothing of this machine: huggingface_hub's own would tell its versions, and ask for more."""
    from huggingface_hub import get_token

    token = get_token()
    signed = {"Authorization": f"Bearer {token}"} if token else {}
    return {"User-Agent": "mmdemo", "Accept-Encoding": "identity", **signed}


def _lock(stack: ExitStack, row: Checkpoint) -> bool:
    """Have the row to this process until the stack closes; False when another one still has it after a moment."""
    from huggingface_hub.utils import WeakFileLock

    path = hub.cache() / ".locks" / f"mmdemo-{row.hub.repository.replace('/', '--')}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        stack.enter_context(WeakFileLock(path, timeout=0.2))
    except TimeoutError:
        return False
    return True


@contextmanager
def _said(row: Checkpoint) -> Iterator[None]:
    """What huggingface_hub and the disk raise, as sentences."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled:
        raise fetch_problem(row, "fetch_offline") from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        code = {401: "fetch_denied", 403: "fetch_denied", 404: "fetch_gone"}.get(status, "fetch_server")
        raise fetch_problem(row, code, status=status) from None
    except HTTPError:
        raise fetch_problem(row, "fetch_no_route") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            need = size_text(row.hub.size)
            raise fetch_problem(row, "fetch_no_space", need=need, free=size_text(hub.free_disk())) from None
        why = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise fetch_problem(row, "fetch_closed", why=why) from None
