"""A real Chromium, and the page it looks at. `engine_name` is the one place that says over which engine."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.serve import ROOT, served

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TABS = ("match", "sentiment", "fusion", "attention", "about")
PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


def engine_name() -> str:
    """The shipped models where weights/ has them, else the stand-in; MMDEMO_TEST_ENGINE=fake|real decides by hand."""
    asked = ("matching", "cross_attention", "sentiment", "fusions", "pixels_tfidf", "cnn_lstm", "resnet_lstm")
    complete = all((ROOT / "weights" / name / "card.json").exists() for name in (*asked, "bert_resnet", "autoencoder"))
    return os.environ.get("MMDEMO_TEST_ENGINE", "real" if complete else "fake")


@pytest.fixture(scope="session")
def page_address(tmp_path_factory) -> Iterator[str]:
    with served(engine_name(), tmp_path_factory.mktemp("uploads")) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    path = next((p for p in PLACES if os.path.exists(p)), shutil.which("chromium"))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        reason = "no Chromium here, or playwright is not installed (pip install -r tests/requirements.txt)"
        if os.environ.get("MMDEMO_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(locale="fr-FR")  # neither of the page's languages
        context.set_default_timeout(45_000)  # a shared machine may be slow; no test asks how fast
        yield context
        browser.close()


class Visit:
    """One page in one window, and everything that went wrong in it.

    Args:
        page: Playwright's page, opened by `open`.
        address: of the server.
    """

    def __init__(self, page: object, address: str) -> None:
        self.page, self.address = page, address
        self.wrong: list[str] = []
        self.leaving = False
        page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        page.on("console", lambda line: self._read(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self._look(request.url))
        page.on("requestfailed", lambda request: self._failed(request))

    def _read(self, line: str) -> None:
        """A page that is left while it still waits for an answer says so on its way out; that alone is no mistake."""
        if not (self.leaving and ("AbortError" in line or "Connection errored out" in line)):
            self.wrong.append(f"console: {line}")

    def leave(self, link: str, title: str) -> None:
        """Click a link to another page, and wait for the first answer there."""
        self.leaving = True
        self.page.get_by_role("link", name=link).click()
        self.page.wait_for_function("(start) => document.title.startsWith(start)", arg=title)
        self.page.wait_for_selector("#match-result .mm-card")
        self.leaving = False

    def _look(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"request outside: {url}")

    def _failed(self, request: object) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.wrong.append(f"request failed: {request.url} {request.failure}")

    def open(self, path: str, tab: str) -> None:
        """Open a page and one of its tabs, and wait for the tab's first answer."""
        self.page.goto(self.address + path)
        self.turn(tab)
        place = "#attention-figure" if tab == "attention" else f"#{tab}-result"
        self.page.wait_for_selector(f"{place} :is(.mm-card, .mm-strip, figure)", timeout=30_000)

    def ask(self, sentence: str, more: str = "") -> None:
        """Send a sentence, and further lines for Match, with the photo that is there."""
        self.page.fill("#pair-text textarea", sentence)
        if self.page.is_visible("#pair-more"):
            self.page.fill("#pair-more textarea", more)
        self.page.click("#pair-button")

    def turn(self, tab: str) -> None:
        """Turn to a tab of the page that is open."""
        self.page.click(f"#{tab}-tab-button")

    def text(self, selector: str) -> str:
        """What is read there."""
        return self.page.inner_text(selector).replace("\u00a0", " ")


@pytest.fixture
def visit(chromium, page_address, request) -> Iterator[Visit]:
    """A fresh window; the test fails if anything went wrong in it, whatever the test itself looked at."""
    size = getattr(request, "param", (1366, 768))
    page = chromium.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    found = Visit(page, page_address)
    yield found
    page.close()
    assert found.wrong == []
