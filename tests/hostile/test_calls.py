"""Calls that fit nothing, bodies without end, addresses that the page does not need, names that are not ours."""

import contextlib
import json
import random
import socket
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hostile.conftest import SECRET
from tests.hostile.wire import META, Visitor, detail

JUNK = (
    None,
    True,
    -1,
    1e308,
    float("nan"),
    "",
    SECRET,
    "\ud83d",
    [],
    [[]],
    {},
    {"a": {}},
    {"path": SECRET},
    [None] * 9,
)


def sentence(kind: str, said: object) -> str:
    """What a caller reads; it must be there."""
    found = said[1] if kind == "refused" else said["error"] if kind == "error" else "answered"
    assert isinstance(found, str) and len(found) > 5, (kind, said)
    assert "Traceback" not in found and "site-packages" not in found and "/work" not in found
    return found


@pytest.mark.parametrize(
    "name",
    [
        "match",
        "sentiment",
        "compare",
        "ledger",
        "reconstruct",
        "attention",
        "faithfulness",
        "caption",
        "answer",
        "search",
    ],
)
def test_a_malformed_call_of_the_api_gets_a_sentence(visitor: Visitor, name: str):
    dice = random.Random(name)
    for _ in range(25):
        data = [dice.choice(JUNK) for _ in range(dice.choice([0, 1, 2, 3, 4, 8, 9, 40]))]
        sentence(*visitor.call(name, data))


def test_every_private_event_answers_junk_with_a_sentence(visitor: Visitor):
    dice = random.Random(11)
    config = json.loads(visitor.ask("GET", "/config").body)
    events = [event for event in config["dependencies"] if event["backend_fn"]]
    for event in dice.sample(events, 60):
        count = len(event["inputs"])
        data = [dice.choice(JUNK) for _ in range(count)]
        told = dice.choice([None, {}, {"index": 99}, {"index": "a"}, {"word": SECRET, "row": -1}, {"left": {}}])
        sentence(*visitor.event(event["id"], data, told))
        sentence(*visitor.event(event["id"], data[1:] + [1, 2], told))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b'"text"', b"null", b"\xff\xfe", b"{}", b'{"data": 7}', b'{"data": {}}',
        b"[" * 100_000, b'{"data": [], "fn_index": "0"}', b'{"data": [], "fn_index": true}',
        b'{"data": [], "fn_index": 10e9}', b'{"data": [], "event_data": []}', b'{"data": [], "session_hash": 7}',
        b'{"data": [], "trigger_id": {}}', b'{"data": [], "session_hash": "' + b"x" * 1000 + b'"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["queue/join", "call/match", "run/match", "call/v2/match", "cancel"])
def test_a_body_that_is_no_call_gets_a_sentence(visitor: Visitor, body: bytes, path: str):
    answer = visitor.ask("POST", f"/gradio_api/{path}", body, {"Content-Type": "application/json"})
    assert 400 <= answer.status < 500, answer.text
    assert detail(answer)


@pytest.mark.parametrize("name", ["nothing", "", "match/../x", "%00", "一" * 50, "__proto__"])
def test_an_endpoint_that_is_not_there_gets_a_sentence(visitor: Visitor, name: str):
    for base in ("call", "run", "api", "call/v2"):
        answer = visitor.ask("POST", f"/gradio_api/{base}/{urllib.parse.quote(name)}", {"data": []})
        assert answer.status in (404, 405, 422), (base, name, answer.text)
        assert detail(answer)


def test_an_event_that_is_not_there_gets_a_sentence(visitor: Visitor):
    for index in (-1, 100_000, None):
        kind, said = visitor.event(index, [])
        assert kind == "refused" and said[0] in (404, 422) and said[1]
    assert visitor.ask("GET", "/gradio_api/call/match/unknown").status == 200  # a stream that ends with an error
    assert (
        visitor.ask("POST", "/gradio_api/cancel", {"session_hash": "a", "fn_index": 0, "event_id": "b"}).status == 200
    )


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["queue/join", "call/match", "run/match", "cancel", "reset"])
def test_a_body_above_the_limit_is_refused_however_it_comes(visitor: Visitor, path: str, chunked: bool):
    body = b'{"data": ["' + b"x" * 400_000 + b'"]}'
    line = visitor.connection()
    given = iter([body[i : i + 50_000] for i in range(0, len(body), 50_000)]) if chunked else body
    line.request("POST", f"/gradio_api/{path}", given, {"Content-Type": "application/json"}, encode_chunked=chunked)
    answer = line.getresponse()
    assert answer.status == 413
    assert "too long" in json.loads(answer.read())["detail"]
    line.close()


