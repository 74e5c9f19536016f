"""Models on the Hub, as a page shows them: what they are, whether they are here, and how far a download has come."""

from dataclasses import dataclass

from mmdemo.errors import WeightsError
from mmdemo.types.require import require

STATES = ("missing", "fetching", "here", "refused")
ENDS = ("done", "cancelled", "failed")


@dataclass(frozen=True)
class FetchProgress:
    """How far the download of one row has come.

    Args:
        name: of the row.
        done, total: bytes; total counts all files, those that were here before too.
        file: the one on its way, "" at the end.
        state: "fetching", or how it ended: "done", "cancelled", "failed".
        problem: why it failed; None otherwise.
    """

    name: str
    done: int
    total: int
    file: str = ""
    state: str = "fetching"
    problem: WeightsError | None = None

    def __post_init__(self) -> None:
        require(self.state in ("fetching", *ENDS), f"a state of {ENDS} or fetching", self.state)
        require(0 <= self.done <= self.total, f"bytes in 0 to {self.total}", self.done)
        require(
            (self.problem is None) == (self.state != "failed"), "a problem with a failure, and only then", self.state
        )


@dataclass(frozen=True)
class LockedFile:
    """One file as the first download found it: bytes, and sha256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class HubModel:
    """One row of the Hub, and whether it can be used here.

    Args:
        name, kind, tasks, paper: of its row.
        title, repository, revision, licence, languages: of its source, see `checkpoints.HubSource`.
        published: (metric, data set, value, unit, source) of its makers' figures.
        size: bytes of all its files.
        free: bytes that the disk of the cache has left.
        state: "missing", "fetching", "here", or "refused": the owner of this machine does not offer it.
        commit: 40 hex digits once fetched, "" before.
        files: as locked, () before.
        why: the reason of a refusal: "not_offered", or "memory": it is larger than what models may take here.
    """

    name: str
    kind: str
    tasks: tuple[str, ...]
    paper: str
    title: str
    repository: str
    revision: str
    licence: str
    languages: tuple[str, ...]
    published: tuple[tuple[str, str, float, str, str], ...]
    size: int
    free: int
    state: str
    commit: str = ""
    files: tuple[LockedFile, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        require(self.state in STATES, f"a state of {STATES}", self.state)
