"""Many photos and sentences on Ray Data: read by as many engines as there is room for.

    python -m mmdemo.serving.bulk index FOLDER OUT [--engines 8] [--gpus 0.25] [--address auto]
    python -m mmdemo.serving.bulk encode SENTENCES.txt OUT.npy         # a sentence a line -> unit vectors [K, D]
    python -m mmdemo.serving.bulk evaluate FOLDER CAPTIONS.tsv OUT     # a photo's name, a tab, a caption of it a line
    python -m mmdemo search "a dog on a beach" --index OUT

Photos stay where they are: their names travel to the engines, a batch at a time, and vectors back. FOLDER and OUT have
to be found under the same names on every machine. What is written is what one machine writes (`--engines 0`: this
process, without Ray), and an index goes on where it was stopped. Read next: `bulk_work.py`, `engine/index_files.py`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from mmdemo.engine import Engine, index_files
from mmdemo.engine.gallery import GalleryService
from mmdemo.engine.gallery_measures import recall_of
from mmdemo.errors import InputError, MMDemoError
from mmdemo.serving import bulk_work as work
from mmdemo.types import Recall

SENTENCES, QUERIES = 256, 64  # of one batch
BLOCKS = 10_000  # of a data set at most: what one holds comes back at once


def run_there(engines: int, cpus: float, gpus: float, worker: type, given: tuple, rows: list[dict]) -> Iterator[dict]:
    """What workers on the machines of a cluster make of each row, in the order of the rows."""
    import ray

    if not rows:
        return
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    pool = ray.data.ActorPoolStrategy(size=min(engines, len(rows)))
    asked = ray.data.from_items(rows, override_num_blocks=min(len(rows), BLOCKS))
    room = {"num_cpus": cpus, "num_gpus": gpus, "compute": pool}
    yield from asked.map(worker, fn_constructor_args=given, **room).iter_rows()


def run_here(worker: type, given: tuple, rows: list[dict]) -> Iterator[dict]:
    """The same in this process."""
    yield from map(worker(*given), rows) if rows else ()


def index(run: work.Run, folder: Path, out: Path) -> GalleryService:
    """Make the index of a folder's photos, or let it grow; returns what opens it."""
    service = Engine().gallery_service
    for growth in index_files.grow(folder, out, service.maker(), partial(work.read_photos, run)):
        print(f"{growth.read + growth.unread} of {growth.total}  {growth.name}", flush=True)
    return service


def encode(run: work.Run, texts: Sequence[str], out: Path) -> None:
    """Write the sentences' unit vectors, [K, D] float16, at once when all are there."""
    batches = [{"texts": list(texts[start : start + SENTENCES])} for start in range(0, len(texts), SENTENCES)]
    parts = [work.vectors_of(row) for row in run(work.TextEncoder, (), batches)]
    out.parent.mkdir(parents=True, exist_ok=True)
    half = out.with_name(out.name + ".part")
    with half.open("wb") as file:
        np.save(file, np.concatenate(parts))
    half.replace(out)


def evaluate(run: work.Run, folder: Path, captions: Path, out: Path) -> dict[str, Recall]:
    """How well photos and their captions find each other, exactly; also written to OUT/recall.json.

    Raises:
        InputError: a line without a tab, or of a photo that the folder has not.
    """
    names, texts = read_captions(captions)  # first: a bad line is said before hours of reading photos
    number = {name: row for row, name in enumerate(index(run, folder, out).opened(out).names)}
    if strange := next((name for name in names if name not in number), None):
        raise InputError(f"Expected captions of photos that can be read; {strange[:200]} is none.", "no_photos")
    encode(run, texts, out / "captions.npy")
    owners = np.array([number[name] for name in names])  # [K], the photo of each caption
    np.save(out / "owners.npy", owners)
    captioned = np.unique(owners)
    sides = {"photo_to_text": captioned, "text_to_photo": np.arange(len(texts))}
    own = {"photo_to_text": np.bincount(owners)[captioned], "text_to_photo": np.ones(len(texts), int)}
    others = {"photo_to_text": len(texts), "text_to_photo": len(number)}
    found = {}
    for side, queries in sides.items():
        rows = [{"side": side, "queries": queries[i : i + QUERIES]} for i in range(0, len(queries), QUERIES)]
        ranked = np.concatenate([row["ranks"] for row in run(work.Ranker, (str(out),), rows)])
        found[side] = recall_of(ranked, own[side], others[side])
        print(side, " ".join(f"R@{k} {share:.3f}" for k, share in found[side].at.items()), flush=True)
    table = {side: asdict(one) for side, one in found.items()}
    (out / "recall.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return found


def read_captions(file: Path) -> tuple[list[str], list[str]]:
    """Names of photos and a caption of each, line by line.

    Raises:
        InputError: a line without a tab, or none at all.
    """
    lines = [line.partition("\t") for line in sentences_in(file)]
    if wrong := next((i for i, (_, tab, text) in enumerate(lines, 1) if not tab or not text.strip()), None):
        message = f"Expected a photo's name, a tab and a caption on every line; line {wrong} of {file.name} has none."
        raise InputError(message, "bad_captions")
    names, _, texts = zip(*lines, strict=True)
    return list(names), list(texts)


def sentences_in(file: Path) -> list[str]:
    """The lines of a text file that are not empty.

    Raises:
        InputError: there is no such file, it is not UTF-8, or nothing is in it.
    """
    try:
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        lines = []
    if not lines:
        raise InputError(f"Expected a UTF-8 file with a line for each sentence; {file} is none.", "no_sentences")
    return lines


def main(given: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when what was given cannot be used."""
    asked = _arguments(given)
    run: work.Run = run_here
    if asked.engines and find_spec("ray") is None:
        print('Expected Ray: pip install -e ".[ray]"; or --engines 0 does it in this process.', file=sys.stderr)
        return 1
    if asked.engines:
        from mmdemo.serving.ray import connect

        connect(asked.address)
        run = partial(run_there, asked.engines, asked.cpus, asked.gpus)
    commands: dict[str, Any] = {
        "index": lambda: index(run, asked.folder.resolve(), asked.out.resolve()),
        "encode": lambda: encode(run, sentences_in(asked.sentences), asked.out.resolve()),
        "evaluate": lambda: evaluate(run, asked.folder.resolve(), asked.captions, asked.out.resolve()),
    }
    try:
        commands[asked.command]()
    except MMDemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m mmdemo.serving.bulk", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    files = {
        "index": ("folder", "out"), "encode": ("sentences", "out"), "evaluate": ("folder", "captions", "out"),
    }  # fmt: skip
    for name, places in files.items():
        command = commands.add_parser(name)
        for place in places:
            command.add_argument(place, type=Path)
        command.add_argument("--engines", type=int, default=1, help="0: this process, without Ray")
        command.add_argument("--cpus", type=float, default=1.0, help="of each engine")
        command.add_argument("--gpus", type=float, default=0.0, help="of each engine; 0.25 lets four share one")
        command.add_argument("--address", help="of a cluster that runs (auto); none begins one here")
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
