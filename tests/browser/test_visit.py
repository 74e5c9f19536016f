"""One photo and one sentence through all tabs: nothing old looks new, and the address brings everything back."""

import re

import pytest
from PIL import Image

from mmdemo.ui.gallery import examples
from mmdemo.ui.text import Say

ASKING = ("match", "sentiment", "fusion", "autoencoder", "caption", "question", "gallery", "attention")
LANGUAGES = {"/": Say("en"), "/zh": Say("zh")}
SETTLED = """(({old, asking}) => old !== undefined && !old.split(' ').includes(document.body.dataset.tab)
    && asking === '' && !document.querySelector('#answers [aria-busy]'))(document.querySelector('#tabs').dataset)"""
EMPTY = Say("zh")("pair.empty")
SENTENCE = "two dogs play in the snow"
OWN = "document.querySelector('#pair-photo img')?.src"


def settle(visit) -> None:
    """Until the open tab's answer, and all that follows it, is that of the fields."""
    visit.page.wait_for_function(SETTLED, timeout=90_000)


def place(tab: str) -> str:
    return "#attention-figure" if tab == "attention" else f"#{tab}-result"


def answered(visit, tab: str) -> None:
    visit.page.wait_for_selector(f"{place(tab)} :is(.mm-card, .mm-strip, figure)", timeout=90_000)


@pytest.mark.parametrize("path", LANGUAGES)
def test_one_pair_walks_through_all_tabs(visit, path):
    visit.open(path, "match")
    visit.ask(SENTENCE)
    settle(visit)
    joins = []
    visit.page.on("request", lambda request: joins.append(request.url) if "queue/join" in request.url else None)
    for tab in ASKING[1:]:
        visit.turn(tab)
        visit.page.wait_for_selector(f"#{tab}-tab [aria-busy]", state="detached")
        answered(visit, tab)
        settle(visit)
        assert SENTENCE in visit.text("#chain")
        assert visit.page.input_value("#pair-text textarea") == SENTENCE
    assert "dogs" in visit.text("#attention-words")
    visit.page.wait_for_timeout(500)
    before = len(joins)
    for tab in ASKING:  # what was worked out is kept
        visit.turn(tab)
        assert visit.page.locator("#tabs").get_attribute("data-old") == ""
    visit.page.wait_for_timeout(500)
    assert len(joins) == before


def test_the_pages_opening_stands_in_no_queue_and_each_tab_asks_once(visit):
    joins = []
    visit.page.on("request", lambda request: joins.append(request.url) if "queue/join" in request.url else None)
    visit.open("/", "match")
    settle(visit)
    for tab in ASKING[1:4]:
        visit.turn(tab)
        answered(visit, tab)
    settle(visit)
    assert joins == []


@pytest.mark.parametrize("tab", ASKING)
def test_an_answer_is_marked_old_as_soon_as_the_pair_changes(visit, tab):
    visit.open("/", tab)
    settle(visit)
    visit.page.locator("#pair-text textarea").press_sequentially("x")
    visit.page.wait_for_selector(f"#tabs[data-old~={tab}]")
    note = visit.page.locator(f"#{tab}-tab .block.mm-old-note")
    assert note.is_visible()
    assert float(visit.page.evaluate(f"getComputedStyle(document.querySelector('{place(tab)} > *')).opacity")) < 0.5
    assert visit.page.locator("#chain.mm-old").count() == 1
    visit.page.keyboard.press("Backspace")  # back to what was answered
    visit.page.wait_for_selector("#tabs[data-old='']")
    assert not note.is_visible()
    visit.page.locator("#pair-text textarea").press_sequentially("y")
    note.get_by_role("button").click()
    settle(visit)
    assert visit.page.locator("#chain.mm-old").count() == 0


def test_an_answer_to_an_earlier_sentence_never_looks_like_the_newest(visit):
    visit.open("/", "match")
    settle(visit)
    for sentence in ("one dog", "two dogs", "three dogs", "four red dogs"):
        visit.ask(sentence)
    settle(visit)
    assert "four red dogs" in visit.text("#match-result")
    assert "four red dogs" in visit.text("#chain")


def test_a_removed_photo_stays_removed(visit):
    visit.open("/", "sentiment")
    settle(visit)
    visit.page.locator("#pair-photo button:has(svg)").nth(1).click()
    visit.page.wait_for_selector("#tabs[data-old~=sentiment]")
    visit.page.click("#pair-button")
    visit.page.wait_for_selector("#sentiment-result .mm-absent")
    settle(visit)
    visit.turn("fusion")
    visit.page.wait_for_selector("#fusion-result .mm-strip")
    assert visit.page.locator("#pair-photo img").count() == 0
    assert "photo=none" in visit.page.url
    visit.leaving = True
    visit.page.reload()
    visit.page.wait_for_selector("#fusion-result .mm-strip")
    visit.leaving = False
    assert visit.page.locator("#pair-photo img").count() == 0


