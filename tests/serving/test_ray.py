"""Two replicas of the shipped models on Ray: the local engine's answers, and none is lost when one is killed."""

import os
import threading
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}  # before Ray is imported
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Ray's own use of pydantic
    ray = pytest.importorskip("ray", reason='Ray is an extra: pip install -e ".[ray]"')
    pytest.importorskip("ray.serve")

import torch

import mmdemo
from mmdemo.serving import bulk
from mmdemo.serving.client import Http, RemoteEngine
from mmdemo.serving.ray import ClusterRoad, deploy
from tests.pictures import picture
from tests.same import same
from tests.serving import cluster
from tests.serving.lame import SLOW_S, LameEngine
from tests.serving.questions import TEXT, TEXTS, questions
from tests.serving.test_bulk import gallery

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves sockets and files to the garbage collector
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
VISITORS = 6


@pytest.fixture(scope="module")
def address():
    port = cluster.begin()
    deploy(replicas=2, pin=True)
    yield f"http://127.0.0.1:{port}"
    ray.shutdown()


@pytest.fixture(scope="module")
def here():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield mmdemo.load(device="cpu", offline=True)
    torch.set_num_threads(threads)


def replicas() -> list[str]:
    """Names of the replicas that live."""
    actors = ray.util.list_named_actors(all_namespaces=True)
    return sorted(actor["name"] for actor in actors if actor["name"].startswith("SERVE_REPLICA"))


def wait_for(count: int, seconds: float = 60.0) -> list[str]:
    """Until there are so many replicas."""
    until = time.monotonic() + seconds
    while len(replicas()) != count and time.monotonic() < until:
        time.sleep(0.2)
    assert len(replicas()) == count
    return replicas()


@contextmanager
def visitors(address: str, here):
    """Asks without a pause meanwhile; at the end every answer was right and none is missing."""
    engine, stop = RemoteEngine(address), threading.Event()
    expected = [here.match(picture(seed), TEXTS) for seed in range(VISITORS)]

    def visit(seed: int) -> int:
        asked = 0
        while not stop.is_set():
            assert same(engine.match(picture(seed), TEXTS), expected[seed])
            asked += 1
        return asked

    with ThreadPoolExecutor(VISITORS) as pool:
        visits = [pool.submit(visit, seed) for seed in range(VISITORS)]
        try:
            yield visits
        finally:
            stop.set()
        assert all(visit.result() > 0 for visit in visits)


@pytest.mark.parametrize("road", ["http", "cluster"])
def test_answers_are_the_local_engine_s_bit_for_bit(road: str, address: str, here) -> None:
    engine = RemoteEngine(address, None if road == "http" else ClusterRoad("auto"))
    for name, given in questions(3).items():
        if name != "hub_models":
            assert same(getattr(engine, name)(*given), getattr(here, name)(*given)), name
    explanation = here.explain(picture(3), TEXT)
    parts = [list(one.growing_faithfulness(picture(3), TEXT, explanation, 4)) for one in (engine, here)]
    assert same(*parts) and same(list(engine.spoken(picture(3))), list(here.spoken(picture(3))))


def test_a_photo_travels_once_to_each_replica(address: str) -> None:
    sizes, road = [], Http(address)

    class Counting:
        def frames(self, name, message, seconds):
            sizes.append(len(message))
            return road.frames(name, message, seconds)

    engine, photo = RemoteEngine(address, Counting()), picture(77, (800, 600))
    for number in range(60):  # Ray chooses: what one replica asked for may go to the other
        engine.match(photo, [f"text {number}"])
    large = [size > 800 * 600 for size in sizes]
    assert large[0] and not any(large[-20:])


def test_a_replica_is_killed_under_load_and_no_answer_is_lost(address: str, here) -> None:
    before = wait_for(2)
    with visitors(address, here):
        time.sleep(1)
        ray.kill(ray.get_actor(before[0], namespace="serve"))
        time.sleep(3)
    until = time.monotonic() + 60
    while (len(replicas()) < 2 or before[0] in replicas()) and time.monotonic() < until:
        time.sleep(0.2)
    assert before[0] not in replicas() and len(replicas()) == 2  # another took its place


def test_fewer_and_more_replicas_under_load(address: str, here) -> None:
    with visitors(address, here):
        deploy(replicas=1, pin=True)
        wait_for(1)
        time.sleep(0.5)
        deploy(replicas=2, pin=True)
        wait_for(2)
        time.sleep(0.5)


def test_a_slow_replica_gets_less_to_do(address: str) -> None:
    deploy(LameEngine, replicas=2, at_once=2)
    engine = RemoteEngine(address)
    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        numbers = Counter(int(said[0]) for said in pool.map(engine.understood, [[TEXT]] * 60))
    assert numbers[1] > 2 * numbers[0] and sum(numbers.values()) == 60
    assert time.monotonic() - start < 60 * SLOW_S / 2


def test_replicas_come_and_go_with_what_is_asked(address: str) -> None:
    deploy(LameEngine, replicas=1, most=2, at_once=16, calm_s=2.0)
    wait_for(1)
    engine, stop = RemoteEngine(address), threading.Event()

    def visit(_: int) -> None:
        while not stop.is_set():
            engine.understood([TEXT])

    with ThreadPoolExecutor(24) as pool:
        visits = pool.map(visit, range(24))
        try:
            wait_for(2)
        finally:
            stop.set()
        list(visits)
    wait_for(1)


def test_what_two_engines_make_of_many_photos_is_what_one_makes(address: str, here, tmp_path) -> None:
    folder, captions = gallery(tmp_path, 70)
    (folder / "030.png").write_bytes(b"no picture")
    captions.write_text(captions.read_text("utf-8").replace("030.png", "031.png"), "utf-8")
    for engines, times in (("0", 1), ("2", 2)):  # the second time there is nothing left to read
        how = ["--engines", engines, "--cpus", "0.5"]
        for _ in range(times):
            assert bulk.main(["evaluate", str(folder), str(captions), str(tmp_path / engines), *how]) == 0
    for name in ("index.json", "photos.jsonl", "vectors.f16", "captions.npy", "owners.npy", "recall.json"):
        assert (tmp_path / "2" / name).read_bytes() == (tmp_path / "0" / name).read_bytes(), name
