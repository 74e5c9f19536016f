"""A visitor behind nginx and behind Caddy: everything works through them, and what is seen when a page is killed."""

import pytest
from PIL import Image

from tests.browser.conftest import Visit
from tests.serving.proxies import Behind, program, proxied

ASKS_FOR_IT = (
    "[...document.querySelectorAll('.toast-body')].some((one) => one.innerText.includes('Upload the photo first'))"
)
# keeps what the page hears of its questions
LISTENER = """
  const ask = window.fetch;
  window.heard = '';
  window.fetch = async (address, options) => {
    const answer = await ask(address, options);
    if (!String(address?.url ?? address).includes('/queue/data') || !answer.body) return answer;
    const [own, copy] = answer.body.tee();
    const pieces = copy.pipeThrough(new TextDecoderStream()).getReader();
    const listen = ({done, value}) => { if (!done) { window.heard += value; pieces.read().then(listen, () => {}); } };
    pieces.read().then(listen, () => {});
    return new Response(own, answer);
  };
"""
HEARS = "(event) => window.heard.split('\\n').some((line) => line.includes('process_starts') && line.includes(event))"
STILL = 1500  # milliseconds until gradio has done drawing what a reload brought back


def upload(page, photo) -> None:
    page.wait_for_timeout(STILL)
    page.set_input_files("#pair-photo input[type=file]", photo)
    page.wait_for_selector(f"#pair-photo img[src*='{photo.name}']")


def kill_the_page_of(behind: Behind) -> None:
    """The page that holds the photo, at once and without a word."""
    [mine] = [one for one in behind.pages if list(one.uploads.rglob("own.png"))]
    mine.process.kill()
    mine.process.wait()


@pytest.fixture(params=["nginx", "caddy"])
def name(request, tmp_path) -> str:
    """Of a proxy that is installed here; the photo to upload is drawn too."""
    if program(request.param) is None:
        pytest.skip(f"{request.param} is not installed (apt-get install {request.param})")
    Image.new("RGB", (90, 60), "teal").save(tmp_path / "own.png")
    return request.param


def test_a_visitor_behind_a_proxy_asks_uploads_reloads_and_outlives_a_page(name, chromium, tmp_path):
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
        page.wait_for_function("document.querySelector('.mm-chain').innerText.includes('a teal wall')")  # answered
        assert "teal" in page.evaluate("location.hash")
        assert visit.wrong == []

        kill_the_page_of(behind)
        visit.ask("still there")  # the photo is not
        page.wait_for_function(ASKS_FOR_IT)  # Caddy first gives one 503, after which the page asks again
        page.reload()
        upload(page, tmp_path / "own.png")
        visit.ask("once more")
        page.wait_for_function("document.querySelector('#sentiment-result').innerText.includes('Together')")
        page.close()


def test_a_page_killed_over_a_question_is_loaded_anew_with_the_sentence(name, chromium, tmp_path):
    with proxied(name, tmp_path, "slow") as behind:
        page = chromium.new_page()
        page.add_init_script(LISTENER)
        visit = Visit(page, behind.address)
        visit.open("/", "sentiment")
        upload(page, tmp_path / "own.png")
        with page.expect_response(lambda answer: "held" in (answer.request.post_data or "")) as taken:
            visit.ask("held, and never told")
        page.wait_for_function(HEARS, arg=taken.value.json()["event_id"])  # the upload's own event is another
        kill_the_page_of(behind)
        page.wait_for_function("document.body.innerText.includes('The server does not answer')")
        page.wait_for_function("document.querySelector('#sentiment-result')?.innerText.includes('no answer yet')")
        assert page.input_value("#pair-text textarea") == "held, and never told"
        upload(page, tmp_path / "own.png")
        visit.ask("once more")
        page.wait_for_function("document.querySelector('#sentiment-result').innerText.includes('Together')")
        page.close()
