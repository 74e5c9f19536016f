"""The page as a person meets it: every tab, both languages, a phone, a keyboard, and a bad file."""

import re

import pytest
from PIL import Image

from mmdemo.ui.gallery import examples
from mmdemo.ui.text import Say
from tests.browser.conftest import TABS

LANGUAGES = ("/", "/zh")
SAID = {  # path -> words that the tab must show: match, sentiment, attention, about
    "/": ("unmatched pairs", "Both together", "whole sentence", "Uploads are cleaned"),
    "/zh": ("不配对", "合起来看", "整句话", "位置信息"),
}
PHONE = (390, 844)


@pytest.mark.parametrize("path", LANGUAGES)
def test_match_opens_with_an_answer_above_the_fold_and_answers_again(visit, path):
    visit.open(path, "match")
    assert SAID[path][0] in visit.text("#match-result")
    assert visit.page.evaluate("document.querySelector('.mm-histogram').getBoundingClientRect().bottom") <= 768
    assert visit.page.evaluate("document.documentElement.lang") == ("en" if path == "/" else "zh-CN")
    visit.ask("a quiet lake", "<img src=x onerror=alert(1)>")
    visit.page.wait_for_function("document.querySelectorAll('#match-result .mm-text').length == 2")
    assert "<img src=x onerror=alert(1)>" in visit.text("#match-result")
    visit.page.wait_for_selector("#match-result:not([aria-busy])")


@pytest.mark.parametrize("path", LANGUAGES)
def test_sentiment_answers_for_both_sides_and_for_the_text_alone(visit, path):
    visit.open(path, "sentiment")
    assert SAID[path][1] in visit.text("#sentiment-result")
    assert visit.page.locator("#sentiment-result .mm-absent").count() == 0
    visit.page.locator("#pair-photo button:has(svg)").nth(1).click()  # the cross
    visit.page.wait_for_selector("#pair-photo img", state="detached")
    visit.page.click("#pair-button")
    visit.page.wait_for_selector("#sentiment-result .mm-absent")


@pytest.mark.parametrize("path", LANGUAGES)
def test_attention_shows_the_map_of_a_word_by_mouse_and_by_keyboard(visit, path):
    visit.open(path, "attention")
    assert SAID[path][2] in visit.text("#attention-figure figcaption")
    words = visit.page.locator("#attention-words .mm-word")
    words.nth(2).click()
    label = words.nth(2).inner_text().strip()
    visit.page.wait_for_function("w => document.querySelector('#attention-figure b').innerText == `“${w}”`", arg=label)
    assert words.nth(2).get_attribute("aria-pressed") == "true"
    before = visit.page.get_attribute("#attention-figure .mm-heat", "src")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.dataset.word") == "2"
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function("b => document.querySelector('#attention-figure .mm-heat').src != b", arg=before)
    assert visit.page.evaluate("document.activeElement.dataset.word") == "2"
    assert re.search(r"\d+ ?%", visit.text("#attention-figure figcaption"))


def test_the_opacity_slider_works_in_the_browser_alone(visit):
    visit.open("/", "attention")
    visit.page.wait_for_selector("#attention-test [data-verdict]", timeout=90_000)  # the map's own test asks by itself
    asked = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.locator("#attention-opacity").fill("25")
    opacity = "getComputedStyle(document.querySelector('#attention-figure .mm-heat')).opacity"
    assert visit.page.evaluate(opacity) == "0.25"
    with visit.page.expect_download() as download:
        visit.page.click("#attention-save")
    with Image.open(download.value.path()) as saved:
        assert saved.size[0] >= 420
    assert [url for url in asked if "queue" in url] == []


@pytest.mark.parametrize("path", LANGUAGES)
def test_about_shows_the_cards(visit, path):
    visit.open(path, "about")
    assert SAID[path][3] in visit.text("#about-result")
    assert visit.page.locator("#about-result .mm-model td").count() >= 7


def settle(visit, tab: str) -> None:
    """Until the tab's answer is that of the fields."""
    visit.page.wait_for_selector(f"#tabs[data-asking='']:not([data-old~={tab}])")


@pytest.mark.parametrize("name", [tab for tab in TABS if tab != "about"])
def test_an_example_fills_the_fields_and_is_answered(visit, name):
    visit.open("/", name)
    chosen = examples(Say("en"))[2]
    visit.page.click(f"#pair-examples [data-key={chosen.key}]")
    visit.page.wait_for_function("t => document.querySelector('#pair-text textarea').value == t", arg=chosen.true)
    visit.page.wait_for_selector(f"#{name}-tab [aria-busy]", state="detached")
    settle(visit, name)
    visit.page.click("#pair-examples [data-says=false]")
    visit.page.wait_for_function("t => document.querySelector('#pair-text textarea').value == t", arg=chosen.false)
    more = visit.page.evaluate("document.querySelector('#pair-more textarea')?.value")
    assert more in (None, f"{chosen.true}\n{chosen.near}")  # the other two, never the same sentence twice
    assert "says=false" in visit.page.url
    settle(visit, name)


