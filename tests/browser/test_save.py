"""Tables leave as CSV that a spreadsheet reads and never runs, charts as PNG; nothing goes to a server."""

import csv
import io

import pytest
from PIL import Image

CELLS = [["say", "n"], ['a "b", c', "−0.12"], ["=1+1", "64 %"], ["@x", "+3"], ["-run", "＝2"]]
BUILD = """(rows) => {
  const place = document.createElement('details'), name = document.createElement('summary');
  place.open = true; place.id = 'made'; name.textContent = 'A table / of ours';
  const table = document.createElement('table'), button = document.createElement('button');
  rows.forEach((cells) => {
    const row = table.insertRow();
    cells.forEach((text) => { row.insertCell().textContent = text; });
  });
  button.className = 'mm-save'; button.dataset.save = 'csv'; button.textContent = 'CSV';
  place.append(name, table, button);
  document.querySelector('#match-result').append(place);
}"""
CHARTS = {
    "match": "#match-result .mm-chart",
    "autoencoder": "#autoencoder-result .mm-code",
    "about": "#about-tab",
}


def saved(visit, selector: str):
    with visit.page.expect_download() as waiting:
        visit.page.locator(selector).first.click()
    return waiting.value


def rows_of(download) -> list[list[str]]:
    raw = download.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # a spreadsheet takes it for UTF-8
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_a_table_is_saved_as_it_stands(visit):
    visit.open("/zh", "match")
    visit.page.locator("#match-result details summary").last.click()
    shown = visit.page.locator("#match-result table tr").count()
    first = visit.page.locator("#match-result table tr > :first-child").all_text_contents()
    download = saved(visit, "#match-result [data-save=csv]")
    assert download.suggested_filename.startswith("match-") and download.suggested_filename.endswith(".csv")
    kept = rows_of(download)
    assert len(kept) == shown and [row[0] for row in kept] == [text.strip() for text in first]


def test_a_cell_cannot_become_a_formula_and_numbers_stay_numbers(visit):
    visit.open("/", "match")
    visit.page.evaluate(BUILD, CELLS)
    download = saved(visit, "#made .mm-save")
    assert download.suggested_filename == "match-A-table-of-ours.csv"
    assert rows_of(download) == [
        ["say", "n"], ['a "b", c', "-0.12"], ["'=1+1", "64 %"], ["'@x", "+3"], ["'-run", "'＝2"],
    ]  # fmt: skip


@pytest.mark.parametrize("tab", CHARTS)
def test_a_chart_is_saved_twice_as_large_as_it_is_shown(visit, tab):
    sent = []
    visit.page.goto(visit.address + "/?__theme=dark")
    visit.page.wait_for_selector("#match-result .mm-card")
    visit.turn(tab)
    visit.page.wait_for_selector(f"{CHARTS[tab]} [data-save=png]")
    visit.page.on("request", lambda request: sent.append(request.url))
    wide = visit.page.locator(f"{CHARTS[tab]} svg").first.bounding_box()["width"]
    with Image.open(saved(visit, f"{CHARTS[tab]} [data-save=png]").path()) as image:
        assert image.width == pytest.approx(2 * (wide + 24), abs=2)
        assert image.getpixel((0, 0))[:3] == (0x17, 0x1D, 0x28)  # the dark page's card
        assert len(image.convert("RGB").getcolors(1 << 24)) > 8
    assert [url for url in sent if not url.startswith(("data:", "blob:"))] == []
