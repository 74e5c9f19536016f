"""axe-core over every tab and every part of one, in both languages and both themes: nothing serious of ours."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.test_visit import ASKING, answered, settle

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
RULES = "{resultTypes: ['violations'], rules: {'label-content-name-mismatch': {enabled: true}}}"
ALLOWED = {
    "show-api": "gradio's own footer: its colour is gradio's",
}


def problems(visit) -> list[str]:
    """What axe calls serious or critical, as "rule: place"; the page is seen as it stands."""
    visit.page.evaluate("document.querySelectorAll('#answers details').forEach((one) => { one.open = true; })")
    visit.page.wait_for_timeout(400)  # colours fade in
    if not visit.page.evaluate("'axe' in window"):
        visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    told = visit.page.evaluate(f"axe.run(document, {RULES})")
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in told["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(name in node["html"][:200] for name in ALLOWED)
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/zh"])
def test_axe_finds_nothing_serious_of_ours(visit, path, theme):
    visit.page.goto(f"{visit.address}{path}?__theme={theme}")
    visit.page.wait_for_selector("#match-result .mm-card")
    found = []
    for tab in (*ASKING, "about"):
        visit.turn(tab)
        if tab == "about":
            visit.page.wait_for_selector("#about-result .mm-model")
        else:
            answered(visit, tab)
        parts = visit.page.locator(f"#{tab}-tab [role=tablist] [role=tab]:visible")
        for i in range(max(parts.count(), 1)):
            if parts.count():
                parts.nth(i).click()
                visit.page.wait_for_timeout(500)  # until the part asks; what still waits is dimmed
            if tab != "about":
                settle(visit)
            found += [f"{tab} {i} {problem}" for problem in problems(visit)]
    assert found == []
