"""Deploying and asking over `ray://`, the connection for machines outside the cluster."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mmdemo
from tests.pictures import picture
from tests.serving.cluster import ENVIRONMENT
from tests.serving.proxies import free_port

pytest.importorskip("ray", reason='Ray is an extra: pip install -e ".[ray]"')
pytestmark = pytest.mark.slow

TEXTS = ["a dog", "a red house"]
LATEST = Path("/tmp/ray/ray_current_cluster")
ASK = """
import sys
from mmdemo.serving.client import RemoteEngine
from mmdemo.serving.ray import ClusterRoad, deploy, start
from tests.pictures import picture

address, port, *texts = sys.argv[1:]
start(address, port=int(port))
deploy()
engine = RemoteEngine(address, ClusterRoad(address))
print("answer", *engine.match(picture(3), texts).similarity, flush=True)
print("parts", len(list(engine.spoken(picture(3)))), flush=True)
"""


def wait_for(port: int, seconds: float = 60.0) -> None:
    """Until somebody listens there."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "the cluster did not begin"
            time.sleep(0.2)
        else:
            return


@pytest.fixture
def cluster():
    """The address of a cluster begun by its command, and the environment of whoever asks there."""
    environment = os.environ | ENVIRONMENT | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    head, client = free_port(), free_port()
    ports = [f"--port={head}", f"--ray-client-server-port={client}", "--min-worker-port=0", "--max-worker-port=0"]
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", *ports, "--num-cpus=3", "--block"]
    with subprocess.Popen([*command, "--include-dashboard=false"], env=environment) as process:
        wait_for(client)
        yield f"ray://127.0.0.1:{client}", environment
        process.terminate()
        process.wait(60)
    if LATEST.exists() and f":{head}" in LATEST.read_text():
        LATEST.unlink()  # Ray leaves it behind, and the next `ray.init` would look for a cluster that is gone


def test_what_is_asked_over_ray_is_answered_as_here(cluster) -> None:
    address, environment = cluster
    for _ in range(3):  # a cluster that listens may yet have nobody who could begin a client's server
        asked = [sys.executable, "-c", ASK, address, str(free_port()), *TEXTS]
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=180)
        if "Starting Ray client server failed" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(("answer", "parts")))
    engine = mmdemo.load(device="cpu", offline=True)
    known = engine.match(picture(3), TEXTS).similarity
    assert list(map(float, said["answer"].split())) == pytest.approx(list(known), abs=1e-5)
    assert int(said["parts"]) == len(list(engine.spoken(picture(3))))
