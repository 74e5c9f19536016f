"""Two replicas, each bound to a core, against one: answers a second, as a ratio, in one run.

`python -m pytest tests/benchmarks/test_two_replicas.py -s` prints the ratios of all rounds. Proxy and visitors run on
the same cores, so that on two cores nothing can give twice as much.
"""

import os
import statistics
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}  # before Ray is imported
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Ray's own use of pydantic
    ray = pytest.importorskip("ray", reason='Ray is an extra: pip install -e ".[ray]"')
    pytest.importorskip("ray.serve")

from mmdemo.serving.client import RemoteEngine
from mmdemo.serving.ray import deploy
from tests.pictures import picture
from tests.serving import cluster
from tests.serving.questions import TEXT, TEXTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("MMDEMO_BENCHMARKS") != "1", reason="set MMDEMO_BENCHMARKS=1 to measure"),
    pytest.mark.filterwarnings("ignore"),
]
VISITORS, ROUNDS, SECONDS = 8, 5, 3.0
ASKED = {
    "match": lambda engine, photo: engine.match(photo, TEXTS),
    "explain": lambda engine, photo: engine.explain(photo, TEXT),
}


@pytest.fixture(scope="module")
def engines():
    port = cluster.begin()
    for number in (1, 2):
        deploy(replicas=number, pin=True, name=f"replicas-{number}", prefix=f"/{number}")
    yield {number: RemoteEngine(f"http://127.0.0.1:{port}/{number}") for number in (1, 2)}
    ray.shutdown()


def rate(engine: RemoteEngine, ask, fresh) -> float:
    """Answers a second of visitors who each bring another photo every time."""
    until, answers, guard = time.monotonic() + SECONDS, [0], threading.Lock()

    def visit(_: int) -> None:
        while time.monotonic() < until:
            ask(engine, picture(next(fresh)))
            with guard:
                answers[0] += 1

    start = time.monotonic()
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(visit, range(VISITORS)))
    return answers[0] / (time.monotonic() - start)


@pytest.mark.parametrize("name", ASKED)
def test_two_replicas_against_one(name: str, engines) -> None:
    fresh, ratios = count(1000), []
    for engine in engines.values():
        rate(engine, ASKED[name], fresh)  # warm
    for _ in range(ROUNDS):
        one, two = (rate(engines[number], ASKED[name], fresh) for number in (1, 2))
        ratios.append(two / one)
        print(f"\n{name}: {one:.1f} answers a second of one, {two:.1f} of two, ratio {two / one:.2f}", end="")
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"\n{name}: ratio {middle:.2f}, quartiles {low:.2f} to {high:.2f}, {ROUNDS} rounds")
    assert middle > 1
