"""The page by keyboard, and the Fusion tab on a phone."""

import pytest

from tests.browser.test_visit import settle

FOCUSED = "document.activeElement.id"


def test_the_first_stop_of_the_tab_key_leads_to_the_answer(visit):
    visit.open("/", "match")
    settle(visit)
    address = visit.page.url
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.goto(address)
    visit.page.wait_for_selector("#match-result .mm-card")
    settle(visit)
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "mm-skip"
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate(FOCUSED) == "match-tab"
    assert visit.page.url == address  # what stands behind "#" is the visit's address


def test_arrows_home_and_end_turn_the_tabs_and_the_tab_key_passes_them_in_one_step(visit):
    visit.open("/", "match")
    settle(visit)
    visit.page.focus("#match-tab-button")
    for key, tab in (
        ("ArrowLeft", "about"),
        ("ArrowRight", "match"),
        ("End", "about"),
        ("Home", "match"),
        ("ArrowRight", "sentiment"),
    ):
        visit.page.keyboard.press(key)
        assert visit.page.evaluate(FOCUSED) == f"{tab}-tab-button"
        visit.page.wait_for_function("(tab) => document.body.dataset.tab === tab", arg=tab)
    settle(visit)
    reached = "#tabs > * [role=tab][tabindex='0']:visible"
    assert visit.page.locator(reached).count() == 1


@pytest.mark.parametrize("visit", [(390, 844)], indirect=True)
def test_on_a_phone_a_tapped_fusion_is_brought_into_view(visit):
    visit.page.emulate_media(reduced_motion="reduce")
    visit.open("/", "fusion")
    settle(visit)
    visit.page.locator("#fusion-result button.mm-fusion").first.click()
    visit.page.wait_for_function(
        "(() => { const top = document.getElementById('fusion-parts').getBoundingClientRect().top;"
        " return top >= 0 && top < innerHeight / 2; })()"
    )


def test_the_ranking_is_a_list(visit):
    visit.open("/", "match")
    items = visit.page.locator("#match-result").get_by_role("listitem")
    assert items.count() == 3
    assert "%" in items.first.inner_text()
