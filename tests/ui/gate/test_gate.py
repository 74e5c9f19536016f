"""Names of hosts, sessions, places and the log, each by itself."""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest

from mmdemo.errors import ImageError
from mmdemo.inputs.uploads import Decoders
from mmdemo.ui.gate import headers, receive, wire
from mmdemo.ui.gate.asker import WAITS, AskerLeft, still_wanted
from mmdemo.ui.gate.calls import holds_file
from mmdemo.ui.gate.log import note_failure
from mmdemo.ui.gate.places import LEFT_SECONDS, YOURS, Places
from mmdemo.ui.gate.sessions import IDLE_SECONDS, LeanSessions
from mmdemo.ui.gate.told import told
from mmdemo.ui.once import Once
from tests.hostile import pictures


def run(work: Coroutine) -> object:
    """`work`'s answer from a loop in a thread of its own: where a browser was started, this one's loop still runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_a_local_server_answers_to_local_names_only():
    assert headers.known_hosts("127.0.0.1", {}) == ["localhost", "127.0.0.1", "::1", "[::1]"]
    assert headers.known_hosts(None, {}) == headers.known_hosts("localhost", {})


def test_a_server_and_a_space_answer_to_the_names_they_are_given():
    given = {"MMDEMO_HOSTS": "demo.example.org, *.school.example", "SPACE_HOST": "Me-Demo.hf.space"}
    known = headers.known_hosts("0.0.0.0", given)
    assert {"demo.example.org", "*.school.example", "me-demo.hf.space", "localhost"} <= set(known)
    assert "*" not in known


def test_pages_that_may_embed_are_named():
    assert "frame-ancestors 'self' https://huggingface.co" in headers.policy({})
    assert headers.policy({"MMDEMO_FRAMES": "https://course.example"}).endswith(" https://course.example")


@pytest.mark.parametrize(
    ("peer", "named", "visitor"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("10.0.0.7", "9.9.9.9, 8.8.8.8", "8.8.8.8"),
        ("8.8.8.8", "9.9.9.9", "8.8.8.8"),
        ("", "", ""),
    ],
)
def test_a_proxy_is_believed_and_a_stranger_is_not(peer: str, named: str, visitor: str):
    asked = [(b"x-forwarded-for", named.encode())] if named else []
    assert wire.visitor_of({"client": (peer, 1), "headers": asked}) == visitor


def test_a_session_keeps_states_and_no_texts(demo):
    sessions = LeanSessions()
    sessions.blocks = demo
    session = sessions["a"]
    box = next(block for block in demo.blocks.values() if block.get_block_name() == "textbox")
    state = next(block for block in demo.blocks.values() if block.get_block_name() == "state")
    session[box._id] = box
    session._update_value_in_config(box._id, "x" * 1000)
    session[state._id] = "kept"
    assert session[state._id] == "kept"
    assert session.config_values == {}


def test_sessions_are_let_go_when_there_are_too_many(demo):
    sessions = LeanSessions()
    sessions.blocks, sessions.capacity = demo, 3
    for name in "abcdef":
        assert sessions[name] is sessions[name]
    assert list(sessions.session_data) == ["d", "e", "f"]


def test_sessions_that_nobody_uses_are_let_go_and_no_page_holds_a_connection_for_that(demo):
    sessions = LeanSessions()
    sessions.blocks = demo
    assert sessions["old"] is not None
    sessions.time_last_used["old"] -= timedelta(seconds=IDLE_SECONDS + 1)
    kept = sessions["new"]
    sessions.forget()
    assert sessions["new"] is kept and list(sessions.session_data) == list(sessions.time_last_used) == ["new"]
    assert demo.get_config_file()["connect_heartbeat"] is False


def test_whatever_gradio_sends_by_itself_when_a_page_opens_waits_in_no_queue(demo):
    sent = [fn for fn in demo.fns.values() if fn.fn and "load" in {event for _, event in fn.targets}]
    assert sent == []  # the first tab is opened by `visit.js`, outside the queue


def test_whoever_does_not_listen_loses_the_place():
    event = SimpleNamespace(session_hash="s", _id="e", enqueue_time=time.monotonic(), request=None)
    cleaned = []

    async def clean_events(event_id: str) -> None:
        cleaned.append(event_id)

    queue = SimpleNamespace(
        event_queue_per_concurrency_id={"model": SimpleNamespace(queue=[event])}, active_jobs=[None], max_size=64,
        pending_event_ids_session={"s": {"e"}}, pending_messages_per_session={}, clean_events=clean_events,
    )  # fmt: skip
    places = Places(SimpleNamespace(_queue=queue))
    with places.listening("s"):
        run(places.look(event.enqueue_time + 10 * LEFT_SECONDS))
    assert cleaned == []
    run(places.look(time.monotonic() + LEFT_SECONDS - 1))
    assert cleaned == []
    run(places.look(time.monotonic() + LEFT_SECONDS + 1))
    assert cleaned == ["e"]


class Line(list):
    """A queue as gradio's: its length, and how many it takes."""

    max_size = 64
    event_queue_per_concurrency_id: ClassVar[dict] = {}