CLOSED = (
    "GET /gradio_api/deep_link?session_hash=a", "GET /gradio_api/proxy=https://a.hf.space/",
    "POST /gradio_api/stream/a", "POST /gradio_api/component_server", "POST /gradio_api/process_recording",
    "POST /gradio_api/vibe-edit", "GET /gradio_api/vibe-code", "GET /monitoring", "GET /monitoring/summary",
    "GET /gradio_api/dev/reload", "POST /login", "GET /gradio_api/custom_component/a/client/b/c.js",
    "GET /gradio_api/runs", "GET /docs", "GET /openapi.json", "PUT /gradio_api/upload", "DELETE /", "TRACE /",
    "GET /gradio_api/queue/join", "GET /gradio_api/token", "GET /gradio_api/stream/a/b/c/playlist.m3u8",
    "GET /gradio_api/heartbeat/a", "GET /..%2f..%2fetc/passwd", "GET /static/..%2f..%2froutes.py",
)  # fmt: skip


@pytest.mark.parametrize("request_line", CLOSED)
def test_an_address_that_the_page_does_not_need_is_closed(visitor: Visitor, request_line: str):
    method, path = request_line.split()
    assert visitor.ask(method, path, b"{}" if method == "POST" else None).status in (403, 404, 405)


# ---- hosts and headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "a.localhost", "[::2]"]
)
def test_another_name_is_not_answered(visitor: Visitor, host: str):
    for path in ("/", "/config", "/gradio_api/info"):
        answer = visitor.ask("GET", path, headers={"Host": host, "Origin": f"http://{host}"})
        assert answer.status == 400 and "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1234", "[::1]:80", "LOCALHOST"])
def test_this_machine_is_answered_by_its_names(visitor: Visitor, host: str):
    assert visitor.ask("GET", "/config", headers={"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/", "/zh", "/config", "/theme.css", "/nothing", "/gradio_api/info"])
def test_every_answer_tells_the_browser_what_to_refuse(visitor: Visitor, path: str):
    headers = visitor.ask("GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self' https://huggingface.co" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]


def test_a_page_elsewhere_may_not_read_answers(visitor: Visitor):
    answer = visitor.ask("GET", "/config", headers={"Origin": "http://evil.example"})
    assert answer.headers.get("access-control-allow-origin") is None


# ---- half-sent


def raw(visitor: Visitor, sent: bytes) -> bytes:
    """What comes back on a connection that sends no more than this, until the server ends it."""
    parts = urllib.parse.urlsplit(visitor.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as line:
        line.sendall(sent)
        found = b""
        with contextlib.suppress(ConnectionResetError):  # cut off by the server: what came until then counts
            while part := line.recv(65_536):
                found += part
                if b"\r\n\r\n" in found:
                    break
        return found


HEADS = (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")


def test_a_head_that_does_not_come_ends_the_connection(visitor: Visitor):
    with ThreadPoolExecutor(len(HEADS)) as pool:
        assert list(pool.map(lambda sent: raw(visitor, sent), HEADS)) == [b""] * len(HEADS)


def test_a_body_that_does_not_come_ends_the_request(visitor: Visitor):
    kind = b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
    heads = [
        f"POST /gradio_api/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n".encode() + kind
        for path in ("queue/join", "call/match", "upload")
    ]
    with ThreadPoolExecutor(len(heads)) as pool:
        assert all(found.startswith(b"HTTP/1.1 408") for found in pool.map(lambda sent: raw(visitor, sent), heads))


def test_texts_of_megabytes_are_refused_and_none_is_kept(visitor: Visitor, server):
    for _ in range(10):
        assert visitor.ask("POST", "/gradio_api/call/sentiment", {"data": [None, "x" * 3_000_000]}).status == 413
    assert visitor.call("sentiment", [None, "fine"])[0] == "complete"


def test_html_in_a_call_comes_back_as_text(visitor: Visitor):
    kind, said = visitor.call("compare", [None, "fine", "<img src=x onerror=alert(1)>", None])
    assert kind == "error" and "<img" not in said["error"]
    assert visitor.call("match", [{"path": "<b>", "meta": META}, ["a"]])[0] == "error"
