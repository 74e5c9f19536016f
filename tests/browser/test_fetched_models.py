"""Models of the Hub in a browser: over the real engine, with tiny checkpoints and a small Hub on this machine."""

import pytest

from mmdemo.ui.hub.downloads import WAITS
from tests.browser.conftest import Visit
from tests.browser.test_axe import problems
from tests.browser.test_visit import settle
from tests.hub.server import Fault, hub
from tests.hub_engine import fill
from tests.serve import running
from tests.tiny_checkpoints import save  # noqa: F401  (torch before the browser starts)

NAMED = "#match-result .mm-model-name"
SLOW = {"file": ".safetensors", "slow": 0.3}  # a tiny model is some dozens of pieces


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    fill(folder)
    with hub(folder) as small:
        yield small


@pytest.fixture(scope="module")
def address(server, tmp_path_factory):
    place = tmp_path_factory.mktemp("page")
    given = {"HF_ENDPOINT": server.address, "HF_HUB_CACHE": str(place / "cache" / "hub"), "HF_HUB_OFFLINE": "0"}
    with running("hub", place / "uploads", **given) as page:
        yield page.address.rstrip("/")


@pytest.fixture
def visit(chromium, server, address):
    """A fresh window on the page that can fetch; nothing goes wrong in it, and the Hub is well before and after."""
    server.fault = Fault()
    page = chromium.new_page()
    page.set_viewport_size({"width": 1366, "height": 900})
    found = Visit(page, address)
    yield found
    page.close()
    server.fault = Fault()
    assert found.wrong == []


def pick(visit, title: str) -> None:
    visit.page.click("#pair-model input")
    visit.page.get_by_role("option", name=title).click()


@pytest.mark.parametrize(
    ("path", "title", "says", "map_of"),
    [
        ("/", "CLIP ViT-B/32", "was trained to choose among texts", "Grad-ECLIP · CLIP ViT-B/32"),
        ("/zh", "SigLIP 2 base", "概率", "SigLIP 2 base"),
    ],
)
def test_a_model_is_picked_fetched_asked_and_explained(visit, server, path, title, says, map_of):
    before = len(server.requests)
    visit.open(path, "match")
    pick(visit, title)
    visit.page.wait_for_selector(".mm-hub-card dl")
    assert visit.page.locator(NAMED).count() == 0
    assert len(server.requests) == before  # nothing leaves before the button is pressed
    server.fault = Fault(**SLOW)
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector(".mm-hub-card [role=progressbar]")
    assert problems(visit) == []
    server.fault.slow = 0.0
    visit.page.wait_for_selector(NAMED)
    settle(visit)
    assert title in visit.text("#match-result") and says in visit.text("#match-result")
    assert title in visit.text("#chain .mm-door-match")
    assert visit.page.locator(".mm-hub-card").count() == 0
    assert "model=" in visit.page.url
    visit.turn("attention")
    visit.page.wait_for_selector(".mm-badge:not(.mm-badge-waiting)")
    assert map_of in visit.text("#attention-figure")
    visit.turn("sentiment")
    visit.page.wait_for_selector("#sentiment-tab .mm-hub-only", state="visible")
    visit.leaving = True
    visit.page.reload()
    visit.page.wait_for_selector("#sentiment-tab .mm-hub-only", state="visible")  # its place is restored
    settle(visit)
    visit.turn("match")
    visit.page.wait_for_selector(NAMED)
    settle(visit)
    visit.leaving = False
    assert problems(visit) == []
    pick(visit, "EfficientNet")
    visit.page.wait_for_selector(NAMED, state="detached")
    assert "model=" not in visit.page.url


def test_a_download_outlives_a_reload_and_a_cancelled_one_goes_on(visit, server, chromium):
    server.fault = Fault(**SLOW | {"slow": 1.0})
    visit.open("/", "match")
    pick(visit, "Chinese-CLIP")
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector(".mm-hub-card [role=progressbar]")
    visit.leaving = True
    visit.page.reload()
    visit.page.wait_for_selector(".mm-hub-card [role=progressbar]")
    visit.leaving = False
    other = chromium.new_page()  # another visitor, who waits for it too
    other.goto(f"{visit.address}/zh#model=chinese_clip")
    other.wait_for_selector(".mm-hub-card [role=progressbar]")
    visit.page.click("#pair-hub-cancel")
    visit.page.wait_for_selector(".mm-hub-card [role=status]")
    assert "Another page waits" in visit.text(".mm-hub-card")
    assert other.is_visible(".mm-hub-card [role=progressbar]")
    other.close()
    visit.page.wait_for_timeout(1000 * WAITS + 1500)  # and then nobody does
    visit.page.click("#pair-hub-cancel")
    visit.page.wait_for_selector("#pair-hub-get")
    assert "goes on from there" in visit.text(".mm-hub-card")
    server.fault = Fault()
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector(NAMED)
    settle(visit)
    assert "It does not read this language" in visit.text("#match-result")  # English sentences


