"""Reading what is on the server's disk: by a path, a link, an address; and what an upload leaves behind."""

import concurrent.futures
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.hostile import pictures
from tests.hostile.conftest import SECRET
from tests.hostile.wire import META, Visitor

SENTENCE = "Upload the photo first"
PICTURE = pictures.saved(Image.new("RGB", (64, 48), "green"), "PNG")


@pytest.fixture(scope="module")
def outside(tmp_path_factory) -> Path:
    """A picture that nobody uploaded."""
    path = tmp_path_factory.mktemp("outside") / f"{SECRET}.png"
    path.write_bytes(PICTURE)
    return path


def forms(outside: Path) -> list[object]:
    """Ways to name a picture that was not uploaded."""
    there, missing = str(outside), str(outside.with_name("missing.png"))
    data = "data:image/png;base64,iVBORw0KGgo="
    return [
        {"path": there},
        {"path": there, "meta": META},
        {"path": missing},
        {"path": missing, "meta": META},
        {"path": "/proc/kmsg"},
        {"path": "/dev/zero"},
        {"path": "/etc/passwd", "meta": META},
        {"path": "../" * 12 + there.lstrip("/")},
        {"path": "http://127.0.0.1:1/x.png", "meta": META},
        {"url": data},
        {"url": "http://127.0.0.1:1/x.png"},
        {"url": data, "path": None},
        {"url": data, "path": ""},
        {},
        there,
        data,
        [there],
        7,
        {"path": 7},
        {"path": [there]},
        {"path": there + "\0"},
        {"path": "\ud83d"},
    ]


