"""A visitor behind nginx and behind Caddy: everything works through them, and what is seen when a page is killed."""

import pytest
from PIL import Image

from tests.browser.conftest import Visit
from tests.serving.proxies import program, proxied

ASKS_FOR_IT = (
    "[...document.querySelectorAll('.toast-body')].some((one) => one.innerText.includes('Upload the photo first'))"
)
STILL = 1500  # milliseconds until gradio has done drawing what a reload brought back


def upload(page, photo) -> None:
    page.wait_for_timeout(STILL)
    page.set_input_files("#pair-photo input[type=file]", photo)
    page.wait_for_selector(f"#pair-photo img[src*='{photo.name}']")


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_a_visitor_behind_a_proxy_asks_uploads_reloads_and_outlives_a_page(name, chromium, tmp_path):
    if program(name) is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    Image.new("RGB", (90, 60), "teal").save(tmp_path / "own.png")
    with proxied(name, tmp_path) as behind:
        page = chromium.new_page()
        visit = Visit(page, behind.address)
        visit.open("/", "match")
        visit.ask("a zebra crossing")
        page.wait_for_function("document.querySelector('#match-result').innerText.includes('zebra')")
        visit.turn("sentiment")
        page.wait_for_selector("#sentiment-result .mm-card")
        page.reload()
        page.wait_for_selector("#sentiment-result .mm-card")
        upload(page, tmp_path / "own.png")
        visit.ask("a teal wall")
        page.wait_for_function("location.hash.includes('teal')")
        page.wait_for_selector("#sentiment-result .mm-card")
        assert visit.wrong == []

        [mine] = [one for one in behind.pages if list(one.uploads.rglob("own.png"))]
        mine.process.kill()
        mine.process.wait()
        visit.ask("still there")  # the photo is not
        page.wait_for_function(ASKS_FOR_IT)  # Caddy first gives one 503, after which the page asks again
        page.reload()
        upload(page, tmp_path / "own.png")
        visit.ask("once more")
        page.wait_for_function("document.querySelector('#sentiment-result').innerText.includes('Together')")
        page.close()
