"""The Gallery tab as a person meets it: photos and zips chosen, searched by sentence, photo and captions, and kept."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.test_visit import settle

PHONE = (390, 844)
STATUS, RESULT = "#gallery-status", "#gallery-result"
STILL = 700  # milliseconds after which gradio no more writes a widget's first value over what a program filled in
OWN = {"/": "of yours", "/zh": "您的"}


def picture(i: int) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((40 + i, 30), 60).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def file(name: str, content: bytes, kind: str = "image/png") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def packed(*entries: tuple[str, bytes]) -> dict[str, object]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file("photos.zip", buffer.getvalue(), "application/zip")


def choose(visit, *files: dict[str, object]) -> None:
    visit.page.set_input_files("#gallery-pick input", list(files))


def wait_for(visit, place: str, part: str) -> None:
    says = "([place, part]) => document.querySelector(place)?.innerText.includes(part)"
    visit.page.wait_for_function(says, arg=[place, part])


def toast(visit) -> str:
    visit.page.wait_for_selector(".toast-body")
    said = visit.text(".toast-body")
    visit.page.evaluate("document.querySelector('.toast-body button').click()")
    visit.page.wait_for_selector(".toast-body", state="detached")
    return said


def opened(visit, path: str) -> None:
    visit.open(path, "gallery")
    settle(visit)
    visit.page.wait_for_timeout(STILL)


def unfolded(visit) -> None:
    """The captions' part, open."""
    visit.page.click("#gallery-captions > button")
    visit.page.locator("#gallery-lines textarea").wait_for()
    visit.page.wait_for_timeout(STILL)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_chosen_photos_are_searched_and_what_was_left_out_is_said(visit, path):
    opened(visit, path)
    before = visit.text(STATUS)
    photos = [file(f"p{i}.png", picture(i)) for i in range(3)]
    evil = file("<img src=x onerror=alert(1)>.png", b"no picture")
    choose(visit, photos[0], evil, *photos[1:], file("again.png", photos[1]["buffer"]))
    wait_for(visit, STATUS, OWN[path])
    settle(visit)
    assert before != visit.text(STATUS)
    assert sorted(visit.page.locator(f"{RESULT} .mm-hits img").evaluate_all("all => all.map(one => one.alt)")) == [
        "p0.png", "p1.png", "p2.png",
    ]  # fmt: skip
    visit.page.click(f"{STATUS} summary")
    assert visit.page.locator(f"{STATUS} li").count() == 2 and "p1.png" in visit.text(f"{STATUS} ul")
    visit.page.click("#gallery-examples")
    visit.page.wait_for_function("before => document.querySelector('#gallery-status').innerText === before", arg=before)


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_a_zip_is_read_and_what_cannot_be_used_leaves_the_gallery_as_it_was(visit, path):
    opened(visit, path)
    choose(visit, packed(*((f"../deep/z{i}.png", picture(i)) for i in range(2))))
    wait_for(visit, STATUS, OWN[path])
    settle(visit)
    kept = visit.text(STATUS), visit.text(f"{RESULT} .mm-hits")
    assert "z0.png" in kept[1]
    choose(visit, file("one.png", picture(9)))
    assert "500" in toast(visit)
    choose(visit, *(file(f"{i}.png", b"x") for i in range(501)))
    assert "501" in toast(visit)
    choose(visit, packed(("bomb.png", bytes(60_000_000)), ("a.png", picture(1))))
    assert "bomb.png" in toast(visit)
    assert (visit.text(STATUS), visit.text(f"{RESULT} .mm-hits")) == kept
    visit.page.locator(f"{RESULT} details summary").first.click()
    with visit.page.expect_download() as told:
        visit.page.locator(f'{RESULT} [data-save="csv"]').first.click()
    rows = Path(told.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3 and rows[1].startswith('"1","z')


def test_a_zip_that_is_damaged_is_said_where_it_was_chosen(visit):
    opened(visit, "/zh")
    choose(visit, file("photos.zip", b"PK\x03\x04" + bytes(40), "application/zip"))
    wait_for(visit, "#gallery-pick", "已损坏")
    visit.wrong = [one for one in visit.wrong if "422" not in one]


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_a_hit_is_explained_ranked_again_and_searched_with(visit, path):
    opened(visit, path)
    assert visit.page.locator("#gallery-more .mm-card").count() == 0
    visit.page.locator(f"{RESULT} [data-act=why]").nth(1).click()
    visit.page.wait_for_selector("#gallery-more .mm-heat")
    visit.page.click(f"{RESULT} [data-act=rank]")
    visit.page.wait_for_selector("#gallery-more table")
    assert visit.page.locator("#gallery-more tbody tr").count() == 10
    first = visit.page.locator(f"{RESULT} .mm-hits img").first.get_attribute("alt")
    visit.page.locator(f"{RESULT} [data-act=like]").first.focus()
    visit.page.keyboard.press("Enter")
    headline = f"document.querySelector('{RESULT} strong')?.innerText === "
    visit.page.wait_for_function(f"{headline}'{first}' && !document.querySelector('{RESULT} [data-act=why]')")
    assert first not in visit.page.locator(f"{RESULT} .mm-hits img").evaluate_all("all => all.map(one => one.alt)")


def test_the_page_s_photo_and_what_is_taken_off_stand_in_the_address(visit):
    opened(visit, "/")
    visit.page.locator("#gallery-by label").nth(2).click()
    visit.page.wait_for_function(f"document.querySelector('{RESULT} small')?.innerText === 'Nearest'")
    settle(visit)
    visit.page.wait_for_timeout(STILL)
    visit.page.fill("#gallery-without :is(textarea, input)", "snow")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function("location.hash.includes('gallery.without')")
    settle(visit)
    assert "gallery.by=both" in visit.page.url and "gallery.without=snow" in visit.page.url


@pytest.mark.parametrize("path", ["/", "/zh"])
def test_captions_come_typed_and_as_csv(visit, path):
    opened(visit, path)
    unfolded(visit)
    visit.page.fill("#gallery-lines textarea", "a lion\na boat")
    visit.page.click("#gallery-lines-button")
    visit.page.wait_for_function("document.querySelectorAll('#gallery-found .mm-ranking li').length === 2")
    sheet = "photo,caption\nlion.jpg,石头上的狮子\nboat.jpg,海上的船\n".encode("gbk")
    visit.page.set_input_files("#gallery-sheet input", [file("c.csv", sheet, "text/csv")])
    wait_for(visit, "#gallery-found", "R@10")
    assert "石头上的狮子" in visit.text("#gallery-found") and visit.page.locator("#gallery-map rect").count() == 2
    drawn = visit.page.inner_html("#gallery-map svg")
    visit.page.click("#gallery-close input")
    visit.page.wait_for_function("drawn => document.querySelector('#gallery-map svg').innerHTML !== drawn", arg=drawn)
    visit.page.set_input_files("#gallery-sheet input", [file("c.csv", b"file,words\na,b", "text/csv")])
    said = toast(visit)
    assert "file" in said and "words" in said
    visit.page.set_input_files("#gallery-sheet input", [file("c.csv", bytes(200_000), "text/csv")])
    assert "200,000" in toast(visit)
    assert "石头上的狮子" in visit.text("#gallery-found")


def test_sending_can_be_stopped(visit):
    opened(visit, "/")
    visit.page.route("**/upload?gallery=1", lambda route: None)  # it never ends
    choose(visit, file("a.png", picture(1)), file("b.png", picture(2)))
    wait_for(visit, "#gallery-pick", "Sending 1 of 2")
    visit.page.click("#gallery-pick .mm-stop")
    visit.page.wait_for_function("document.querySelector('#gallery-pick .mm-stop').hidden")
    assert "example photos" in visit.text(STATUS)
    visit.page.unroute("**/upload?gallery=1")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_gallery_fits_a_phone(visit):
    opened(visit, "/zh")
    visit.page.click("#gallery-captions > button")
    visit.page.click(f"{RESULT} [data-act=rank]")
    visit.page.wait_for_selector("#gallery-more table")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
