"""Zips and galleries as a stranger sends them: bombs, paths, too many, another visitor's photos."""

import io
import json
import zipfile

import pytest
from PIL import Image

from tests.hostile import pictures
from tests.hostile.conftest import SECRET
from tests.hostile.wire import Answer, Visitor, detail


def picture(side: int) -> bytes:
    return pictures.saved(Image.linear_gradient("L").resize((side, side)).convert("RGB"), "PNG")


def packed(*entries: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def sent(visitor: Visitor, content: bytes, name: str = "photos.zip") -> Answer:
    return visitor.upload(name, content, query="?gallery=1")


def load(visitor: Visitor, paths: list[str], count: int | None = None) -> tuple[str, object]:
    """What the page does once its uploads are there."""
    config = json.loads(visitor.ask("GET", "/config").body)
    pick = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "gallery-pick")
    event = next(d for d in config["dependencies"] if [pick, "submit"] in [list(t) for t in d["targets"]])
    told = {"paths": "\n".join(paths), "count": len(paths) if count is None else count}
    return visitor.event(event["id"], [None] * len(event["inputs"]), told)


def test_a_zip_is_as_if_its_photos_had_come_one_by_one(visitor: Visitor, server):
    names = ("a.png", "../../../b.png", "/tmp/c.png", f"{SECRET}/d.png")
    answer = sent(visitor, packed(*((name, picture(20 + i)) for i, name in enumerate(names)), ("x.png", b"no picture")))
    paths = json.loads(answer.body)
    assert [path.rsplit("/", 1)[1] for path in paths] == ["a.png", "b.png", "c.png", "d.png", "x.png"]
    assert all(path.startswith(str(server.uploads)) and SECRET not in path for path in paths)
    assert load(visitor, paths)[0] == "complete"
    assert all(visitor.file(path).status == 403 for path in paths)  # gone once they are in the gallery


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed(*((f"{i}.png", b"") for i in range(501))), "2 to 500"),
        (packed(("a.png", b"a"))[:-25], "damaged"),
        (b"PK\x03\x04" + bytes(50), "damaged"),
    ],
    ids=["501", "cut", "no list"],
)
def test_a_zip_that_cannot_be_used_is_a_sentence(visitor: Visitor, content: bytes, said: str):
    answer = sent(visitor, content)
    assert answer.status == 422 and said in detail(answer)


def test_a_bomb_is_one_photo_that_is_too_large(visitor: Visitor):
    answer = sent(visitor, packed(("bomb.png", bytes(200_000_000)), ("a.png", picture(20))))
    kind, said = load(visitor, json.loads(answer.body))
    assert kind == "error" and "bomb.png" in said["error"] and "too large" in said["error"]


def test_a_zip_outside_a_gallery_is_no_picture(visitor: Visitor):
    photo = visitor.photo("a.png", packed(("a.png", picture(20))))
    assert "not a picture" in visitor.call("match", [photo, ["a"]])[1]["error"]


def test_no_path_of_another_kind_and_no_other_count_gets_in(visitor: Visitor):
    for paths, count in (["/etc/passwd"] * 3, 3), ([], 501), (["x" * 10], -1), ([], 0):
        kind, said = load(visitor, paths, count)
        assert kind == "error" and "our side" not in said["error"] and "/etc" not in said["error"]


def test_another_session_does_not_find_what_was_loaded(visitor: Visitor):
    paths = json.loads(sent(visitor, packed((f"{SECRET}1.png", picture(30)), (f"{SECRET}2.png", picture(31)))).body)
    assert load(visitor, paths)[0] == "complete"
    config = json.loads(visitor.ask("GET", "/config").body)
    asker = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "gallery-asker")
    event = next(d for d in config["dependencies"] if [asker, "submit"] in [list(t) for t in d["targets"]])
    fields = {c["id"]: c["props"].get("value") for c in config["components"] if c["type"] not in ("state", "image")}
    data = [fields.get(one) for one in event["inputs"]]
    mine, other = (json.dumps(one.event(event["id"], data, {})) for one in (visitor, Visitor(visitor.address)))
    assert f"{SECRET}1.png" in mine and "sunset.jpg" not in mine
    assert SECRET not in other and "sunset.jpg" in other
