"""Events in the wrong order, too many of them, and callers who hang up."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from mmdemo.ui.gate.places import YOURS
from tests.hostile import pictures
from tests.hostile.wire import Visitor, detail
from tests.serve import Running, running

PICTURE = pictures.saved(Image.new("RGB", (64, 48), "green"), "PNG")


@pytest.fixture(scope="module")
def slow(tmp_path_factory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("slow")
    made = {"MMDEMO_TEST_PARTS": str(folder / "parts"), "MMDEMO_TEST_GO": str(folder / "go")}
    with running("slow", folder / "uploads", folder / "log", **made) as found:
        yield found
    assert "Traceback" not in (folder / "log").read_text()


@pytest.mark.parametrize("session", ["a page", None])
def test_one_visitor_holds_a_few_places_and_another_still_gets_one(slow: Running, session: str | None):
    greedy, go = Visitor(slow.address, session), slow.uploads.parent / "go"
    go.unlink(missing_ok=True)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: greedy.ask_for("sentiment", [None, f"held {n}"]), range(16)))
    taken = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(taken) == YOURS and len(refused) == 16 - YOURS
    assert all("still waiting" in detail(answer) and answer.headers["retry-after"] for answer in refused)
    other = Visitor(slow.address)
    place = other.ask_for("sentiment", [None, "fine"])
    go.touch()
    assert other.heard("sentiment", json.loads(place.body)["event_id"])[0] == "complete"
    events = [json.loads(answer.body)["event_id"] for answer in taken]
    heard = [greedy.ask("GET", f"/gradio_api/call/sentiment/{event}").text for event in events]
    assert "".join(heard).count("event: complete") == YOURS  # a page hears all on its one line


def test_work_stops_when_whoever_asked_hangs_up(slow: Running):
    visitor = Visitor(slow.address)
    photo = visitor.photo("a.png", PICTURE)
    given = [photo, "a lion", *[None] * (len(pages_inputs(visitor, "faithfulness")) - 2)]
    event = json.loads(visitor.ask_for("faithfulness", given).body)["event_id"]
    line = visitor.connection()
    line.request("GET", f"/gradio_api/call/faithfulness/{event}")
    answer = line.getresponse()
    counted = slow.uploads.parent / "parts"
    wait_for(counted.exists)
    answer.close()
    line.close()
    wait_for(lambda: standing_still(counted))
    assert int(counted.read_text()) < 110  # of 119: it did not simply come to its end
    assert visitor.call("sentiment", [None, "fine"])[0] == "complete"


def pages_inputs(visitor: Visitor, name: str) -> list[int]:
    """Widgets that an endpoint reads."""
    events = json.loads(visitor.ask("GET", "/config").body)["dependencies"]
    return next(event["inputs"] for event in events if event["api_name"] == name)


def standing_still(path: Path) -> bool:
    """Whether a file stays the same for a second."""
    before = path.read_text()
    time.sleep(1)
    return path.read_text() == before


def wait_for(true: object, seconds: float = 60) -> None:
    """Wait until it is, or fail."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_events_in_the_wrong_order_harm_nobody(slow: Running):
    visitor = Visitor(slow.address)
    for path in ("queue/data?session_hash=never", "queue/data", "call/match/never", "upload_progress?upload_id=never"):
        visitor.ask("GET", f"/gradio_api/{path}", timeout=20)
    for body in ({"session_hash": "never", "fn_index": 1, "event_id": "never"}, {}, {"event_id": 7}):
        for path in ("cancel", "reset"):
            assert visitor.ask("POST", f"/gradio_api/{path}", body).status in (200, 422)
    event = json.loads(visitor.ask_for("sentiment", [None, "slow"]).body)["event_id"]
    left = {"session_hash": visitor.session, "fn_index": 0, "event_id": event}
    assert visitor.ask("POST", "/gradio_api/cancel", left).status == 200
    assert visitor.ask("POST", "/gradio_api/cancel", left).status == 200
    assert Visitor(slow.address).call("sentiment", [None, "fine"])[0] == "complete"


def test_many_calls_that_nobody_fetches_leave_room_for_others(slow: Running):
    for _ in range(40):
        Visitor(slow.address).ask_for("sentiment", [None, "quick"])
    assert Visitor(slow.address).call("sentiment", [None, "fine"])[0] == "complete"
