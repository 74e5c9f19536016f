"""The Autoencoder tab as a person meets it: an answer above the fold, a side dropped, and the walk."""

import pytest

PHONE = (390, 844)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_the_answer_stands_above_the_fold(visit, path):
    visit.open(path, "autoencoder")
    assert visit.page.evaluate("document.querySelector('.mm-near').getBoundingClientRect().bottom") <= 768
    assert visit.page.locator(".mm-imagined figure img").count() == 2
    assert visit.page.locator(".mm-likely .mm-bar").count() == 10


def test_without_the_photo_a_picture_is_imagined_and_without_the_sentence_words_are_guessed(visit):
    visit.open("/", "autoencoder")
    visit.page.locator("#autoencoder-use label").nth(2).click()
    visit.page.wait_for_selector("#autoencoder-result .mm-absent")
    assert "imagined from it" in visit.text("#autoencoder-result")
    visit.page.locator("#autoencoder-use label").nth(1).click()
    visit.page.wait_for_selector("#autoencoder-result .mm-absent", state="detached")
    assert visit.page.locator("#autoencoder-result .mm-likely .mm-strong").count() == 0


def test_the_walks_slider_shows_another_picture_without_asking_the_server(visit):
    visit.open("/", "autoencoder")
    visit.page.wait_for_selector("#autoencoder-walk .mm-way")
    visit.page.wait_for_selector("[aria-busy]", state="detached")
    asked = []
    visit.page.on("request", lambda request: asked.append(request.url))
    before = visit.page.get_attribute("#autoencoder-walk .mm-pixels", "src")
    visit.page.locator("#autoencoder-walk input[type=range]").focus()
    visit.page.keyboard.press("End")
    visit.page.wait_for_function("b => document.querySelector('#autoencoder-walk .mm-pixels').src != b", arg=before)
    assert "100 %" in visit.text("#autoencoder-walk .mm-way-line")
    assert [url for url in asked if "queue" in url] == []
    visit.page.fill("#autoencoder-text2 textarea", "a red car on a white road")
    with visit.page.expect_request(lambda request: "queue/join" in request.url):
        visit.page.click("#autoencoder-button2")
    visit.page.wait_for_selector("#autoencoder-walk:not([aria-busy]) .mm-way")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_on_a_phone_nothing_scrolls_sideways(visit):
    visit.open("/", "autoencoder")
    visit.page.wait_for_selector("#autoencoder-walk .mm-way")
    visit.page.locator("#autoencoder-result summary").click()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
