"""The Attention tab as a person uses it: the test after the map, other questions, tiles, places, a box, the eraser."""

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import engine_name

BADGE = "#attention-test [data-verdict]"
# a press on Stop in the frame that shows it: a warm test is over before Playwright finds the button "stable"
PRESS_STOP = "(() => { const b = document.querySelector('#attention-test [data-test=stop]'); b?.click(); return b; })()"
# the sign that a test runs may be gone before Playwright looks again: the page itself notes that it stood there
NOTE_WAITING = """() => {
    const place = document.getElementById('attention-test');
    new MutationObserver(() => { if (place.querySelector('.mm-badge-waiting')) window.hasWaited = true; })
        .observe(place, {childList: true, subtree: true});
}"""
PATIENCE = 60_000  # a shared machine may take long over the curves of the real engine


def choose(visit, name: str, option: int) -> None:
    """Open a dropdown and take one of its options."""
    visit.page.click(f"#{name} input")
    visit.page.locator(f"#{name} [role=option]").nth(option).click()


def turned(visit, part: int, wanted: str) -> None:
    """Turn to one of the four parts and wait for what it shows."""
    visit.page.locator("#attention-parts button[role=tab]").nth(part).click()
    visit.page.wait_for_selector(wanted, timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_the_map_comes_first_and_its_test_follows_with_curves(visit, path):
    visit.open(path, "attention")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)
    visit.page.wait_for_selector("#attention-curves svg", timeout=PATIENCE)
    for chart in visit.page.locator("#attention-curves svg").all():
        assert len(chart.get_attribute("aria-label")) > 30
    visit.page.evaluate(NOTE_WAITING)
    visit.page.locator("#attention-words .mm-word").nth(2).click()
    visit.page.wait_for_function("() => window.hasWaited")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_the_saved_picture_carries_its_method_and_the_verdict_of_its_test(visit, path, tmp_path):
    visit.open(path, "attention")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)
    with visit.page.expect_download() as saved:
        visit.page.click("#attention-save")
    saved.value.save_as(tmp_path / "saved.png")
    shot = np.asarray(Image.open(tmp_path / "saved.png").convert("L"), float)
    photo = visit.page.evaluate(
        "(() => { const p = document.querySelector('#attention-figure .mm-photo-shown');"
        " return p.naturalHeight / p.naturalWidth; })()"
    )
    strip = shot[round(photo * shot.shape[1]) :]
    written = (strip < 128).any(1)[30:]  # rows of pixels below the colour bar in which there is ink
    assert np.diff(written.astype(int)).clip(0).sum() >= 2  # two lines of text at least
    assert (strip[:, -10:] > 250).all()  # and none runs out of the picture


def test_two_questions_in_a_row_end_with_the_badge_of_the_second(visit):
    visit.open("/", "attention")
    words = visit.page.locator("#attention-words .mm-word")
    for i in (1, 3, 1, 2):  # faster than any engine: no click may be lost, and no older answer may come last
        words.nth(i).click()
    label = words.nth(2).inner_text().strip()
    visit.page.wait_for_function(
        "w => document.querySelector('#attention-figure b').innerText == `“${w}”`", arg=label, timeout=PATIENCE
    )
    both = "badge => document.querySelector(badge) && !document.querySelector('#attention-test .mm-badge-waiting')"
    visit.page.wait_for_function(both, arg=BADGE, timeout=PATIENCE)  # the badge before it may stand there for a moment


def test_a_test_can_be_stopped_and_begun_again(visit):
    if engine_name() != "real":
        pytest.skip("the stand-in's test is over before a hand could stop it")
    visit.open("/", "attention")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)  # the page's own first test must not be the one stopped
    visit.page.fill("#pair-text textarea", "a sentence that no other test asks about, for tests are remembered")
    visit.page.click("#pair-button")
    visit.page.wait_for_function(PRESS_STOP, timeout=PATIENCE)
    visit.page.wait_for_selector("#attention-test .mm-badge-stopped")
    visit.page.wait_for_timeout(2000)
    assert "was stopped" in visit.text("#attention-test")
    visit.page.click("#attention-test button[data-test=again]")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)


def test_a_question_that_fails_leaves_the_map_and_its_test(visit):
    visit.open("/", "attention")
    visit.page.fill("#pair-text textarea", "one more sentence that no other test asks about")
    visit.page.click("#pair-button")
    visit.page.wait_for_selector("#attention-test .mm-badge-waiting, " + BADGE)
    visit.page.fill("#pair-text textarea", " ")
    visit.page.click("#pair-button")
    visit.page.wait_for_selector("text=There is no text")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)
    assert visit.page.locator("#attention-test .mm-badge-waiting").count() == 0


