"""Zips of photos: only files are told of, by the last part of their names; what is hostile is refused or skipped."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from mmdemo.errors import ImageError, InputError
from mmdemo.inputs import archives
from mmdemo.inputs.archives import is_zip, photos_in


def packed(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def codes(path: Path) -> list[tuple[str, bytes | str]]:
    return [(name, c.code if isinstance(c, ImageError) else c) for name, c in photos_in(path)]


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(photos_in(path))
    return caught.value.code


def test_files_are_told_of_by_the_last_part_of_their_names(tmp_path):
    names = ["a.jpg", "deep/er/b.jpg", "../../c.jpg", "/etc/d.jpg", "C:\\x\\e.jpg", "f/", ".hidden", "__MACOSX/._a.jpg"]
    path = packed(tmp_path / "a.zip", *((name, name.encode()) for name in names))
    assert is_zip(path)
    assert [name for name, _ in photos_in(path)] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert dict(photos_in(path))["c.jpg"] == b"../../c.jpg"
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]  # nothing was written


def test_chinese_names_are_read_as_windows_packs_them(tmp_path):
    path = packed(tmp_path / "a.zip", ("\u7167\u7247.jpg", b"1"), ("gbk.jpg", b"2"))
    content = path.read_bytes().replace(b"gbk.jpg", "\u72d7.".encode("gbk") + b"jpeg")
    path.write_bytes(content)
    assert [name for name, _ in photos_in(path)] == ["\u7167\u7247.jpg", "\u72d7.jpeg"]


def test_links_locked_entries_and_unusual_packing_are_skipped_and_the_others_stay(tmp_path):
    link, strange = zipfile.ZipInfo("link.jpg"), zipfile.ZipInfo("strange.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    strange.compress_type = zipfile.ZIP_LZMA
    path = packed(tmp_path / "a.zip", (link, b"/etc/passwd"), (strange, b"x"), ("locked.jpg", b"y"), ("good.jpg", b"z"))
    content = bytearray(path.read_bytes())
    at = content.index(b"locked.jpg", content.index(b"PK\x01\x02")) - 46
    content[at + 8] |= 1
    path.write_bytes(content)
    told = [("link.jpg", "zip_entry"), ("strange.jpg", "zip_entry"), ("locked.jpg", "zip_entry"), ("good.jpg", b"z")]
    assert codes(path) == told


def test_an_entry_that_unpacks_to_too_much_is_skipped_whatever_its_header_says(tmp_path):
    path = packed(tmp_path / "a.zip", ("bomb.jpg", bytes(30_000_000)), ("good.jpg", b"z"))
    assert path.stat().st_size < 60_000
    assert codes(path) == [("bomb.jpg", "image_too_many_bytes"), ("good.jpg", b"z")]
    content = path.read_bytes().replace(struct.pack("<L", 30_000_000), struct.pack("<L", 9))
    path.write_bytes(content)
    assert codes(path) == [("bomb.jpg", "image_damaged"), ("good.jpg", b"z")]


def test_what_all_entries_unpack_to_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 5_000)
    assert refused(packed(tmp_path / "a.zip", *((f"{i}.jpg", bytes(2_000)) for i in range(3)))) == "zip_too_large"


def test_too_many_entries_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    many = packed(tmp_path / "a.zip", *((f"{i}.jpg", b"") for i in range(501)))
    assert refused(many) == "gallery_size"
    more = packed(tmp_path / "b.zip", *((f"{i}/", b"") for i in range(2_001)))
    monkeypatch.setattr(zipfile, "ZipFile", None)  # it is not even opened
    assert refused(more) == "gallery_size"


@pytest.mark.parametrize("spoil", [lambda c: c[:-30], lambda c: c[:4], lambda c: c + b"PK\x06\x07" + bytes(16)])
def test_a_zip_that_is_not_whole_is_refused(tmp_path, spoil):
    path = packed(tmp_path / "a.zip", ("a.jpg", b"a"))
    path.write_bytes(spoil(path.read_bytes()))
    assert refused(path) == "zip_damaged"


def test_a_zip_in_a_zip_is_a_file_like_any_other(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.jpg", b"a")
    assert codes(packed(tmp_path / "a.zip", ("inner.zip", inner.getvalue()))) == [("inner.zip", inner.getvalue())]
