"""The Captions tab as a person meets it: words to press, captions to pick, one told word by word and stopped."""

import pytest

from tests.browser.test_visit import settle

PHONE = (390, 844)
MAP = "#caption-result .mm-heat"


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_a_word_that_is_pressed_shows_its_map_and_what_else_was_likely_without_asking(visit, path):
    visit.open(path, "caption")
    settle(visit)
    asked = []
    visit.page.on("request", lambda request: asked.append(request.url))
    last = visit.page.locator("#caption-result .mm-word:visible").last
    before = visit.page.get_attribute(MAP, "src"), visit.text(".mm-caption-others")
    last.focus()
    visit.page.keyboard.press("Enter")
    assert last.get_attribute("aria-pressed") == "true"
    assert visit.page.locator('#caption-result .mm-word[aria-pressed="true"]').count() == 1
    after = visit.page.get_attribute(MAP, "src"), visit.text(".mm-caption-others")
    assert before[0] != after[0] and before[1] != after[1]
    assert visit.page.locator(".mm-caption-others section:visible").count() == 1
    assert [url for url in asked if "queue" in url] == []


def test_a_caption_that_is_picked_shows_its_words(visit):
    visit.open("/", "caption")
    settle(visit)
    picks = visit.page.locator(".mm-caption-pick")
    assert picks.count() >= 2
    other = visit.page.locator('.mm-caption-pick[aria-pressed="false"]').first
    text = other.inner_text()
    other.click()
    shown = visit.page.locator("#caption-result .mm-caption:visible .mm-word:not(.mm-all)").all_inner_texts()
    assert "".join(shown).replace(" ", "").lower() == text.replace(" ", "").replace(".", "").lower()
    assert visit.page.locator('.mm-caption-pick[aria-pressed="true"]').inner_text() == text


def test_the_options_ask_again_and_stand_in_the_address(visit):
    visit.open("/", "caption")
    settle(visit)
    visit.page.click("#caption-options > button")
    visit.page.locator("#caption-language label").nth(1).click()
    visit.page.wait_for_selector('#caption-result strong[lang="zh-CN"]')
    settle(visit)
    visit.page.fill("#caption-start textarea, #caption-start input", "一个小女孩")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#caption-result .mm-given")
    settle(visit)
    assert "caption.language=zh" in visit.page.url and "caption.start=" in visit.page.url
    visit.page.reload()
    visit.page.wait_for_selector("#caption-result .mm-given", timeout=60_000)
    assert visit.page.get_attribute("#caption-result strong", "lang") == "zh-CN"
    assert visit.text("#caption-result strong").startswith("一个小女孩")


def test_one_is_told_word_by_word_and_can_be_stopped(visit):
    visit.open("/", "caption")
    settle(visit)
    stop = visit.page.locator("#caption-stop")
    assert stop.is_disabled()
    visit.page.click("#caption-say")
    visit.page.wait_for_function("document.querySelectorAll('#caption-spoken .mm-word').length >= 2")
    stop.click()
    visit.page.wait_for_function("document.querySelector('#caption-stop').disabled")
    visit.page.wait_for_timeout(900)
    told = visit.page.locator("#caption-spoken .mm-word").count()
    visit.page.wait_for_timeout(900)
    assert visit.page.locator("#caption-spoken .mm-word").count() == told
    visit.page.click("#caption-say")
    visit.page.wait_for_selector("#caption-spoken .mm-word.mm-all", timeout=60_000)
    visit.page.wait_for_function("document.querySelector('#caption-stop').disabled")
    visit.page.locator("#caption-spoken .mm-word").first.click()
    assert visit.page.locator("#caption-spoken .mm-word").first.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_captions_fit_a_phone(visit):
    visit.open("/zh", "caption")
    settle(visit)
    visit.page.locator("#caption-result summary").click()
    visit.page.click("#caption-options > button")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
