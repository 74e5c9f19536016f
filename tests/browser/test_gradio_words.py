"""What gradio says by itself is Chinese on /zh, and a message of its own says what to do, in both languages."""

import re

import pytest

from mmdemo.ui.phrases import ERRORS, GRADIO
from tests.browser.conftest import TABS

PHOTO = "#pair-photo"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = {"API"}  # Latin words that a Chinese page writes too
SAID = """(places) => [...document.querySelectorAll(places)].flatMap(place => [place, ...place.querySelectorAll('*')])
    .filter(e => e.checkVisibility() && !e.closest('textarea, .mm-bare, .katex')).flatMap(e => [
        ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data),
        ...['aria-label', 'title', 'placeholder', 'alt'].map(name => e.getAttribute(name) ?? '')])
    .filter(words => words.trim())"""
DROP = """([place, name, type, times]) => {
    const carried = new DataTransfer();
    for (let n = 0; n < times; n += 1) carried.items.add(new File(['no photo'], n + name, {type}));
    document.querySelector(place).dispatchEvent(
        new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def english(visit, places: str) -> set[str]:
    """What is read or announced there and holds Latin words beyond names."""
    said = visit.page.evaluate(SAID, places)
    return {words for words in said if set(re.findall(r"[A-Za-z]{2,}", words)) - NAMES}


def toast(visit, sentence: str) -> None:
    """Wait for a message, and for nothing of it to be English."""
    visit.page.get_by_test_id("toast-text").get_by_text(sentence).first.wait_for()
    assert english(visit, ".toast-body .toast-title, .toast-body button") == set()


@pytest.mark.parametrize("tab", [*TABS, "autoencoder", "caption", "question", "gallery"])
def test_gradios_own_widgets_are_chinese_in_every_tab(visit, tab):
    visit.open("/zh", tab)
    widgets = f"{PHOTO}, #{tab}-tab, #pair-text, #pair-more, #pair-button, footer, [role=tablist]"
    visit.page.wait_for_function("document.querySelector('#pair-photo [aria-label=全屏]')")
    assert english(visit, widgets) == set()


def test_the_photos_buttons_are_chinese_in_each_of_its_states(visit):
    visit.open("/zh", "match")
    visit.page.click(f"{PHOTO} [aria-label=全屏]")
    visit.page.click(f"{PHOTO} [aria-label=退出全屏]")
    visit.page.click(f"{PHOTO} [aria-label=移除照片]")
    visit.page.wait_for_selector(f"{PHOTO} button.upload-container")
    assert english(visit, PHOTO) == set()


@pytest.mark.parametrize(("path", "side"), [("/", 0), ("/zh", 1)])
@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [("note.txt", "text/plain", "image_not_picture"), ("photo.heic", "", "image_heic")],
)
def test_a_dropped_file_of_another_kind_gets_our_own_sentence(visit, path, side, name, kind, code):
    visit.open(path, "match")
    first = visit.page.get_attribute(f"{PHOTO} img", "src")
    visit.page.evaluate(DROP, [f"{PHOTO} img", name, kind, 1])
    visit.page.get_by_test_id("toast-text").get_by_text(ERRORS[code][side]).wait_for()
    assert visit.page.get_attribute(f"{PHOTO} img", "src") == first
    if side:
        toast(visit, ERRORS[code][side])


def test_two_photos_at_once_are_refused_in_one_sentence(visit):
    visit.open("/zh", "match")
    visit.page.evaluate(DROP, [f"{PHOTO} img", "photo.png", "image/png", 2])
    toast(visit, ERRORS["one_picture"][1])
    assert visit.text("[data-testid=toast-text]") == ERRORS["one_picture"][1]
    visit.wrong = [line for line in visit.wrong if "400 (Bad Request)" not in line]  # the browser's own note


def test_a_visitors_words_are_left_alone(visit):
    visit.open("/zh", "match")
    visit.ask("Error", "Fullscreen")
    visit.page.wait_for_function("document.querySelector('#match-result').innerText.includes('Fullscreen')")
    assert "Error" in visit.text("#match-result")
    assert visit.page.input_value("#pair-text textarea") == "Error"


def test_every_row_of_gradios_words_is_a_pattern_and_has_both_languages():
    for pattern, (own, chinese) in GRADIO.items():
        re.compile(pattern)
        assert own and (CHINESE.search(chinese) or chinese == "$1")
