"""Search through 100,000 vectors beside FAISS's flat index and plain numpy; indexing beside the bare encoder.

All of them by turns in one process on one thread; what is said are ratios of processor seconds, which other programs
on the machine do not lengthen, with their quartiles. FAISS is no dependency: its test is skipped where it is not
installed (`pip install faiss-cpu`). A few minutes long, so only on request:
`MMDEMO_BENCHMARKS=1 python -m pytest -s tests/benchmarks/test_index_search.py`.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from threadpoolctl import threadpool_limits

import mmdemo
from mmdemo.benchmark import Calls, photos, take_turns
from mmdemo.engine.index import nearest
from tests.memory import peak_mb_of

pytestmark = pytest.mark.skipif(os.environ.get("MMDEMO_BENCHMARKS") != "1", reason="on request: MMDEMO_BENCHMARKS=1")
COUNT, K, ROUNDS = 100_000, 10, int(os.environ.get("MMDEMO_ROUNDS", "15"))
CHUNK = 4096
PHOTOS, BATCH = 64, 32


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.fixture(scope="module")
def width(engine) -> int:
    return engine.models.load("matching").fusion.width


@pytest.fixture(scope="module")
def file(tmp_path_factory, width) -> Path:
    """Random unit vectors as an index keeps them."""
    path, random = tmp_path_factory.mktemp("index") / "vectors.f16", np.random.default_rng(0)
    with path.open("wb") as out:
        for start in range(0, COUNT, CHUNK):
            some = random.standard_normal((min(CHUNK, COUNT - start), width), np.float32)
            out.write((some / np.linalg.norm(some, axis=1, keepdims=True)).astype(np.float16).tobytes())
    return path


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(before)


def queries(count: int, width: int) -> np.ndarray:
    some = np.random.default_rng(1).standard_normal((count, width), np.float32)
    return some / np.linalg.norm(some, axis=1, keepdims=True)


def mapped(file: Path, width: int) -> np.ndarray:
    return np.memmap(file, np.float16, "c").reshape(-1, width)


def in_memory(file: Path, width: int) -> np.ndarray:
    """The same as float32, read piece by piece."""
    whole = np.empty((COUNT, width), np.float32)
    with file.open("rb") as content:
        for start in range(0, COUNT, CHUNK):
            some = np.fromfile(content, np.float16, CHUNK * width).reshape(-1, width)
            whole[start : start + len(some)] = some
    return whole


def plain(asked: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What one writes in numpy."""
    scores = asked @ vectors.T  # [Q, N]
    places = np.argpartition(-scores, K, 1)[:, :K]
    best = np.take_along_axis(scores, places, 1)
    order = np.argsort(-best, 1)
    return np.take_along_axis(best, order, 1), np.take_along_axis(places, order, 1)


def flat(file: Path, width: int):
    import faiss

    index = faiss.IndexFlatIP(width)
    with file.open("rb") as content:
        while len(some := np.fromfile(content, np.float16, CHUNK * width)):
            index.add(some.reshape(-1, width).astype(np.float32))
    return index


def ask_ours(file: Path, width: int) -> None:
    nearest(queries(64, width), mapped(file, width), K)


def ask_numpy(file: Path, width: int) -> None:
    plain(queries(64, width), in_memory(file, width))


def ask_flat(file: Path, width: int) -> None:
    flat(file, width).search(queries(64, width), K)


def say(calls: Calls, ours: str, rounds: int = ROUNDS, each: int = 1) -> dict[str, float]:
    """Things a second of every call, and how many times as long it takes as `ours`; the medians of those ratios."""
    times = take_turns(calls, rounds, time.process_time)
    medians = {}
    for name, took in times.items():
        ratios = [other / own for other, own in zip(took, times[ours], strict=True)]
        low, medians[name], high = statistics.quantiles(ratios, n=4)
        rate = 1000 * each / statistics.median(took)
        print(f"{name:<52}{rate:9.1f} a second  {medians[name]:6.2f} ({low:.2f} to {high:.2f}) of {ours}'s time")
    return medians


@pytest.mark.parametrize("count", [1, 64])
def test_search_gives_faiss_answers_in_like_time(file, width, count):
    pytest.importorskip("faiss", reason="pip install faiss-cpu")
    asked, vectors, whole, index = queries(count, width), mapped(file, width), in_memory(file, width), flat(file, width)
    places = nearest(asked, vectors, K)[1]
    assert (places == index.search(asked, K)[1]).all() and (places == plain(asked, whole)[1]).all()
    print(f"\n{COUNT:,} vectors of {width}, {count} queries at a time")
    calls = {
        "ours, float16 on disk": lambda: nearest(asked, vectors, K),
        "ours, float32 in memory": lambda: nearest(asked, whole, K),
        "FAISS IndexFlatIP": lambda: index.search(asked, K),
        "numpy": lambda: plain(asked, whole),
    }
    medians = say(calls, "ours, float16 on disk", each=count)
    assert medians["FAISS IndexFlatIP"] > 0.4 and medians["numpy"] > 0.3  # both hold twice the memory, as floats


def test_search_on_disk_needs_half_of_what_others_hold_in_memory(file, width):
    pytest.importorskip("faiss", reason="pip install faiss-cpu")
    peaks = {name: peak_mb_of(ask, file, width) for name, ask in
             (("ours, the mapped file counted", ask_ours), ("FAISS", ask_flat), ("numpy", ask_numpy))}  # fmt: skip
    print("\npeak memory of 64 queries: " + ", ".join(f"{name} {peak:.0f} MB" for name, peak in peaks.items()))
    assert peaks["ours, the mapped file counted"] < 0.6 * min(peaks["FAISS"], peaks["numpy"])


@pytest.mark.parametrize("side", [(640, 480), (4000, 3000)])
def test_indexing_is_hardly_slower_than_the_bare_encoder(engine, tmp_path, side):
    pictures = [photo.resize(side) for photo, _ in zip(photos(3), range(PHOTOS), strict=False)]
    for i, photo in enumerate(pictures):
        photo.save(tmp_path / f"{i:02d}.jpg", quality=90)
    files, places = sorted(tmp_path.glob("*.jpg")), (tmp_path / f".{i}" for i in range(1000))
    service, encoder = engine.gallery_service, engine.models.tower("matching", "image").encoder

    @torch.no_grad()
    def bare(some) -> None:
        for start in range(0, PHOTOS, BATCH):
            encoder(encoder.prepare([photo.convert("RGB") for photo in some(slice(start, start + BATCH))]))

    def fresh(work) -> None:
        engine.models.pictures.clear()
        work()

    print(f"\n{PHOTOS} photos of {side[0]} x {side[1]}")
    memory = {
        "bare encoder, pictures in memory": lambda: bare(lambda chunk: pictures[chunk]),
        "engine.index": lambda: fresh(lambda: engine.index(pictures)),
    }
    disk = {
        "bare encoder, files": lambda: bare(lambda chunk: [Image.open(path) for path in files[chunk]]),
        "python -m mmdemo index": lambda: fresh(lambda: list(service.grow(tmp_path, next(places)))),
    }
    for calls in (memory, disk):
        bare_loop, ours = calls
        medians = say(calls, ours, max(4, ROUNDS // 3), PHOTOS)
        assert medians[bare_loop] >= 0.9
