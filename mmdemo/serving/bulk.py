"""Many photos on Ray Data: encoded by as many engines as there is room for, into the index that one machine makes.

    python -m mmdemo.serving.bulk FOLDER OUT [--engines 8] [--gpus 0.25] [--address auto]
    python -m mmdemo search "a dog on a beach" --index OUT

Photos stay where they are: their names travel to the engines, a batch at a time, and vectors back. FOLDER has to be
found under the same name on every machine. The index is written here, in the order of the names, so that it is the one
`python -m mmdemo index` writes, and like it goes on where it was stopped. Read next: `engine/index_files.py`.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmdemo.engine import index_files


class Encoder:
    """An engine that stays loaded and encodes batch after batch."""

    def __init__(self, folder: str, device: str | None = None) -> None:
        from mmdemo.engine import Engine  # heavy: torch

        self.folder, self.engine = Path(folder), Engine(device)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """{"paths": [B]} -> the vectors' bytes, their number, and the photos' lines as JSON."""
        pictures, lines = index_files.decode([Path(path) for path in row["paths"]], self.folder)
        vectors, _ = index_files.encoded(self.engine.encode_images, pictures, lines)
        return {"vectors": vectors.tobytes(), "count": len(vectors), "lines": json.dumps(lines)}


def read_there(
    engines: int, cpus: float, gpus: float, batches: Sequence[Sequence[Path]], folder: Path
) -> Iterator[index_files.Vectors]:
    """As `index_files.read_here`, by so many engines on the machines of a cluster; batches come in their order."""
    import ray

    if not batches:
        return
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    names = ray.data.from_items([{"paths": [str(path) for path in batch]} for batch in batches])
    room = {"num_cpus": cpus, "num_gpus": gpus, "compute": ray.data.ActorPoolStrategy(size=engines)}
    for row in names.map(Encoder, fn_constructor_args=(str(folder),), **room).iter_rows():
        count = row["count"]
        width = -1 if count else 0
        yield np.frombuffer(row["vectors"], np.float16).reshape(count, width), json.loads(row["lines"])


def main(given: Sequence[str] | None = None) -> None:
    """Make the index, or let it grow."""
    parser = argparse.ArgumentParser("python -m mmdemo.serving.bulk", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of photos")
    parser.add_argument("out", type=Path, help="where the index goes")
    parser.add_argument("--engines", type=int, default=1)
    parser.add_argument("--cpus", type=float, default=1.0, help="of each engine")
    parser.add_argument("--gpus", type=float, default=0.0, help="of each engine; 0.25 lets four share one")
    parser.add_argument("--address", help="of a cluster that runs (auto); none begins one here")
    asked = parser.parse_args(given)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before Ray is imported: it would call out
    import ray

    from mmdemo.engine import Engine

    if not ray.is_initialized():
        ray.init(asked.address, log_to_driver=False)
    read, service = partial(read_there, asked.engines, asked.cpus, asked.gpus), Engine().gallery_service
    for growth in index_files.grow(asked.folder.resolve(), asked.out, service.maker(), read):
        print(f"{growth.read + growth.unread} of {growth.total}  {growth.name}", flush=True)


if __name__ == "__main__":
    main()