@pytest.mark.parametrize("path", LANGUAGES)
def test_reload_back_and_the_other_language_keep_everything(visit, path):
    example = examples(LANGUAGES[path])[2]
    visit.open(path, "match")
    visit.page.click(f"#pair-examples [data-key={example.key}]")
    visit.page.wait_for_function(
        "document.querySelector('#match-result').innerText.includes(arguments[0])".replace(
            "arguments[0]", repr(example.true)
        )
    )
    visit.ask(SENTENCE, "a second line")
    visit.page.wait_for_function(f"document.querySelector('#match-result').innerText.includes('{SENTENCE}')")
    settle(visit)
    visit.turn("fusion")
    answered(visit, "fusion")
    settle(visit)
    visit.page.locator("[data-fusion=product]").click()
    visit.page.wait_for_function("location.hash.includes('fusion.one=product')")
    settle(visit)
    visit.leaving = True
    visit.page.reload()
    check(visit, example, SENTENCE)
    visit.page.get_by_role("link", name="中文" if path == "/" else "English").click()
    visit.page.wait_for_function(
        "(l) => document.documentElement.lang.startsWith(l)", arg="zh" if path == "/" else "en"
    )
    check(visit, example, SENTENCE)
    visit.page.go_back()
    check(visit, example, SENTENCE)
    visit.page.go_back()
    visit.page.wait_for_function("document.body.dataset.tab === 'match'")
    visit.page.wait_for_function(f"document.querySelector('#match-result').innerText.includes('{SENTENCE}')")
    visit.page.go_back()
    visit.page.wait_for_function("t => document.querySelector('#pair-text textarea').value === t", arg=example.true)
    settle(visit)
    assert example.true in visit.text("#match-result")
    visit.leaving = False


def check(visit, example, sentence: str) -> None:
    """The Fusion tab with this pair and the product chosen."""
    visit.page.wait_for_selector("#fusion-result [data-fusion=product][aria-pressed=true]", timeout=90_000)
    settle(visit)
    assert visit.page.input_value("#pair-text textarea") == sentence
    assert visit.page.evaluate(OWN).endswith(example.photo)
    assert visit.page.evaluate("document.body.dataset.tab") == "fusion"
    assert sentence in visit.text("#chain")


def test_an_own_photo_survives_the_language_and_is_asked_for_after_a_reload(visit, tmp_path):
    Image.new("RGB", (90, 60), "teal").save(tmp_path / "own.png")
    visit.open("/", "match")
    settle(visit)
    visit.page.set_input_files("#pair-photo input[type=file]", tmp_path / "own.png")
    visit.page.wait_for_function(f"{OWN}?.endsWith('own.png')")
    visit.ask(SENTENCE)
    settle(visit)
    assert "photo=own" in visit.page.url
    assert "own.png" not in visit.page.url
    visit.leaving = True
    visit.page.get_by_role("link", name="中文").click()
    visit.page.wait_for_function("document.documentElement.lang === 'zh-CN'")
    visit.page.wait_for_function(f"{OWN}?.endsWith('own.png')")
    settle(visit)
    assert visit.page.input_value("#pair-text textarea") == SENTENCE
    visit.page.reload()
    visit.page.wait_for_selector("#pair-note .mm-note")
    visit.page.wait_for_function(f"document.querySelector('#match-result').innerText.includes('{EMPTY}')")
    assert visit.page.locator(".toast-body").count() == 0
    visit.leaving = False
    assert visit.page.locator("#pair-photo img").count() == 0
    assert visit.page.input_value("#pair-text textarea") == SENTENCE
    visit.page.set_input_files("#pair-photo input[type=file]", tmp_path / "own.png")
    visit.page.wait_for_selector("#pair-note .mm-note", state="detached")


def test_a_link_restores_the_state_in_a_fresh_window(visit):
    visit.open("/", "attention")
    settle(visit)
    visit.page.click("#attention-more button")
    visit.page.click("#attention-model input")
    visit.page.locator("#attention-model [role=option]").nth(2).click()
    visit.page.wait_for_function("location.hash.includes('attention.model=sentiment')")
    settle(visit)
    said = visit.text("#attention-figure figcaption")
    link, visit.leaving = visit.page.url, True
    visit.page.goto("about:blank")
    visit.page.goto(link)
    answered(visit, "attention")
    settle(visit)
    assert visit.text("#attention-figure figcaption") == said
    visit.leaving = False


EARLY = """let mm; Object.defineProperty(window, 'mm', {get: () => mm, set: (made) => {
    const start = made.start;
    mm = Object.assign(made, {start: (...fields) => { start(...fields); made.turned('match'); }});
}})"""


def test_the_first_tab_that_gradio_selects_late_is_no_place_to_go_back_to(visit):
    visit.page.add_init_script(EARLY)
    visit.page.goto(visit.address + "/zh")
    answered(visit, "match")
    visit.page.goto(visit.address + "/#tab=fusion&text=" + SENTENCE.replace(" ", "+"))
    answered(visit, "fusion")
    settle(visit)
    assert "tab=fusion" in visit.page.url
    visit.leaving = True
    visit.page.go_back()
    visit.page.wait_for_function("document.documentElement.lang === 'zh-CN'")
    answered(visit, "match")
    visit.leaving = False


@pytest.mark.parametrize(
    "hash_", ["#tab=nowhere", "#photo=/etc/passwd&text=a", "#fusion.one=nothing&tab=fusion", "#says=xx", "#%%%"]
)
def test_an_address_that_nobody_made_opens_the_page_all_the_same(visit, hash_):
    visit.page.goto(visit.address + "/" + hash_)
    visit.page.wait_for_selector(
        ":is(#match-result .mm-card, #fusion-result .mm-strip, .toast-body, #pair-photo button)"
    )
    visit.page.wait_for_timeout(500)
    assert not re.search(r"passwd|Traceback", visit.page.inner_text("body"))
