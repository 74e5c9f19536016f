"""The Fusion tab as a person meets it: the strip above the fold, a fusion chosen, a side dropped, the knob turned."""

import pytest

CHOSEN = "document.querySelector('#fusion-result [aria-pressed=true]').dataset.fusion"
PHONE = (390, 844)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_every_fusion_answers_above_the_fold_and_one_can_be_looked_at_closely(visit, path):
    visit.open(path, "fusion")
    assert visit.page.evaluate("document.querySelector('.mm-strip').getBoundingClientRect().bottom") <= 768
    rows = visit.page.locator("#fusion-result button.mm-fusion")
    assert rows.count() == 10
    visit.page.wait_for_selector("#fusion-inside .mm-box")
    before = visit.text("#fusion-formula")
    visit.page.locator("[data-fusion=lowrank_tensor]").focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function(
        "b => document.querySelector('#fusion-formula').innerText.trim() != b.trim()", arg=before
    )
    assert visit.page.evaluate(CHOSEN) == "lowrank_tensor"
    assert visit.page.locator("#fusion-formula .katex").count() > 0
    assert visit.page.locator("#fusion-ledger .mm-fall-row").count() == 5


def test_dropping_the_photo_changes_the_answers_and_shows_the_old_ones(visit):
    visit.open("/", "fusion")
    assert not visit.page.locator("#fusion-imputation").is_visible()
    visit.page.locator("#fusion-side label").nth(1).click()
    visit.page.wait_for_selector("#fusion-result .mm-fusion small")
    visit.page.wait_for_selector("#fusion-imputation", state="visible")
    assert "Without the photo" in visit.text("#fusion-result")
    visit.page.wait_for_selector("#fusion-inside .mm-absent")


def test_the_knob_moves_the_answer_by_keyboard(visit):
    visit.open("/", "fusion")
    visit.page.get_by_role("tab", name="Alpha dial").click()
    visit.page.wait_for_selector("#fusion-dial .mm-alpha")
    before = visit.page.get_attribute("#fusion-dial .mm-mine-dot", "cx")
    visit.page.locator("#fusion-alpha input[type=range]").focus()
    visit.page.keyboard.press("End")
    visit.page.wait_for_function(
        "b => document.querySelector('#fusion-dial .mm-mine-dot').getAttribute('cx') != b", arg=before
    )
    visit.page.wait_for_function("document.querySelector('#fusion-dial').innerText.includes('α = 1.00')")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_on_a_phone_no_part_scrolls_sideways(visit):
    visit.open("/", "fusion")
    for part in ("Alpha dial", "Time machine", "Figures", "One fusion, closer"):
        visit.page.get_by_role("tab", name=part).click()
        visit.page.wait_for_timeout(300)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_row_chosen_while_the_sentence_is_being_changed_is_of_the_pair_that_the_strip_shows(visit):
    """The strip answers what was asked; the fields may be ahead of it until the button is pressed."""
    visit.open("/", "fusion")
    visit.page.wait_for_selector("#fusion-inside .mm-box")

    def closer(name: str) -> str:
        before = visit.text("#fusion-formula")
        visit.page.locator(f"[data-fusion={name}]").click()
        visit.page.wait_for_function(
            "b => document.querySelector('#fusion-formula').innerText.trim() != b.trim()", arg=before
        )
        visit.page.wait_for_selector("#fusion-closer:not([aria-busy])", state="attached")
        return visit.text("#fusion-ledger")

    asked = closer("product")
    closer("concat")
    visit.page.fill("#pair-text textarea", "everything here is broken and sad")
    assert closer("product") == asked
    visit.page.locator("#pair-button").click()
    visit.page.wait_for_function("b => document.querySelector('#fusion-ledger').innerText.trim() != b", arg=asked)
