"""The engine behind Ray Serve: replicas on one machine or many, more of them while more is asked.

    pip install -e ".[ray]"
    python -m mmdemo.serving.ray --replicas 2 [--most 8] [--gpus 0.25] [--address ray://HOST:10001]
    python app.py --engine http://HOST:8000

Ray Serve brings what is beyond one process: it starts replicas and starts lost ones anew, sends each question to the
shorter of two lines, and counts questions under way to decide how many replicas there should be. Its dynamic batching
(`serve.batch`) is not used: it waits a set time for calls of one method and runs them as one list, whereas our batcher
(`batcher.py`) gathers what waits for one network, whichever question it is for, never waits while the device is idle,
and keeps an error with its question. So a replica takes `AT_ONCE` questions together, and batches them itself.
Read next: `replica.py`, `client.py`.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from mmdemo.errors import BusyError
from mmdemo.serving.client import LostError
from mmdemo.serving.replica import AT_ONCE, Replica

if TYPE_CHECKING:
    from ray.serve.handle import DeploymentHandle

    from mmdemo.engine import Engine

NAME = "mmdemo"
PORT = 8000
LINE = 1024  # questions that wait at one proxy before it says that it is busy
FULL = 8  # questions under way at each replica, from which on there should be more of them
LEAVE_S = 20.0  # how long a replica that is told to stop finishes what it has


class EngineReplica(Replica):
    """A replica that Ray started, bound to a core of its own where that is asked for."""

    def __init__(self, build: Callable[[], Any], at_once: int, pin: bool) -> None:
        from ray import serve

        place = serve.get_replica_context().rank.local_rank
        super().__init__(build, at_once, place % os.cpu_count() if pin else None)


def build_engine(device: str | None = None, offline: bool | None = None) -> "Engine":
    """`mmdemo.load`, where a replica starts."""
    from mmdemo.engine import Engine  # heavy: torch

    return Engine(device, offline)


def connect(address: str | None = None, **options: Any) -> None:
    """Connect this process to a cluster, or begin one on this machine; nothing where that is done. See `start`."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before Ray is imported: it would call out
    import ray

    if ray.is_initialized():
        return
    here = {} if address else {"include_dashboard": False}
    ray.init(address or "local", log_to_driver=False, **here, **options)  # without one, Ray would look for any


def start(address: str | None = None, host: str = "127.0.0.1", port: int = PORT, **options: Any) -> None:
    """Connect to a cluster, or begin one on this machine, with an HTTP proxy.

    Args:
        address: "ray://HOST:10001" or "auto" for one that runs; None begins one.
        host, port: where the proxy listens.
        **options: as `ray.init`.
    """
    os.environ.setdefault("RAY_SERVE_CONTROL_LOOP_INTERVAL_S", "0.5")  # every 0.1 s costs a twentieth of a core
    connect(address, **options)
    from ray import serve

    serve.start(http_options={"host": host, "port": port})


def deploy(
    build: Callable[[], Any] = build_engine, replicas: int = 1, most: int | None = None, cpus: float = 1.0,
    gpus: float = 0.0, at_once: int = AT_ONCE, pin: bool = False, calm_s: float = 30.0,
    name: str = NAME, prefix: str = "/",
) -> "DeploymentHandle":  # fmt: skip
    """Serve the engine by so many replicas, or change how many there are; returns when they can be asked.

    Args:
        build: makes a replica's engine; has to be importable there.
        replicas: how many; with `most` the fewest.
        most: replicas that there may be while much is asked; None keeps their number.
        cpus, gpus: of each, parts of one too: four replicas share a GPU with 0.25.
        at_once: questions that one replica works on together.
        pin: bind each to a core of its own.
        calm_s: how long less has to be asked before there are fewer.
        name, prefix: another one and where it is found, for a second deployment beside the first.
    """
    from ray import serve

    count: dict[str, Any] = {"num_replicas": replicas}
    if most is not None:
        scaling = {"min_replicas": replicas, "max_replicas": most, "target_ongoing_requests": FULL}
        count = {"autoscaling_config": scaling | {"upscale_delay_s": 2.0, "downscale_delay_s": calm_s}}
    served = serve.deployment(
        EngineReplica, name=name, ray_actor_options={"num_cpus": cpus, "num_gpus": gpus}, max_ongoing_requests=at_once,
        max_queued_requests=LINE, graceful_shutdown_timeout_s=LEAVE_S, health_check_period_s=2.0, **count,
    )  # fmt: skip
    return serve.run(served.bind(build, at_once, pin), name=name, route_prefix=prefix)


class ClusterRoad:
    """Over a cluster's own connections: see `client.Road`. What travels are messages of `wire.py`.

    Args:
        address: "ray://HOST:PORT", over which an answer comes when all its parts are there (Ray's client carries no
            streams), or "auto" on a machine of the cluster.

    Raises:
        BusyError: there is no such cluster, or it serves no engine ("engine_away").
    """

    def __init__(self, address: str) -> None:
        from ray import serve
        from ray.serve.exceptions import RayServeException

        try:
            connect(address)
            handle = serve.get_app_handle(NAME)
        except (ConnectionError, RayServeException) as error:
            message = f"Expected an engine at {address}; none answers. Try again soon."
            raise BusyError(message, "engine_away", address=address) from error
        self._streams = not address.startswith("ray://")
        how = {"method_name": "ask", "stream": True} if self._streams else {"method_name": "ask_whole"}
        self._handle = handle.options(**how)

    def frames(self, name: str, message: bytes, seconds: float) -> Iterator[bytes]:
        """As `client.Road.frames`."""
        from ray.exceptions import RayError
        from ray.serve.exceptions import BackPressureError, RayServeException

        try:
            answer = self._handle.remote(name, message, seconds)
            yield from answer if self._streams else answer.result(timeout_s=seconds)
        except TimeoutError:
            raise BusyError("Expected an answer in time; none came. Try again soon.", "engine_late") from None
        except BackPressureError as error:
            raise BusyError("Expected a shorter line at the replicas. Try again soon.", "engine_busy") from error
        except (RayError, RayServeException) as error:
            raise LostError(type(error).__name__) from error


def main(given: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser("python -m mmdemo.serving.ray", description=__doc__.splitlines()[0])
    parser.add_argument("--replicas", type=int, default=1, help="how many; with --most the fewest")
    parser.add_argument("--most", type=int, help="replicas while much is asked")
    parser.add_argument("--cpus", type=float, default=1.0, help="of each replica")
    parser.add_argument("--gpus", type=float, default=0.0, help="of each replica; 0.25 lets four share one")
    parser.add_argument("--device", help="cpu, cuda or mps; the best one there if not given")
    parser.add_argument("--pin", action="store_true", help="bind each replica to a core of its own")
    parser.add_argument("--address", help="of a cluster that runs (auto, ray://HOST:10001); none begins one here")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args(given)
    start(asked.address, asked.host, asked.port)
    build = partial(build_engine, asked.device)
    deploy(build, asked.replicas, asked.most, asked.cpus, asked.gpus, pin=asked.pin)
    print(f"python app.py --engine http://{asked.host}:{asked.port}", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
