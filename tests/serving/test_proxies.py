"""Two pages behind one address, by each configuration that is shipped; skipped where the proxy is not installed."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mmdemo.ui.phrases import ERRORS
from tests.hostile import pictures
from tests.hostile.wire import Answer, Visitor
from tests.serving.proxies import DEPLOY, Behind, command, program, proxied

PROXIES = ("nginx", "caddy")
COOKIE = "mmdemo_page"


def need(name: str) -> None:
    if program(name) is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")


@pytest.fixture(scope="module", params=PROXIES)
def behind(request, tmp_path_factory) -> Iterator[Behind]:
    need(request.param)
    with proxied(request.param, tmp_path_factory.mktemp(request.param), "slow") as found:
        yield found


@dataclass
class Browser(Visitor):
    """A visitor who opens a page first and keeps the cookie that comes with it."""

    cookie: str = ""

    def ask(self, method: str, path: str, body: Any = None, headers: dict | None = None, timeout: float = 60) -> Answer:
        answer = super().ask(method, path, body, {**(headers or {}), "Cookie": self.cookie}, timeout)
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        return answer


def arrived(address: str) -> Browser:
    browser = Browser(address)
    assert browser.ask("GET", "/").status == 200
    assert browser.cookie.startswith(f"{COOKIE}=")
    return browser


def ask_about_a_photo(visitor: Visitor) -> str:
    photo = visitor.photo("a.png", pictures.with_place(kind="PNG"))
    return visitor.call("match", [photo, ["a dog"]])[0]


def asked_again(visitor: Visitor, name: str, data: list[Any]) -> str:
    """As the page asks (`again.js`): what is told to come back comes back."""
    for _ in range(8):
        kind, answer = visitor.call(name, data)
        if kind != "refused":
            return kind
        assert answer == (503, ERRORS["page_leaving"][0])
        time.sleep(1)
    return kind


@pytest.mark.parametrize("name", PROXIES)
def test_its_own_program_accepts_the_configuration(name: str, tmp_path: Path):
    need(name)
    arguments, environment = command(name, tmp_path, ["127.0.0.1:7861", "127.0.0.1:7862"], 8000)
    check = [*arguments, "-t"] if name == "nginx" else [arguments[0], "validate", *arguments[2:]]
    done = subprocess.run(check, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "said"), [("nginx.conf", "101m"), ("Caddyfile", "101MB")])
def test_both_configurations_bound_bodies_hide_metrics_and_know_the_same_cookie(name: str, said: str):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert all(sentence in text for sentence in ERRORS["page_leaving"])
    assert all(word in text for word in (said, "/metrics", COOKIE, "page-1:7860", "page-2:7860"))


def test_visitors_are_spread_over_the_pages_and_each_stays_where_the_photo_is(behind: Behind):
    for _ in range(20):  # each goes to one of two: all to the same one once in half a million
        assert ask_about_a_photo(arrived(behind.address)) == "complete"
        if all(list(page.uploads.rglob("a.png")) for page in behind.pages):
            return
    pytest.fail("one page had all visitors")


def test_a_program_that_keeps_no_cookie_stays_with_one_page(behind: Behind):
    assert [ask_about_a_photo(Visitor(behind.address)) for _ in range(3)] == ["complete"] * 3


def test_the_pages_figures_are_not_told_through_the_proxy(behind: Behind):
    assert Visitor(behind.address).ask("GET", "/metrics").status == 404
    assert Visitor(behind.pages[0].address).ask("GET", "/metrics").status == 200


def test_an_answer_comes_as_a_stream_and_not_all_at_its_end(behind: Behind):
    browser = arrived(behind.address)
    config = json.loads(browser.ask("GET", "/config").body)
    index = next(fn["id"] for fn in config["dependencies"] if fn["api_name"] == "sentiment")
    asked = {"data": [None, "slow"], "fn_index": index, "session_hash": browser.session}
    assert browser.ask("POST", "/gradio_api/queue/join", asked).status == 200
    line = browser.connection()
    line.request("GET", f"/gradio_api/queue/data?session_hash={browser.session}", headers={"Cookie": browser.cookie})
    heard = line.getresponse()
    moments = {}
    while "process_completed" not in moments:
        told = heard.readline()
        if told.startswith(b"data: "):
            moments[json.loads(told[6:])["msg"]] = time.monotonic()
    line.close()
    assert moments["process_completed"] - moments["process_starts"] > 0.5  # the answer takes a second


def test_when_a_page_is_killed_its_visitors_are_answered_by_the_other(behind: Behind):
    """The last test of each proxy: the page stays dead."""
    browsers = [arrived(behind.address) for _ in range(8)]
    photos = [browser.photo("a.png", pictures.with_place(kind="PNG")) for browser in browsers]
    behind.pages[0].process.kill()
    behind.pages[0].process.wait()
    assert [asked_again(browser, "sentiment", [None, "a fine day"]) for browser in browsers] == ["complete"] * 8
    answers = [browser.call("match", [photo, ["a dog"]]) for browser, photo in zip(browsers, photos, strict=True)]
    assert {kind for kind, _ in answers} <= {"complete", "error"}  # "Upload the photo first", for those that were there
    assert ask_about_a_photo(arrived(behind.address)) == "complete"
