"""The page behind the gate, in a real browser: the content policy, refused uploads, a full queue, many pages at once.

All of it over the stand-in for the engine, on a server of its own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from mmdemo.ui.page import PAGES, TABS
from tests.browser.conftest import Visit
from tests.browser.test_pages import PHONE
from tests.hostile import pictures
from tests.hostile.test_fuzz import MANY as NIGHT
from tests.serve import served

LANGUAGES = ("/", "/zh")
WATCH = """window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});"""
PAGES_AT_ONCE = 16 if NIGHT else 8
JOIN = "**/gradio_api/queue/join*"
TOLD = "All places are taken"


@pytest.fixture(scope="module")
def fake_address(tmp_path_factory) -> Iterator[str]:
    with served("fake", tmp_path_factory.mktemp("uploads")) as url:
        yield url.rstrip("/")


@pytest.fixture
def page(chromium, fake_address, request) -> Iterator[Visit]:
    """A window that also hears what the content policy forbids."""
    width, height = getattr(request, "param", (1366, 768))
    opened = chromium.new_page()
    opened.set_viewport_size({"width": width, "height": height})
    opened.add_init_script(WATCH)
    found = Visit(opened, fake_address)
    yield found
    opened.close()
    assert found.wrong == []


def opened(visit: Visit, path: str) -> Visit:
    """The page with its first answer."""
    visit.page.goto(visit.address + path)
    visit.page.wait_for_selector("#match-result .mm-card")
    return visit


@pytest.mark.parametrize("page", [(1366, 768), PHONE], indirect=True)
@pytest.mark.parametrize("path", LANGUAGES)
def test_every_tab_opens_and_the_content_policy_forbids_nothing_that_it_needs(page: Visit, path: str) -> None:
    opened(page, path)
    for tab in (*TABS, "about"):
        page.turn(tab)
        page.page.wait_for_selector(f"#{tab}-tab .mm-waiting", state="hidden")
        page.page.wait_for_timeout(500)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= page.page.viewport_size["width"]
    page.page.wait_for_selector("#attention-test [data-verdict]", state="attached")
    assert page.page.evaluate("window.violations") == []


def test_what_the_content_policy_forbids_is_heard(page: Visit) -> None:
    opened(page, "/").page.evaluate("new Image().src = 'http://192.0.2.1/x.png'")
    page.page.wait_for_function("window.violations.length == 1")
    assert page.page.evaluate("window.violations[0]").startswith("img-src http://192.0.2.1/")
    assert page.wrong
    page.wrong.clear()


@pytest.mark.parametrize("path", LANGUAGES)
def test_opening_a_page_joins_no_queue(page: Visit, path: str) -> None:
    asked = []
    page.page.on("request", lambda request: asked.append(request.url))
    opened(page, path).page.wait_for_timeout(1500)
    assert [url for url in asked if "/run/predict" in url]
    assert [url for url in asked if "queue/join" in url] == []


def large(folder: Path) -> Path:
    """A photo of 21 MB."""
    path = folder / "large.jpg"
    path.write_bytes(pictures.with_place() + bytes(21_000_000))
    return path


def wide(folder: Path) -> Path:
    """A drawing of 30 million pixels in some kilobytes."""
    path = folder / "wide.png"
    path.write_bytes(pictures.black(6000, 5000))
    return path


@pytest.mark.parametrize(
    ("make", "path", "sentence"),
    [
        (large, "/", "too large"),
        (large, "/zh", "太大"),
        (wide, "/", "pixels"),
        (wide, "/zh", "像素"),
    ],
)
def test_a_photo_that_is_too_much_is_refused_in_words_and_the_old_one_stays(
    page: Visit, tmp_path: Path, make: Callable[[Path], Path], path: str, sentence: str
) -> None:
    opened(page, path)
    photo, answer = "#pair-photo img", page.text("#match-result")
    first = page.page.get_attribute(photo, "src")
    page.page.set_input_files("#pair-photo input[type=file]", make(tmp_path))
    page.page.get_by_test_id("toast-text").get_by_text(sentence).wait_for()
    page.page.wait_for_function("([s, f]) => document.querySelector(s)?.getAttribute('src') == f", arg=[photo, first])
    assert page.text("#match-result") == answer
    good = tmp_path / "good.png"
    Image.new("RGB", (80, 50), "teal").save(good)
    page.page.set_input_files("#pair-photo input[type=file]", good)
    page.page.wait_for_function("s => document.querySelector(s)?.src.endsWith('good.png')", arg=photo)
    page.ask("one")
    page.page.wait_for_function("document.querySelectorAll('#match-result .mm-text').length == 1")


@pytest.mark.parametrize("path", LANGUAGES)
def test_when_the_queue_is_full_the_page_says_so_and_asks_again(page: Visit, path: str) -> None:
    turns = refuse_joins(opened(page, path), 2)
    page.ask("one")
    page.page.get_by_text(f"{TOLD} {PAGES[path]('page.again')}").wait_for()
    page.page.wait_for_function("document.querySelectorAll('#match-result .mm-text').length == 1")
    assert len(turns) == 3
    page.page.wait_for_selector("#mm-again", state="hidden")
    forget_refusals(page)


def test_a_queue_that_stays_full_is_asked_some_times_and_the_old_answer_stays(page: Visit) -> None:
    turns = refuse_joins(opened(page, "/"), 100, pause="0")
    answer = page.text("#match-result")
    page.ask("one")
    page.page.get_by_test_id("toast-text").get_by_text(TOLD).wait_for()
    page.page.wait_for_selector("#match-result:not([aria-busy])")
    assert len(turns) == 9 and page.text("#match-result") == answer
    page.page.wait_for_selector("#mm-again", state="hidden")
    forget_refusals(page)


@pytest.mark.parametrize(("path", "said"), [("/", "Your photo and text are kept"), ("/zh", "照片和文字都还在")])
def test_a_reply_that_breaks_off_is_said_and_the_next_question_is_answered(page: Visit, path: str, said: str) -> None:
    opened(page, path)
    page.page.route(JOIN, lambda route: route.fulfill(status=200, content_type="application/json", body='{"event'))
    page.ask("one")
    page.page.get_by_test_id("toast-text").get_by_text(said).wait_for()
    page.page.unroute(JOIN)
    page.ask("two")
    page.page.wait_for_function("document.querySelector('.mm-chain').innerText.includes('two')")


def refuse_joins(visit: Visit, many: int, pause: str = "1") -> list[int]:
    """Answer the first `many` questions as a full queue does; returns the list that counts all."""
    turns: list[int] = []

    def answer(route: object) -> None:
        turns.append(len(turns))
        if len(turns) <= many:
            route.fulfill(status=429, headers={"retry-after": pause}, json={"detail": TOLD})
        else:
            route.continue_()

    visit.page.route(JOIN, answer)
    return turns


def forget_refusals(visit: Visit) -> None:
    """The browser writes a refusal to its console by itself; anything else there stays a mistake."""
    visit.wrong[:] = [line for line in visit.wrong if "429" not in line]


def test_many_pages_opened_at_once_in_one_browser_are_all_answered(chromium, fake_address: str) -> None:
    """In one profile, whose pages share six connections to the server: none may be held by a page that asks nothing."""
    pages, refused = [chromium.new_page() for _ in range(PAGES_AT_ONCE)], []
    try:
        for number, one in enumerate(pages):
            one.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
            one.evaluate("address => { location.href = address; }", fake_address + LANGUAGES[number % 2])
        for one in pages:
            one.wait_for_selector("#match-result .mm-card", timeout=120_000)
            assert not one.locator("#mm-again").is_visible()
        assert refused == []
    finally:
        for one in pages:
            one.close()
