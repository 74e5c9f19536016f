"""Models of the Hub, and search through a folder of photos, from the command line.

    python -m mmdemo fetch [NAME ...|all]   # bring them here; without a name, which there are
    python -m mmdemo doctor                 # what is here, and whether it is what was fetched
    python -m mmdemo index FOLDER           # read every photo of a folder; goes on where it was stopped
    python -m mmdemo search "a dog on a beach" --index FOLDER/mmdemo-index

Whoever sits at the machine owns it: MMDEMO_MODELS and the memory bound are not asked.
"""

import argparse
import importlib.metadata
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from mmdemo import __version__, loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint
from mmdemo.engine import Engine
from mmdemo.engine.index_files import FOLDER, problems
from mmdemo.errors import ChoiceError, MMDemoError
from mmdemo.loading import size_text

PACKAGES = ("torch", "torchvision", "transformers", "huggingface-hub", "safetensors")


def main(given: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when not, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser("python -m mmdemo", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch", help="bring models of the Hub to this machine")
    fetching.add_argument("names", nargs="*", metavar="NAME", help='rows of the table, or "all"; none lists them')
    commands.add_parser("doctor", help="versions, device, and whether what was fetched is still what it was")
    indexing = commands.add_parser("index", help="read every photo of a folder, to search it")
    indexing.add_argument("folder", type=Path)
    indexing.add_argument("--index", type=Path, help=f"where the index goes; FOLDER/{FOLDER} if not given")
    searching = commands.add_parser("search", help="the photos of an index that fit a sentence best")
    searching.add_argument("sentence")
    searching.add_argument("--index", type=Path, default=Path(FOLDER), help=f"{FOLDER} here if not given")
    searching.add_argument("--count", type=int, default=10, help="photos that are listed")
    asked = parser.parse_args(given)
    run = {
        "fetch": lambda: fetch(asked.names), "doctor": doctor,
        "index": lambda: index(asked.folder, asked.index or asked.folder / FOLDER),
        "search": lambda: search(asked.sentence, asked.index, asked.count),
    }  # fmt: skip
    try:
        return run[asked.command]()
    except MMDemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What came is kept: the same command goes on from there.", file=sys.stderr)
        return 130


def index(folder: Path, place: Path) -> int:
    """Read a folder's photos into an index, and name those that cannot be read."""
    service, growth = Engine().gallery_service, None
    for growth in service.grow(folder, place):
        print(f"{_end()}{growth.read + growth.unread} of {growth.total}  {growth.name}", end=_line(), flush=True)
    for name, why in problems(place).items():
        print(f"{name}: {why}")
    read = growth.read if growth else len(service.opened(place))
    print(f"{_end()}{read} photos can be searched: python -m mmdemo search SENTENCE --index {place}")
    return 0


def search(sentence: str, place: Path, count: int) -> int:
    """List the photos of an index that fit a sentence best: cosine and name."""
    for hit in Engine().gallery_service.opened(place).search(sentence, count):
        print(f"{hit.similarity:.3f}  {hit.name}")
    return 0


def rows() -> dict[str, Checkpoint]:
    """The table's rows that come from the Hub, by name."""
    return {name: row for name, row in CHECKPOINTS.items() if row.hub}


def fetch(names: Sequence[str]) -> int:
    """Fetch rows one after the other, or list them; 1 when one of them could not be fetched."""
    if not names:
        print("\n".join(f"{name:24}{_described(row)}" for name, row in rows().items()))
        return 0
    failed = 0
    for name in rows() if "all" in names else names:
        try:
            if name not in rows():
                raise ChoiceError("NAME", name, [*rows(), "all"])
            _fetch(rows()[name])
        except MMDemoError as error:
            print(f"{_end()}{error}", file=sys.stderr)
            failed = 1
    return failed


def _fetch(row: Checkpoint) -> None:
    print(f"{row.name}: {_described(row)}; {size_text(loading.free_disk())} of disk free")
    file = ""
    for progress in loading.fetch(row):
        line = f"{size_text(progress.done)} of {size_text(progress.total)}  {progress.file}"
        if sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
        elif progress.file != file:
            print(line)
        file = progress.file
    print(f"{_end()}{row.name}: here, at commit {loading.locked(row)[0]}")


def _end() -> str:
    """What ends a line of progress on a terminal."""
    return "\r\033[K" if sys.stdout.isatty() else ""


def _line() -> str:
    """What stands after one: nothing where the next one takes its place."""
    return "" if sys.stdout.isatty() else "\n"


def _described(row: Checkpoint) -> str:
    state = "here" if loading.is_here(row) else "not here"
    return f"{row.hub.title}, {size_text(row.hub.size)}, {row.hub.licence}, {state}"


def doctor() -> int:
    """Print what this machine has; 1 when a fetched file or commit is not what it should be."""
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES)
    print(f"mmdemo {__version__}, Python {platform.python_version()}, {versions}")
    bound, free = size_text(loading.memory_bound()), size_text(loading.free_disk())
    network = "HF_HUB_OFFLINE forbids fetching" if loading.choose_offline() else "fetching is allowed"
    print(f"device {loading.choose_device()}, models may take {bound} of memory, {free} of disk free, {network}")
    differing = 0
    for name, row in rows().items():
        commit, differences = loading.locked(row)[0], list(loading.differences(row))
        refused = loading.refusal(row) and f", refused to visitors ({loading.refusal(row)})"
        print(f"{name:24}{_described(row)}{refused}{commit and f', commit {commit}'}")
        for difference in differences:
            print(f"    {difference}: run `python -m mmdemo fetch {name}`")
        differing += len(differences)
    print(f"{differing} differences." if differing else "What was fetched is what it was.")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