def crossed(visit) -> None:
    """The cross-attention model's own attention is chosen."""
    caption = "text => document.querySelector('#attention-figure figcaption').innerText.includes(text)"
    choose(visit, "attention-model", 1)
    visit.page.wait_for_function(caption, arg="Matching (cross-attention)", timeout=PATIENCE)
    choose(visit, "attention-method", 0)
    visit.page.wait_for_function(
        "() => document.querySelector('#attention-method input').value === 'Cross-attention'", timeout=PATIENCE
    )


def test_another_model_brings_its_own_methods_and_a_feeling_its_rival(visit):
    visit.open("/", "attention")
    visit.page.click("#attention-more button")
    crossed(visit)  # which the sentiment model has not
    assert visit.page.input_value("#attention-method input") == "Cross-attention"
    choose(visit, "attention-model", 2)  # sentiment
    caption = "text => document.querySelector('#attention-figure figcaption').innerText.includes(text)"
    visit.page.wait_for_function(caption, arg="Sentiment", timeout=PATIENCE)
    assert visit.page.input_value("#attention-method input") in ("Grad-CAM", "Relevance, shifted views")
    choose(visit, "attention-target", 3)  # positive
    visit.page.wait_for_function(caption, arg="feeling: positive", timeout=PATIENCE)
    choose(visit, "attention-rival", 1)  # negative
    visit.page.wait_for_function(caption, arg="why “positive” rather than “negative”", timeout=PATIENCE)
    assert visit.page.locator("#attention-rival-text").count() == 0  # a sentence is no rival of a feeling
    visit.page.locator("#pair-examples .mm-example").nth(1).click()
    visit.page.wait_for_selector("#tabs[data-asking='']:not([data-old~=attention])", timeout=PATIENCE)
    assert "why “positive” rather than “negative”" in visit.text(
        "#attention-figure"
    )  # an example changes the pair alone
    choose(visit, "attention-model", 0)
    visit.page.wait_for_function(caption, arg="Matching (cosine)", timeout=PATIENCE)
    visit.page.wait_for_selector("#attention-rival-text textarea")
    assert visit.page.locator("#attention-rival").count() == 0


def test_a_rival_sentence_is_asked_by_the_button_and_takes_the_heads_away(visit):
    visit.open("/", "attention")
    visit.page.click("#attention-more button")
    crossed(visit)  # which knows no "rather than"
    turned(visit, 2, "#attention-heads .mm-tile")
    visit.page.fill("#attention-rival-text textarea", "two dogs")
    visit.page.click("#pair-button")
    caption = (
        "() => document.querySelector('#attention-figure figcaption').innerText.includes('rather than “two dogs”')"
    )
    visit.page.wait_for_function(caption, timeout=PATIENCE)
    assert visit.page.input_value("#attention-method input") != "Cross-attention"
    visit.page.wait_for_selector("#attention-heads .mm-note", timeout=PATIENCE)
    assert visit.page.locator("#attention-heads .mm-tile").count() == 0


def test_a_click_in_the_photo_names_the_words_that_looked_there(visit):
    visit.open("/", "attention")
    visit.page.locator("#attention-figure .mm-stage").click(position={"x": 5, "y": 5})
    visit.page.wait_for_selector("#attention-looked .mm-note")
    assert visit.text("#attention-looked").startswith("Row 1, column 1 of ")


def test_the_patches_can_be_shown_and_hidden_again(visit):
    visit.open("/", "attention")
    drawn = "() => getComputedStyle(document.querySelector('#attention-figure .mm-stage'), '::after').backgroundImage"
    assert visit.page.evaluate(drawn) == "none"
    visit.page.check("#attention-grid")
    assert "linear-gradient" in visit.page.evaluate(drawn)
    visit.page.uncheck("#attention-grid")
    assert visit.page.evaluate(drawn) == "none"


def test_the_arrow_keys_reach_every_place(visit):
    visit.open("/", "attention")
    visit.page.focus("#attention-figure .mm-stage")
    rows, columns = map(int, visit.page.get_attribute("#attention-figure .mm-stage", "data-grid").split(","))
    for key in ["ArrowDown", *["ArrowUp"] * rows, *["ArrowRight"] * columns]:
        visit.page.keyboard.press(key)
    said = f"Row 1, column {columns} of {rows} × {columns}"
    visit.page.wait_for_function("s => document.querySelector('#attention-looked').innerText.startsWith(s)", arg=said)


