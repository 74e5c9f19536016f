"""The Questions tab as a person meets it: a question typed or pressed, with the photo and without it, old and new."""

import pytest

from mmdemo.ui.phrases import ERRORS
from mmdemo.ui.tabs.question.events import examples
from mmdemo.ui.text import Say
from tests.browser.conftest import engine_name
from tests.browser.test_visit import settle

PHONE = (390, 844)
BOX = "#question-text :is(textarea, input)"
ANSWERED = "text => document.querySelector('#question-result [data-question]')?.dataset.question === text"
SAID = {"/": Say("en"), "/zh": Say("zh")}


def answered(visit, question: str) -> None:
    visit.page.wait_for_function(ANSWERED, arg=question)
    settle(visit)


@pytest.mark.parametrize("path", SAID)
def test_an_example_that_is_pressed_is_asked(visit, path):
    say = SAID[path]
    visit.open(path, "question")
    answered(visit, examples(say)[0])
    assert visit.page.input_value(BOX) == examples(say)[0]
    for index in (3, 4):
        visit.page.locator("#question-examples .mm-say").nth(index).click()
        answered(visit, examples(say)[index])
        assert visit.page.input_value(BOX) == examples(say)[index]
        assert visit.page.locator("#question-result .mm-asked section").count() == 2
        assert visit.page.locator("#question-result .mm-heat").count() == 1
    assert "question.text=" in visit.page.url


@pytest.mark.parametrize("path", SAID)
def test_a_question_that_is_typed_marks_the_answer_as_old_until_it_is_asked(visit, path):
    say = SAID[path]
    visit.open(path, "question")
    settle(visit)
    note = visit.page.locator("#question-result .mm-question-old")
    note.wait_for(state="hidden")
    visit.page.fill(BOX, "Is it <b>red</b>  or blue?")
    note.wait_for(state="visible")
    assert visit.text("#question-result .mm-question-old") == say("question.old")
    visit.page.keyboard.press("Enter")
    answered(visit, "Is it <b>red</b> or blue?")
    note.wait_for(state="hidden")
    visit.page.fill(BOX, "What color is the sky?")
    visit.page.click("#question-button")
    answered(visit, "What color is the sky?")
    note.wait_for(state="hidden")
    visit.page.reload()
    answered(visit, "What color is the sky?")


@pytest.mark.parametrize("path", SAID)
@pytest.mark.parametrize("typed", ["", "x" * 2001])
def test_no_question_and_too_long_a_one_are_said_and_the_answer_stays(visit, path, typed):
    side = list(SAID).index(path)
    visit.open(path, "question")
    settle(visit)
    visit.page.fill(BOX, typed)
    visit.page.click("#question-button")
    sentence = ERRORS["text_too_long" if typed else "question_missing"][side].format(got="2,001", limit="2,000")
    visit.page.get_by_test_id("toast-text").get_by_text(sentence).wait_for()
    assert visit.page.locator("#question-result .mm-asked section").count() == 2
    assert visit.page.locator("#question-result .mm-question-old").is_visible()


def test_what_it_cannot_tell_is_folded(visit):
    if engine_name() != "fake":
        pytest.skip("what the shipped head does not know hangs on its training")
    visit.open("/", "question")
    settle(visit)
    visit.page.fill(BOX, "Is there a dragon?")
    visit.page.click("#question-button")
    answered(visit, "Is there a dragon?")
    assert visit.text("#question-result .mm-headline strong") == "It cannot tell"
    assert visit.page.locator("#question-result .mm-asked").is_hidden()
    visit.page.click("#question-result .mm-guesses summary")
    assert visit.page.locator("#question-result .mm-asked").is_visible()


def test_another_photo_makes_the_answer_old_and_a_turn_to_the_tab_asks_again(visit):
    visit.open("/", "question")
    settle(visit)
    visit.turn("match")
    settle(visit)
    visit.page.locator(".mm-example").nth(3).click()
    visit.page.wait_for_selector("#tabs[data-old~=question]")
    settle(visit)
    visit.turn("question")
    settle(visit)
    assert visit.page.get_attribute("#tabs", "data-old").split().count("question") == 0


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
@pytest.mark.parametrize("path", SAID)
def test_an_answer_fits_a_phone(visit, path):
    visit.open(path, "question")
    settle(visit)
    for summary in visit.page.locator("#question-result summary").all():
        summary.click()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