ENDPOINTS = {
    "match": lambda photo: [photo, ["a"]],
    "sentiment": lambda photo: [photo, "fine"],
    "compare": lambda photo: [photo, "fine", None, None],
    "ledger": lambda photo: [photo, "fine", None, None, None],
    "answer": lambda photo: [photo, "Is it red?", None],
    "search": lambda photo: [[photo], "fine", None],
    "caption": lambda photo: [photo, None, None, None, None],
    "reconstruct": lambda photo: [photo, None],
    "attention": lambda photo: [photo, "fine", None, None, None, None, None, None],
    "faithfulness": lambda photo: [photo, "fine", None, None, None, None, None, None],
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_no_endpoint_reads_what_was_not_uploaded_and_all_say_the_same(visitor: Visitor, outside: Path, name: str):
    for form in forms(outside):
        kind, said = visitor.call(name, ENDPOINTS[name](form))
        assert kind == "error" and SENTENCE in said["error"], (form, kind, said)


def test_no_word_tells_whether_a_file_is_there(visitor: Visitor, outside: Path):
    places = (outside, outside.parent, outside.with_name("missing.png"), "/etc/passwd", "/etc/missing", "/proc/kmsg")
    said = {json.dumps(visitor.call("match", [{"path": str(place)}, ["a"]])[1]["error"]) for place in places}
    fetched = [visitor.file(str(place)) for place in places]
    assert len(said) == len({(answer.status, answer.body) for answer in fetched}) == 1


def test_no_private_event_reads_what_was_not_uploaded(visitor: Visitor, outside: Path):
    config = json.loads(visitor.ask("GET", "/config").body)
    photos = {c["id"] for c in config["components"] if c["type"] == "image"}
    tried = 0
    for event in config["dependencies"]:
        if not photos & set(event["inputs"]) or not event["backend_fn"]:
            continue
        tried += 1
        for form in forms(outside)[:3]:
            given = [form if place in photos else None for place in event["inputs"]]
            kind, said = visitor.event(event["id"], given)
            assert kind == "error", (event["id"], kind, said)
            assert SENTENCE in said["error"] or "上传" in said["error"]
    assert tried >= 10


def test_a_file_among_the_texts_is_refused(visitor: Visitor, outside: Path):
    photo = visitor.photo("a.png", PICTURE)
    far = {"path": "https://127.0.0.1:1/", "meta": META}
    for form in ({"path": str(outside), "meta": META}, far, [[{"url": "x"}]]):
        kind, said = visitor.call("match", [photo, form])
        assert kind == "error" and "does not fit" in said["error"]


def test_a_link_put_in_the_place_of_an_upload_is_not_followed(visitor: Visitor, outside: Path, server):
    photo = visitor.photo("a.png", PICTURE)
    assert visitor.call("match", [photo, ["a"]])[0] == "complete"  # from now on its pixels are kept
    os.unlink(photo["path"])
    assert SENTENCE in visitor.call("match", [photo, ["a"]])[1]["error"]
    os.symlink(outside, photo["path"])
    kind, said = visitor.call("match", [photo, ["a"]])
    assert kind == "error" and SENTENCE in said["error"]
    assert visitor.file(photo["path"]).status == 403
    os.unlink(photo["path"])
    os.mkfifo(photo["path"])
    assert visitor.call("match", [photo, ["a"]], timeout=20)[0] == "error"
    assert visitor.file(photo["path"]).status == 403


def test_nothing_is_served_but_clean_uploads_and_examples(visitor: Visitor, outside: Path, server):
    waiting = server.uploads / "incoming" / "other"
    waiting.write_bytes(PICTURE)
    stale = server.uploads / ("0" * 64) / "old.png"
    stale.parent.mkdir()
    stale.write_bytes(PICTURE)
    for path in (outside, waiting, stale, "/etc/passwd", "/proc/self/environ", "http://127.0.0.1:1/x", "C:\\x.png"):
        assert visitor.file(str(path)).status == 403, path
        assert visitor.ask("GET", f"/gradio_api/file/{path}").status in (403, 404)
    waiting.unlink()


@pytest.mark.parametrize("name", list(pictures.strangers()))
def test_of_a_refused_file_nothing_stays_and_nothing_is_served(visitor: Visitor, server, name: str):
    content = pictures.strangers()[name]
    photo = visitor.photo(name, content)
    back = visitor.file(photo["path"])
    assert back.status == 200 and not any(secret in back.body for secret in pictures.SECRETS)
    assert on_disk(server.uploads) == []
    kind, said = visitor.call("match", [photo, ["a"]])
    assert kind == "error" and SENTENCE not in said["error"] and "/" not in said["error"].replace("24,000,000", "")


def test_a_file_that_is_too_large_is_not_kept_and_its_event_says_so(visitor: Visitor, server):
    photo = visitor.photo("large.jpg", pictures.with_place() + bytes(21_000_000))
    assert [*(server.uploads / "incoming").iterdir()] == [] == on_disk(server.uploads)
    kind, said = visitor.call("match", [photo, ["a"]])
    assert kind == "error" and "too large" in said["error"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_camera_and_place_are_gone_before_the_upload_is_answered(visitor: Visitor, server, kind: str):
    photo = visitor.photo(f"a.{kind.lower()}", pictures.with_place(kind=kind))
    back = visitor.file(photo["path"])
    assert back.status == 200 and not any(secret in back.body for secret in pictures.SECRETS)
    assert on_disk(server.uploads) == []


def test_while_many_upload_the_same_photo_the_original_is_never_served(visitor: Visitor, server):
    content = pictures.with_place((1200, 900))

    def visit(_: int) -> int:
        path = visitor.photo("same.jpg", content)["path"]
        backs = [visitor.file(path) for _ in range(4)]
        return sum(any(secret in back.body for secret in pictures.SECRETS) or back.status != 200 for back in backs)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(visit, range(24))) == 0


@pytest.mark.parametrize(
    "name", ["../../evil.png", "..\\..\\evil.png", "/etc/evil.png", "..", ".", "", " ", "a\0b.png", "x" * 500 + ".png"]
)
def test_a_name_leads_nowhere(visitor: Visitor, server, name: str):
    answer = visitor.upload(name, PICTURE)
    path = Path(json.loads(answer.body)[0])
    assert path.parent.parent == server.uploads and path.is_file()


def test_one_upload_is_one_picture(visitor: Visitor):
    answer = visitor.upload("a.png", PICTURE, ("b.png", PICTURE))
    assert answer.status == 400 and "one picture" in json.loads(answer.body)["detail"]
    for body, kind in ((b"x", "multipart/form-data"), (b"--b\r\n", "multipart/form-data; boundary=b"), (b"{}", "a/b")):
        answer = visitor.ask("POST", "/gradio_api/upload", body, {"Content-Type": kind})
        assert answer.status == 400, (body, kind)


def on_disk(folder: Path) -> list[str]:
    """Files in the folder that tell a secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if b"Secret" in path.read_bytes()]
