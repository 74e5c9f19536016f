"""Models of the Hub: which there are, which are here, and downloads, each one shared by all who ask for it."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint
from mmdemo.engine.models import Models
from mmdemo.errors import ChoiceError, WeightsError
from mmdemo.types import FetchProgress, HubModel

SECONDS = 0.2  # between two reports of a download


class Download(threading.Thread):
    """One row on its way here, in a thread of its own; it goes on when whoever asked has left.

    Args:
        row: of the table, with `hub`.
        offline: True forbids every request.

    Attributes:
        latest: how far it has come, or how it ended.
        cancelled: set by whoever ends it.
    """

    def __init__(self, row: Checkpoint, offline: bool) -> None:
        super().__init__(name=f"fetch {row.name}", daemon=True)  # cut off, it leaves a file that is gone on with
        self.row, self.offline, self.cancelled = row, offline, threading.Event()
        self.latest = FetchProgress(row.name, 0, row.hub.size)

    def run(self) -> None:
        """Fetch until all is here, somebody cancels, or something goes wrong."""
        problem: WeightsError | None = loading.fetch_problem(self.row, "fetch_broke")  # unless it is known better below
        try:
            with closing(loading.fetch(self.row, self.offline)) as pieces:
                for self.latest in pieces:
                    if self.cancelled.is_set():
                        break
            problem = None
        except WeightsError as said:
            problem = said
        finally:
            if self.latest.state == "fetching":
                ended = "failed" if problem else "cancelled"
                self.latest = replace(self.latest, file="", state=ended, problem=problem)

    def watch(self) -> Iterator[FetchProgress]:
        """How far it has come, a few times a second; the last item says how it ended."""
        while self.is_alive():
            yield self.latest
            self.join(SECONDS)
        yield self.latest


class HubService:
    """What the table names on the Hub; safe to share between threads.

    Args:
        models: says whether anything may be fetched.
    """

    def __init__(self, models: Models) -> None:
        self.models = models
        self._lock = threading.Lock()
        self._downloads: dict[str, Download] = {}

    def hub_models(self) -> tuple[HubModel, ...]:
        """Every row of the Hub, in the table's order, and whether it can be used here."""
        free = loading.free_disk()
        return tuple(self._model(row, free) for row in CHECKPOINTS.values() if row.hub)

    def fetch(self, name: str) -> Iterator[FetchProgress]:
        """Begin a row's download, or join the one that runs; leaving the iterator does not end it.

        Returns:
            How far it has come, five times a second; the last item is "done", "cancelled" or "failed".

        Raises:
            ChoiceError: the table has no such row of the Hub.
        """
        row = _find(name)
        try:
            loading.require_offered(row)
        except WeightsError as problem:
            return iter([FetchProgress(name, 0, row.hub.size, state="failed", problem=problem)])
        with self._lock:
            if not self._is_running(name) or self._downloads[name].cancelled.is_set():
                self._downloads[name] = Download(row, self.models.offline)
                self._downloads[name].start()
            return self._downloads[name].watch()

    def cancel_fetch(self, name: str) -> None:
        """End a row's download, if one runs; what came stays, and the next one goes on from there.

        Raises:
            ChoiceError: the table has no such row of the Hub.
        """
        if self._is_running(_find(name).name):
            self._downloads[name].cancelled.set()

    def _is_running(self, name: str) -> bool:
        return name in self._downloads and self._downloads[name].is_alive()

    def _model(self, row: Checkpoint, free: int) -> HubModel:
        source, why, (commit, files) = row.hub, loading.refusal(row), loading.locked(row)
        running, here = self._is_running(row.name), loading.is_here(row)
        return HubModel(
            row.name, row.kind, row.tasks, row.paper, source.title, source.repository, source.revision, source.licence,
            source.languages, tuple(map(tuple, source.published)),
            size=sum(file.size for file in files) or source.size,
            free=free,
            state="refused" if why else "fetching" if running else "here" if here else "missing",
            commit=commit,
            files=tuple(files),
            why=why,
        )  # fmt: skip


def on_the_hub(kind: str, task: str) -> list[str]:
    """The rows of the Hub of one kind that answer a question, here or not."""
    return [name for name, row in CHECKPOINTS.items() if row.hub and row.kind == kind and task in row.tasks]


def usable(kind: str, task: str) -> tuple[str, ...]:
    """Those of them that are here and offered."""
    return tuple(name for name in on_the_hub(kind, task) if loading.is_usable(CHECKPOINTS[name]))


def _find(name: str) -> Checkpoint:
    rows = {row.name: row for row in CHECKPOINTS.values() if row.hub}
    if name not in rows:
        raise ChoiceError("model", name, list(rows))
    return rows[name]
