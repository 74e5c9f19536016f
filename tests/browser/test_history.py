"""What was answered in this visit can be gone back to, and one answer stays pinned below the new ones."""

import pytest

from mmdemo.ui.text import Say
from tests.browser.test_visit import ASKING, SENTENCE, settle

LANGUAGES = {"/": Say("en"), "/zh": Say("zh")}
PIN = "#{tab}-tab .mm-pin button"
PINNED = "#{tab}-tab .mm-pinned"


def listed(visit) -> list[str]:
    visit.page.wait_for_selector("#visited .mm-visited", state="attached")
    return visit.page.locator("#visited .mm-visited").all_text_contents()


@pytest.mark.parametrize("path", LANGUAGES)
def test_a_press_in_the_list_goes_back_to_that_answer(visit, path):
    visit.open(path, "match")
    settle(visit)
    first = visit.page.input_value("#pair-text textarea")
    visit.ask(SENTENCE)
    visit.page.wait_for_function("document.querySelectorAll('#visited .mm-visited').length === 2")
    visit.turn("sentiment")
    visit.page.wait_for_function("document.querySelectorAll('#visited .mm-visited').length === 3")
    say = LANGUAGES[path]
    assert say("sentiment.tab") in listed(visit)[0] and SENTENCE in listed(visit)[0]
    visit.page.click("#visited summary")
    visit.page.locator("#visited .mm-visited").last.click()
    visit.page.wait_for_function("(text) => document.querySelector('#pair-text textarea').value === text", arg=first)
    settle(visit)
    assert visit.page.evaluate("document.body.dataset.tab") == "match"
    assert len(listed(visit)) == 3  # the same place again is no new one
    visit.page.go_back()
    visit.page.wait_for_function("(text) => document.querySelector('#pair-text textarea').value === text", arg=SENTENCE)


@pytest.mark.parametrize("tab", ASKING)
def test_one_result_stays_pinned_while_another_is_asked(visit, tab):
    visit.open("/", tab)
    settle(visit)
    sentence = visit.page.input_value("#pair-text textarea")
    visit.page.click(PIN.format(tab=tab))
    place = PINNED.format(tab=tab)
    was = visit.text(f"{place} > div")
    assert sentence in visit.text(f"{place} h3") and was
    headline = f"{place} > div .mm-{'figure' if tab == 'attention' else 'headline'}"
    assert visit.page.locator(headline).count() == 1
    inside = f"{place} > div :is(button, input, [id], [tabindex], [role=status])"
    assert visit.page.locator(inside).count() == 0
    visit.ask(SENTENCE)
    settle(visit)
    visit.turn("about")
    visit.turn(tab)
    assert visit.text(f"{place} > div") == was
    assert visit.page.locator(f"{place} header img").count() == 1
    visit.page.click(PIN.format(tab=tab))  # one at a time: the new one takes its place
    assert SENTENCE in visit.text(f"{place} h3")
    visit.page.click(f"{place} header button")
    assert not visit.page.is_visible(place)


def test_user_text_in_the_list_and_in_the_pin_stays_text(visit):
    visit.open("/", "match")
    visit.ask("<img src=x onerror=alert(1)>")
    settle(visit)
    assert any("<img src=x" in line for line in listed(visit))
    visit.page.click(PIN.format(tab="match"))
    assert visit.page.locator("#visited img[src=x], .mm-pinned img[src=x]").count() == 0


@pytest.mark.parametrize("visit", [(390, 844)], indirect=True)
def test_on_a_phone_the_list_stands_below_the_answer(visit):
    visit.open("/", "match")
    settle(visit)
    listed(visit)
    assert visit.page.locator("#answers #visited").count() == 1
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
