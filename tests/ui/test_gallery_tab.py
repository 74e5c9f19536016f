"""The Gallery tab without a server: photos in, hits and captions out as HTML; whose they are, and for how long."""

import base64
import copy
import gc
import re
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mmdemo.errors import ImageError, InputError, MMDemoError
from mmdemo.inputs import read_image
from mmdemo.ui.gallery import examples
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.tabs.gallery import captions as reading
from mmdemo.ui.tabs.gallery import draw
from mmdemo.ui.tabs.gallery.events import Desk
from mmdemo.ui.tabs.gallery.kept import Captions, Gallery, Shelf, Store
from mmdemo.ui.tabs.gallery.photos import load, loaded, photo
from mmdemo.ui.tabs.gallery.search import Query, asked, ranked, search
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
EVIL = "<script>alert(1)</script>.png"


class Examples:
    """What the tab needs of the page."""

    def __init__(self, say: Say = EN) -> None:
        self.choices = examples(say)


def made(folder: Path, count: int, *, first: int = 1) -> list[tuple[str, None]]:
    """Photos of different sizes and colours."""
    paths = [folder / f"p{i}.png" for i in range(first, first + count)]
    for i, path in enumerate(paths, first):
        Image.linear_gradient("L").resize((20 + i % 37, 20 + i // 37)).convert("RGB").save(path)
    return [(str(path), None) for path in paths]


def desk(tmp_path: Path, say: Say = EN, engine: FakeEngine | None = None) -> Desk:
    return Desk(engine or FakeEngine(), say, Folder(tmp_path / "uploads"), Examples(say))


def uploaded(folder: Folder, uploads: list[tuple[str, None]], visitor: str = "a") -> list[str]:
    found = []
    for path, _ in uploads:
        staged = folder.staged()
        staged.write_bytes(Path(path).read_bytes())
        found.append(folder.admit(staged, Path(path).name, visitor))
    return found


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def sheet(text: str, code: str = "utf-8") -> str:
    return base64.b64encode(text.encode(code)).decode()


def wrong(act) -> MMDemoError:
    with pytest.raises(MMDemoError) as caught:
        act()
    assert EN.error(caught.value) != ZH.error(caught.value)
    return caught.value


# ---- what stands in a gallery


def test_unreadable_photos_are_skipped_with_the_reason_and_equal_ones_kept_once(tmp_path):
    uploads = made(tmp_path, 5)
    (tmp_path / EVIL.replace("/", "_")).write_bytes(b"no picture")
    twin = tmp_path / "twin.png"
    twin.write_bytes(Path(uploads[1][0]).read_bytes())
    heic = (str(tmp_path / "x.heic"), ImageError("HEIC.", "image_heic"))
    uploads[2:2] = [(str(tmp_path / EVIL.replace("/", "_")), None), (str(twin), None), heic]
    gallery = loaded(FakeEngine(), uploads)
    assert gallery.index.names == ("p1.png", "p2.png", "p3.png", "p4.png", "p5.png")
    assert gallery.index.vectors.shape == (5, 8) and len(gallery.photos) == 5
    assert [error.code for _, error in gallery.skipped] == ["image_not_picture", "photo_twice", "image_heic"]
    for say, reason in ((EN, "the same photo as p2.png"), (ZH, "和 p2.png 是同一张")):
        html = draw.draw_status(gallery, say)
        assert reason in readable(html) and "<script" not in html and "&lt;script" in html
    assert "5 photos of yours" in readable(draw.draw_status(gallery, EN))


def test_how_many_are_read_is_told_and_they_are_kept_small(tmp_path):
    uploads = made(tmp_path, 18)
    Image.effect_noise((1600, 900), 90).convert("RGB").save(uploads[0][0])
    *told, gallery = load(FakeEngine(), uploads)
    assert told == [8, 16, 18]
    assert max(photo(gallery, 0).size) == 512
    assert gallery.size == sum(map(len, gallery.photos)) + 18 * 8 * 4


@pytest.mark.parametrize("count", [0, 1, 501])
def test_too_few_and_too_many_are_a_sentence(tmp_path, count):
    error = wrong(lambda: loaded(FakeEngine(), made(tmp_path, min(count, 1)) * count))
    assert error.code == "gallery_size" and f"{count}" in EN.error(error)


def test_whoever_sends_hardly_one_that_can_be_read_hears_why(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    spelt = desk(tmp_path, ZH).spelt(wrong(lambda: loaded(FakeEngine(), [*made(tmp_path, 1), (str(broken), None)])))
    assert spelt.code == "gallery_few" and "broken.png：这个文件不是图片" in ZH.error(spelt)


# ---- whose it is


def test_a_gallery_that_could_not_be_loaded_leaves_the_old_one(tmp_path):
    at, shelf = desk(tmp_path), Shelf()
    *_, gallery = at.load(uploaded(at.folder, made(tmp_path, 3)), 3)
    at.store.put(shelf, gallery)
    one = uploaded(at.folder, made(tmp_path, 1))
    for act in (lambda: [*at.load(one, 1)], lambda: [*at.load([], 501)], lambda: [*at.load(["/etc/passwd"] * 3, 3)]):
        assert wrong(act).code in ("gallery_size", "gallery_few")
    assert at.gallery(shelf) is gallery
    assert at.folder.used == 0  # nothing of the uploads stays


def test_two_visitors_do_not_see_each_other(tmp_path):
    at = desk(tmp_path)
    mine, other = copy.deepcopy(Shelf()), copy.deepcopy(Shelf())
    at.store.put(mine, loaded(FakeEngine(), made(tmp_path, 3)))
    mine.captions = reading.typed(FakeEngine(), "my secret")
    assert "p2.png" in at.answer(mine, Query(None, "a dog")) and "my secret" in at.found(mine, None)
    html = at.answer(other, Query(None, "a dog")) + at.found(other, None)
    assert "p2.png" not in html and "my secret" not in html and "sunset.jpg" in html


def test_what_was_not_used_for_longest_makes_room_and_its_visitor_is_told(tmp_path):
    gallery = loaded(FakeEngine(), made(tmp_path, 3))
    store, shelves = Store(most_bytes=2 * gallery.size), [Shelf(), Shelf(), Shelf()]
    store.put(shelves[0], gallery)
    store.put(shelves[1], gallery)
    assert store.gallery(shelves[0]) is gallery  # used again
    store.put(shelves[2], gallery)
    assert [shelf.away for shelf in shelves] == [False, True, False]
    error = wrong(lambda: store.gallery(shelves[1]))
    assert error.code == "gallery_away" and "put away" in EN.error(error)
    store.put(shelves[1], None)
    assert store.gallery(shelves[1]) is None
    store.put_captions(
        shelves[1], Captions(("a",), ("",), np.zeros((1, gallery.size), np.float32))
    )  # four times as much
    assert [shelf.away for shelf in shelves] == [True, False, True]


def test_a_gallery_goes_with_its_session(tmp_path):
    store, gallery = Store(), loaded(FakeEngine(), made(tmp_path, 2))
    kept, gone = Shelf(), Shelf()
    store.put(gone, gallery)
    del gone
    gc.collect()
    store.put(kept, gallery)
    assert [one() for one in store._shelves] == [kept]


# ---- what is asked


def test_hits_stand_in_order_with_similarity_and_place_among_other_pairs(tmp_path):
    at, shelf = desk(tmp_path), Shelf()
    at.store.put(shelf, loaded(FakeEngine(), made(tmp_path, 20)))
    gallery, text = at.gallery(shelf), "a dog <b>"
    html = at.answer(shelf, Query(None, text))
    best = [hit.name for hit in gallery.index.search(text, 20)]
    assert re.findall(r'<img src="data:[^"]+" alt="([^"]+)"', html) == best[:12]
    assert html.count('data-act="why"') == html.count("of unmatched pairs") == 12
    rows = re.findall(r'<tr><td class="mm-num">(\d+)</td><td>([^<]+)</td>', html)
    assert rows == [(str(i + 1), name) for i, name in enumerate(best)]
    assert 'data-save="csv"' in html and "<b>" not in re.findall(r'data-text="([^"]*)"', html)[0]


@pytest.mark.parametrize(
    ("cosine", "said", "said_zh"),
    [
        (0.4, "It fits best", "最匹配的一张"),
        (0.175, "Cannot tell whether one fits", "拿不准有没有匹配的"),
        (0.05, "None of these photos fits well", "没有一张真正匹配"),
    ],
)
def test_that_none_fits_is_said_by_the_bounds_of_match(tmp_path, cosine, said, said_zh):
    gallery = loaded(FakeEngine(), made(tmp_path, 3))
    engine = FakeEngine({"a dog": cosine})
    found = search(engine, gallery, Query(None, "a dog"))
    assert said in readable(draw.draw(found, gallery, engine.background, EN))
    assert said_zh in readable(draw.draw(found, gallery, engine.background, ZH))


def test_a_photo_or_an_arithmetic_gets_no_verdict_and_no_place(tmp_path, photo):
    gallery, image = loaded(FakeEngine(), made(tmp_path, 3)), read_image(photo)
    for query in (Query(image, ""), Query(image, "a dog"), Query(None, "a dog", "snow")):
        found = search(FakeEngine(), gallery, query)
        html = readable(draw.draw(found, gallery, FakeEngine().background, EN))
        assert found.match is None and "of unmatched pairs" not in html and "Nearest" in html
        expected = gallery.index.vectors @ gallery.index.query(query.image, query.text, query.without)
        assert [hit.place for hit in found.hits] == [int(i) for i in np.argsort(-expected, kind="stable")]


def test_one_of_the_gallery_finds_the_others(tmp_path):
    at, shelf = desk(tmp_path), Shelf()
    at.store.put(shelf, loaded(FakeEngine(), made(tmp_path, 3)))
    html = at.like(shelf, 1)
    assert sorted(re.findall(r'alt="(p\d.png)"', html)) == ["p1.png", "p3.png"]
    assert "Nearest to p2.png" in readable(html) and 'data-act="why"' not in html


@pytest.mark.parametrize(
    ("by", "code"), [("photo", "image_missing"), ("both", "image_missing"), ("text", "text_missing")]
)
def test_the_side_that_is_asked_with_must_be_there(by, code):
    assert wrong(lambda: asked(None, " ", by, "")).code == code


def test_why_a_hit_is_drawn_on_demand_only(tmp_path):
    engine = FakeEngine()
    at, shelf = desk(tmp_path, engine=engine), Shelf()
    at.store.put(shelf, loaded(engine, made(tmp_path, 3)))
    at.answer(shelf, Query(None, "a dog"))
    assert "explain" not in engine.calls
    html = at.why(shelf, 2, "a dog")
    assert engine.calls.count("explain") == 1
    assert "p3.png: where “a dog” comes from" in readable(html) and html.count("data:image") == 2


def test_the_first_ten_are_ranked_again_with_the_rank_before(tmp_path):
    engine = FakeEngine()
    gallery = loaded(engine, made(tmp_path, 14))
    hits = ranked(engine, gallery, "a dog")
    assert sorted(hit.before for hit in hits) == [*range(10)]
    assert [hit.probability for hit in hits] == sorted((hit.probability for hit in hits), reverse=True)
    first = gallery.index.search("a dog", 10)
    assert [hit.name for hit in hits] == [first[hit.before].name for hit in hits]
    html = draw.draw_ranked(hits, gallery, EVIL, FakeEngine().status(), EN)
    shown = re.findall(r'<tr><td class="mm-num">(\d+)</td><td class="mm-num">(\d+)', html)
    assert shown == [(str(i + 1), str(hit.before + 1)) for i, hit in enumerate(hits)]
    assert "<script" not in html


# ---- captions

ROWS = "photo,caption\np1.png,一只狗\n子/p2.png,两只猫\n\nother.png,a house\np1.png,a <b>dog\np3.png, \n"


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_is_read_in_utf_8_and_in_gbk(code):
    captions = reading.from_csv(FakeEngine(), sheet(ROWS, code))
    assert captions.texts == ("一只狗", "两只猫", "a house", "a <b>dog") and captions.dropped == 1
    assert captions.photos == ("p1.png", "p2.png", "other.png", "p1.png")
    assert reading.from_csv(FakeEngine(), sheet("x, Caption\n1,a dog\n", code)).photos == ("",)


@pytest.mark.parametrize(
    ("content", "code", "part"),
    [
        (sheet("file,text\na.jpg,a dog\n"), "csv_column", "file, text"),
        ("", "csv_column", "–"),
        (sheet("caption\n \n"), "csv_empty", "no text"),
        (base64.b64encode(b"caption\n\xff\xff\xff").decode(), "csv_encoding", "CSV UTF-8"),
        (sheet("caption\n" + "x" * 140_000), "csv_encoding", "CSV UTF-8"),
        ("no base64!", "csv_encoding", "CSV UTF-8"),
    ],
)
def test_a_csv_that_cannot_be_used_is_a_sentence(content, code, part):
    error = wrong(lambda: reading.from_csv(FakeEngine(), content))
    assert error.code == code and part in EN.error(error)


def test_captions_that_come_while_others_are_drawn_are_the_ones_that_stand_there(tmp_path, photo, monkeypatch):
    at, shelf, drawn = desk(tmp_path), Shelf(), []
    found = at.found

    def slow(*given):
        drawn.append(found(*given))
        if len(drawn) == 1:
            at.store.put_captions(shelf, reading.typed(at.engine, "a zeppelin"))
        return drawn[-1]

    monkeypatch.setattr(at, "found", slow)
    assert "a zeppelin" in at.beside(shelf, photo, False)[0] and len(drawn) == 2


def test_captions_with_photos_are_measured_both_ways(tmp_path, photo):
    at, shelf = desk(tmp_path), Shelf()
    at.store.put(shelf, loaded(FakeEngine(), made(tmp_path, 3)))
    shelf.captions = reading.from_csv(FakeEngine(), sheet(ROWS))
    html = at.found(shelf, photo)
    text = readable(html)
    assert "Captions here: 4." in text and "not in the gallery: 1." in text
    assert "1 more were left out" in text
    assert re.search(r"caption to photo [\d.]+ % .* 3 a blind order 33.3 %", text)
    assert re.search(r"photo to caption [\d.]+ % .* 2 a blind order", text)
    assert "the first 2 photos and 4 captions" in text and "a &lt;b&gt;dog" in html
    assert html.count('class="mm-text"') == 4  # the photo's nearest captions
    assert "R@5" in readable(at.found(shelf, None)) and 'class="mm-text"' not in at.found(shelf, None)


def test_typed_captions_are_found_but_not_measured(tmp_path, photo):
    at, shelf = desk(tmp_path), Shelf()
    shelf.captions = reading.typed(FakeEngine(), "a dog\n\na cat\n")
    text = readable(at.found(shelf, photo))
    assert "Captions here: 2." in text and "R@1" not in text
    assert wrong(lambda: reading.typed(FakeEngine(), " \n")).code == "text_missing"


def test_the_map_shows_both_sides_and_the_switch_closes_the_gap(tmp_path):
    at, shelf = desk(tmp_path), Shelf()
    at.store.put(shelf, loaded(FakeEngine(), made(tmp_path, 3)))
    shelf.captions = reading.from_csv(FakeEngine(), sheet(ROWS))
    opened, closed = at.flat(shelf, False), at.flat(shelf, True)
    assert opened.count("<circle") == 3 and opened.count("<rect") == 4 and opened.count("<line") == 3
    assert 'role="img" aria-label="Map of 3 photos and 4 captions' in opened and "&lt;b&gt;dog" in opened
    assert "modality gap" in opened and "taken away" in closed and opened != closed


def test_the_tab_opens_with_the_examples_and_their_captions(tmp_path):
    for say, here in ((EN, "example photos are searched"), (ZH, "张示例照片里找")):
        at, shelf = desk(tmp_path, say), Shelf()
        assert here in readable(draw.draw_status(at.gallery(shelf), say))
        assert isinstance(at.captions(shelf), Captions) and "R@1" in at.found(shelf, None)
    own = Gallery(at.gallery(shelf).index, at.gallery(shelf).photos)
    at.store.put(shelf, own)
    assert at.captions(shelf) is None and at.found(shelf, None) == at.flat(shelf, False) == ""


# ---- programs


def test_programs_search_too(address, tmp_path):
    paths = [path for path, _ in made(tmp_path, 4)]
    (tmp_path / "no.png").write_bytes(b"no picture")
    files = [handle_file(path) for path in (*paths, paths[0], str(tmp_path / "no.png"))]
    client = Client(address, verbose=False, download_files=str(tmp_path), analytics_enabled=False)
    found = client.predict(files, "a dog", k=3, api_name="/search")
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    expected = loaded(FakeEngine(), made(tmp_path, 4)).index.search("a dog", 3)
    assert [hit["name"] for hit in found["hits"]] == [hit.name for hit in expected]
    assert [(one["name"], "same photo" in one["reason"]) for one in found["skipped"]] == [
        ("p1.png", True),
        ("no.png", False),
    ]
    assert len(client.predict(files, "a dog", api_name="/search")["hits"]) == 4
    for given in ((files[:1], "a dog"), (files, " "), ([], "a dog"), (files, "a dog", 0)):
        with pytest.raises(AppError) as caught:
            client.predict(*given, api_name="/search")
        assert "our side" not in str(caught.value)
    client.close()


def test_an_error_that_is_kept_holds_no_picture(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    gallery = loaded(FakeEngine(), [*made(tmp_path, 2), (str(broken), None)])
    ((_, error),) = gallery.skipped
    assert isinstance(error, InputError) and error.__traceback__ is error.__cause__ is error.__context__ is None