@pytest.mark.parametrize(("path", "sentence"), [("/", "This file is not a picture"), ("/zh", "这个文件不是图片")])
def test_a_bad_file_is_refused_in_words_nothing_is_lost_and_the_page_goes_on(visit, tmp_path, path, sentence):
    bad, good = tmp_path / "bad.png", tmp_path / "good.png"
    bad.write_text("I am a text", encoding="utf-8")
    Image.new("RGB", (80, 50), "teal").save(good)
    visit.open(path, "match")
    photo, answer = "#pair-photo img", visit.text("#match-result")
    first = visit.page.get_attribute(photo, "src")
    visit.page.set_input_files("#pair-photo input[type=file]", bad)
    visit.page.get_by_test_id("toast-text").get_by_text(sentence).wait_for()
    visit.page.wait_for_function("([s, f]) => document.querySelector(s)?.getAttribute('src') == f", arg=[photo, first])
    assert visit.text("#match-result") == answer
    visit.page.set_input_files("#pair-photo input[type=file]", good)
    visit.page.wait_for_function("s => document.querySelector(s)?.src.endsWith('good.png')", arg=photo)
    visit.ask("one")
    visit.page.wait_for_function("document.querySelectorAll('#match-result .mm-text').length == 1")


def test_no_text_keeps_the_old_answer(visit):
    visit.open("/", "match")
    answer = visit.text("#match-result")
    visit.ask("")
    visit.page.get_by_test_id("toast-text").get_by_text("There is no text").wait_for()
    visit.page.wait_for_selector("#match-result:not([aria-busy])")
    assert visit.text("#match-result") == answer
    assert not visit.page.locator("#match-result").get_by_text("Error", exact=True).is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_has_the_focus_is_seen_and_a_long_list_says_that_there_is_more(visit, theme):
    visit.open(f"/?__theme={theme}", "match")
    outline = "s => { const o = getComputedStyle(document.querySelector(s)); return [o.outlineStyle, o.outlineWidth]; }"
    visit.page.fill("#pair-more textarea", "\n".join(f"a dog and {n} cats" for n in range(9)))
    assert visit.page.evaluate(outline, "#pair-more textarea") == ["solid", "2px"]
    visit.page.click("#pair-button")
    visit.page.wait_for_function("document.querySelectorAll('#match-result .mm-text').length == 10")
    assert visit.page.evaluate("(e => e.scrollHeight > e.clientHeight)(document.querySelector('.mm-many'))")
    fade = "getComputedStyle(document.querySelector('.mm-many'), '::after')"
    assert visit.page.evaluate(f"[{fade}.position, {fade}.backgroundImage.includes('gradient')]") == ["sticky", True]
    assert visit.page.locator(".mm-histogram .mm-dot").count() == 9
    visit.turn("fusion")
    visit.page.locator("#fusion-question input").first.focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.page.evaluate(outline, "#fusion-question label:has(input:focus)") == ["solid", "3px"]


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
@pytest.mark.parametrize("path", LANGUAGES)
def test_a_phone_scrolls_only_downwards(visit, path):
    visit.open(path, "match")
    for tab in TABS:
        visit.turn(tab)
        visit.page.wait_for_timeout(300)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert visit.page.locator(f"#{tab}-tab-button").is_visible()


def test_the_other_language_is_one_click_away_and_back(visit):
    visit.open("/", "match")
    visit.leave("中文", "图与句")
    assert visit.page.evaluate("document.documentElement.lang") == "zh-CN"
    visit.leave("English", "Picture and sentence")
    assert visit.page.evaluate("document.documentElement.lang") == "en"


def test_every_control_has_a_name(visit):
    visit.open("/", "match")
    nameless = """[...document.querySelectorAll('button, input, textarea, a, select')].filter(e => e.offsetParent
        && !(e.getAttribute('aria-label') || e.title || e.innerText.trim() || e.labels?.length
             || e.closest('label'))).map(e => e.outerHTML.slice(0, 120))"""
    for tab in TABS:
        visit.turn(tab)
        visit.page.wait_for_timeout(200)
        visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert visit.page.evaluate(nameless) == []


@pytest.mark.parametrize(
    "planted",
    [
        "setTimeout(() => { throw new Error('planted') })",
        "console.error('planted')",
        "new Image().src = 'http://192.0.2.1/planted.png'",
    ],
)
def test_what_goes_wrong_on_a_page_is_noticed(visit, planted):
    visit.page.route("**/planted.png", lambda route: route.abort())
    visit.page.goto(visit.address + "/theme.css")
    visit.page.evaluate(planted)
    visit.page.wait_for_timeout(200)
    assert any("planted" in line for line in visit.wrong)
    visit.wrong.clear()
    visit.page.goto("about:blank")
    visit.wrong.clear()