@pytest.mark.parametrize("path", ["/?__theme=light", "/?__theme=dark"])
def test_what_the_keys_reach_has_a_ring(visit, path):
    """By Tab as a person comes there; the words, the map, its tools, the badge's button in its place, the tiles."""
    visit.open(path, "attention")
    visit.page.wait_for_selector(BADGE, timeout=PATIENCE)
    turned(visit, 1, "#attention-sides .mm-tile")
    visit.page.evaluate(
        "() => document.querySelector('#attention-hint').insertAdjacentHTML('beforeend',"
        """ '<div class="mm-badge"><button type="button" id="stop">Stop</button></div>')"""
    )
    for reached in (
        "#attention-words .mm-word", "#attention-figure .mm-stage", "#attention-opacity", "#attention-grid",
        "#attention-save", "#stop", "#attention-sides .mm-tile",
    ):  # fmt: skip
        visit.page.locator(reached).first.focus()
        visit.page.keyboard.press("Shift+Tab")
        visit.page.keyboard.press("Tab")
        ring = "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]"
        assert visit.page.locator(reached).first.evaluate(ring) == ["solid", "3px"], reached


def test_a_tile_becomes_the_map_on_the_screen(visit):
    visit.open("/", "attention")
    turned(visit, 1, "#attention-sides .mm-tile")
    tiles = visit.page.locator("#attention-sides .mm-tile")
    name = tiles.nth(1).locator("b").inner_text()
    tiles.nth(1).click()
    visit.page.wait_for_function(
        "n => document.querySelector('#attention-figure figcaption').innerText.includes(n)", arg=name, timeout=PATIENCE
    )
    assert tiles.nth(1).get_attribute("aria-pressed") == "true"
    turned(visit, 2, "#attention-heads .mm-tile")
    visit.page.locator("#attention-heads .mm-tile").first.click()
    visit.page.wait_for_function(
        "() => /head 1/.test(document.querySelector('#attention-figure figcaption').innerText)", timeout=PATIENCE
    )


def test_a_box_is_drawn_by_hand_or_by_numbers_and_can_be_erased(visit):
    visit.open("/", "attention")
    turned(visit, 3, "#attention-pad .mm-stage")
    stage = visit.page.locator("#attention-pad .mm-stage")
    stage.scroll_into_view_if_needed()
    at = stage.bounding_box()
    visit.page.mouse.move(at["x"] + 0.2 * at["width"], at["y"] + 0.3 * at["height"])
    visit.page.mouse.down()
    visit.page.mouse.move(at["x"] + 0.6 * at["width"], at["y"] + 0.8 * at["height"], steps=3)
    visit.page.mouse.up()
    visit.page.wait_for_selector("#attention-box .mm-badge")
    assert "the box covers 20 % of the photo" in visit.text("#attention-box")
    visit.page.click("#attention-corners button")
    assert visit.page.input_value("#attention-box-left input") == "20"
    visit.page.fill("#attention-box-right input", "100")
    visit.page.wait_for_function("() => /40/.test(document.querySelector('#attention-box').innerText)")
    visit.page.wait_for_function("() => document.querySelector('#attention-pad .mm-drawn').style.width == '80%'")
    visit.page.click("#attention-erase-box")
    visit.page.wait_for_selector("#attention-erased .mm-move")
    assert visit.page.locator("#attention-erased .mm-move").count() == 2  # the numbers of the explained model
    assert "Asked again: Matching (cosine)" in visit.text("#attention-erased")


def test_a_box_stays_with_the_photo_and_goes_with_it(visit):
    visit.open("/", "attention")
    turned(visit, 3, "#attention-pad .mm-stage")
    drawn = "#attention-pad .mm-drawn"
    assert visit.page.locator(drawn).is_hidden()
    visit.page.click("#attention-corners button")
    visit.page.fill("#attention-box-left input", "10")
    visit.page.wait_for_selector("#attention-box .mm-badge")
    visit.page.locator("#attention-words .mm-word").nth(2).click()
    visit.page.wait_for_function("() => document.querySelector('#attention-figure b').innerText != 'whole sentence'")
    visit.page.wait_for_function("() => !document.querySelector('#attention-parts[aria-busy]')")
    assert visit.page.locator(drawn).is_visible()
    assert visit.page.get_attribute(drawn, "style").startswith("left:10%")
    assert visit.page.locator("#attention-box .mm-badge").count() == 1
    visit.page.locator("#pair-examples .mm-example").nth(1).click()
    visit.page.wait_for_function("() => document.querySelector('#attention-pad .mm-drawn').hidden", timeout=PATIENCE)
    visit.page.wait_for_function("() => document.querySelector('#attention-box-left input').value == '25'")
    assert visit.page.locator("#attention-box .mm-badge").count() == 0


@pytest.mark.skipif(engine_name() == "real", reason="the stand-in says when a map survives random weights")
def test_the_untrained_twin_stands_beside_the_map_on_request(visit):
    visit.open("/", "attention")
    visit.page.click("#attention-sanity-button")
    visit.page.wait_for_selector("#attention-sanity .mm-note")
    assert visit.page.locator("#attention-sanity img").count() == 4
