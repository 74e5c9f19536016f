"""What a load balancer and Prometheus ask the server itself."""

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from mmdemo.ui.gate.health import Health
from tests.hostile import pictures
from tests.hostile.wire import Visitor
from tests.serve import running

ELSEWHERE = {"Host": "10.1.2.3:8080"}  # as a load balancer that knows an address only


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[str]:
    with running("fake", tmp_path_factory.mktemp("uploads"), MMDEMO_METRICS="1") as server:
        yield server.address


def get(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def asked(demo: object, path: str) -> tuple[int, bytes]:
    """What the layer alone answers."""
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    with ThreadPoolExecutor(1) as thread:  # where a browser was started, this thread's loop still runs
        thread.submit(asyncio.run, Health(None, demo)(scope, None, send)).result()
    return sent[0]["status"], sent[1]["body"]


def test_alive_and_ready_are_answered_whatever_the_host_is_called(address: str):
    assert get(address, "/healthz", **ELSEWHERE) == get(address, "/readyz", **ELSEWHERE) == (200, "ok\n")
    assert get(address, "/healthz", "HEAD", **ELSEWHERE) == (200, "")
    assert get(address, "/", **ELSEWHERE)[0] == 400
    assert get(address, "/healthz", "POST")[0] == get(address, "/healthz/more")[0] == 404


def test_it_is_not_ready_while_models_are_loaded_and_when_it_leaves():
    go_on = threading.Event()
    warming = threading.Thread(target=go_on.wait)
    warming.start()
    demo = SimpleNamespace(leaving=False, warming=warming)
    assert asked(demo, "/readyz") == (503, b"models are being loaded\n")
    assert asked(demo, "/healthz")[0] == 200
    go_on.set()
    warming.join()
    assert asked(demo, "/readyz") == (200, b"ok\n")
    demo.leaving = True
    assert asked(demo, "/readyz") == (503, b"leaving\n")
    assert asked(demo, "/healthz")[0] == 200


def test_metrics_are_there_only_where_they_were_asked_for(address: str):
    assert get(address, "/metrics")[0] == 404


def test_metrics_are_told_to_our_own_network_alone(watched: str):
    assert get(watched, "/metrics", **{"X-Forwarded-For": "8.8.8.8"})[0] == 404
    assert get(watched, "/metrics", **{"X-Forwarded-For": "10.0.0.7"})[0] == 200
    assert get(watched, "/metrics", **ELSEWHERE)[0] == 400


def test_metrics_count_what_visitors_ask_and_name_nothing_of_theirs(watched: str, tmp_path: Path):
    visitor = Visitor(watched)
    photo = visitor.photo("holiday.png", pictures.with_place(kind="PNG"))
    assert visitor.call("match", [photo, ["xyzzy plugh"]])[0] == "complete"
    assert visitor.call("sentiment", [None, " "])[0] == "error"
    assert visitor.call("nosuch", [])[0] == "refused"
    status, told = get(watched, "/metrics")
    assert status == 200
    assert re.search(r'mmdemo_answer_seconds_count{question="match"} [1-9]', told)  # its tab's opening is one too
    assert 'mmdemo_refused_total{kind="call_unknown"}' in told
    assert re.search(r'mmdemo_errors_total{kind="\w+",question="sentiment"} 1.0', told)
    assert 'mmdemo_queue_length{line="page"} 0.0' in told
    assert not any(word in told for word in ("xyzzy", "plugh", "holiday", "127.0.0.1", "nosuch"))