def test_work_whose_asker_has_left_holds_no_place():
    events = [SimpleNamespace(session_hash="s", _id=str(n), alive=True, request=None) for n in range(YOURS)]
    queue = Line()
    queue.active_jobs = [events]
    places = Places(SimpleNamespace(_queue=queue))
    with pytest.raises(wire.Refused) as refused, places.entering("s", "127.0.0.1"):
        pass
    assert (refused.value.status, refused.value.code) == (429, "places_yours")
    events[0].alive = False
    with places.entering("s", "127.0.0.1"):
        pass


def test_long_work_stops_for_nobody():
    still_wanted()
    token = WAITS.set(lambda: False)
    try:
        with pytest.raises(AskerLeft):
            still_wanted()
    finally:
        WAITS.reset(token)


def test_a_line_of_the_log_names_the_place_and_not_what_was_said(caplog):
    try:
        raise ValueError("my diary")
    except ValueError as error:
        note_failure("It failed", error)
        note_failure("It failed", error, private=False)
    first, second = caplog.messages
    assert "ValueError at test_gate.py" in first and "diary" not in first and "\n" not in first
    assert "my diary" in second


@pytest.mark.parametrize("value", [{"path": "x"}, [{"a": {"url": "x"}}], [[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]])
def test_a_file_is_found_wherever_it_hides(value: object):
    assert holds_file(value)
    assert not holds_file(["a", {"text": "a path"}, 7, None])


@pytest.mark.parametrize(
    "fields", [None, [], {}, {"n": None}, {"n": True}, {"n": "1"}, {"n": 9}, {"n": -1}, {"n": 1.5}]
)
def test_what_a_click_tells_is_checked(fields: object):
    with pytest.raises(Exception, match="does not fit"):
        told(SimpleNamespace(_data=fields), "n", int, count=9)
    assert told(SimpleNamespace(_data={"n": 8}), "n", int, count=9) == 8


@pytest.mark.parametrize("name", ["", None, "..", "a/../..", "\0", "C:\\x\\y.png", "x" * 999, ".hidden", "照片.jpg"])
def test_a_plain_name_is_the_last_part_of_a_path(name: str | None):
    found = receive.plain_name(name)
    assert found and "/" not in found and "\\" not in found and "\0" not in found and not found.startswith(".")
    assert len(found.encode()) <= 120


def test_an_opening_is_worked_out_once_and_again_only_after_a_failure():
    asked = []

    def answer() -> int:
        asked.append(1)
        if len(asked) == 1:
            raise ValueError("not yet")
        return 7

    once = Once(answer)
    with pytest.raises(ValueError, match="not yet"):
        once()
    assert [once(), once(), len(asked)] == [7, 7, 2]


def test_a_decoder_that_takes_too_long_is_killed_and_the_next_picture_is_read(tmp_path, monkeypatch):
    async def work() -> list[ImageError | None]:
        decoders = Decoders(deadline=60)
        found = []
        for name, content in (
            ("good", pictures.with_place()),
            ("slow", pictures.black()),
            ("good", pictures.with_place()),
        ):
            (tmp_path / name).write_bytes(content)
            decoders.deadline = 0.005 if name == "slow" else 60
            found.append(await decoders.clean(tmp_path / name, tmp_path / f"{name}.clean", f"{name}.jpg"))
        return found

    first, slow, last = run(work())
    assert first is None and last is None and slow.code == "image_too_slow"
    assert (tmp_path / "good.clean").exists() and not (tmp_path / "slow.clean").exists()