def test_what_fails_says_why_and_the_built_in_model_goes_on(visit, server):
    server.fault = Fault(status=404)
    visit.open("/zh", "match")
    pick(visit, "AltCLIP")
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector(".mm-hub-card .mm-warn", timeout=60_000)
    assert "404" in visit.text(".mm-hub-card")
    assert problems(visit) == []
    visit.ask("一只狗")
    settle(visit)
    assert "一只狗" in visit.text("#match-result") and visit.page.locator(NAMED).count() == 0


def test_an_address_with_a_model_that_is_not_offered_says_so(visit):
    visit.page.goto(f"{visit.address}/#model=nothing")
    visit.page.wait_for_selector("#pair-hub .mm-warn")
    assert "“nothing”" in visit.text("#pair-hub")
    visit.page.wait_for_selector("#match-result .mm-card")


def test_photos_are_gathered_into_a_matrix_and_two_models_stand_side_by_side(visit):
    visit.open("/", "match")
    visit.page.get_by_text("Several photos").click()
    visit.page.click("#match-several-examples")
    visit.page.wait_for_selector("#match-matrix tbody tr:nth-child(4)")
    visit.page.click("#match-several-add")  # it is one of the four already
    visit.page.get_by_label("share of each row").check()
    visit.page.wait_for_function("document.querySelector('#match-matrix td.mm-num').textContent.includes('%')")
    visit.page.locator("#match-tray button").first.click()
    visit.page.wait_for_selector("#match-matrix tbody tr:nth-child(4)", state="detached")
    visit.page.get_by_text("Compare with another model").click()
    visit.page.click("#match-rival input")
    visit.page.get_by_role("option", name="CLIP ViT-B/32").click()
    visit.page.wait_for_selector("#match-result .mm-rivals section:nth-child(2)")
    settle(visit)
    assert problems(visit) == []


@pytest.mark.parametrize(
    ("path", "title", "own_order", "only", "other"),
    [
        ("/", "BLIP base, captions", "Ranked by BLIP base, captions", "", "does not answer “Match”"),
        ("/zh", "SmolVLM 256M", "由 SmolVLM 256M 自己排名", "SmolVLM 256M 只写：英文", "答不了“匹配”"),
    ],
)
def test_captions_by_a_model_of_the_hub(visit, path, title, own_order, only, other):
    visit.open(path, "caption")
    settle(visit)
    pick(visit, title)
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector("#caption-result .mm-model-name", timeout=60_000)
    settle(visit)
    assert title in visit.text("#caption-result") and own_order in visit.text("#caption-result")
    assert only in visit.text("#caption-result")
    assert visit.page.locator("#caption-tab .mm-hub-only").first.is_hidden()
    before = visit.text(".mm-caption-others")
    visit.page.locator("#caption-result .mm-caption:visible .mm-word").last.click()
    assert visit.text(".mm-caption-others") != before
    assert problems(visit) == []
    visit.page.click("#caption-say")
    visit.page.wait_for_function("document.querySelectorAll('#caption-spoken .mm-word').length >= 2")
    visit.page.click("#caption-stop")
    visit.page.wait_for_function("document.querySelector('#caption-stop').disabled")
    visit.page.wait_for_timeout(700)
    told = visit.page.locator("#caption-spoken .mm-word").count()
    visit.page.wait_for_timeout(900)
    assert visit.page.locator("#caption-spoken .mm-word").count() == told
    visit.turn("match")
    settle(visit)
    assert other in visit.text("#match-tab") and visit.page.locator(NAMED).count() == 0
    assert visit.page.locator("#match-result .mm-card").count() > 0
    assert problems(visit) == []


def test_a_model_that_answers_questions_leaves_captions_to_the_built_in_one(visit):
    visit.open("/#model=blip_answer", "caption")
    visit.page.click("#pair-hub-get")
    visit.page.wait_for_selector("#caption-tab .mm-hub-only", state="visible", timeout=60_000)
    settle(visit)
    assert "does not answer “Captions”" in visit.text("#caption-tab")
    assert visit.page.locator("#caption-result .mm-model-name").count() == 0
    visit.turn("question")
    visit.page.wait_for_selector("#question-result .mm-model-name", timeout=60_000)
    settle(visit)
    assert "BLIP base, questions" in visit.text("#question-result")
    assert "without the photo" in visit.text("#question-result")
    assert problems(visit) == []
    visit.page.fill("#question-text textarea, #question-text input", "图里有什么？")
    visit.page.click("#question-button")
    visit.page.wait_for_selector("#question-result .mm-model-name", state="detached")
    settle(visit)
    assert "The built-in model answers here" in visit.text("#question-result")
