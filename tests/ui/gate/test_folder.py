"""The list of photos: what is on it, for how long, and whose goes when there is no more room."""

import time
from pathlib import Path

import pytest

from mmdemo.errors import ImageError
from mmdemo.ui.gate import folder as room
from mmdemo.ui.gate.folder import Folder


def put(folder: Folder, size: int = 10, visitor: str = "a", name: str = "p.png") -> str:
    staged = folder.staged()
    staged.write_bytes(bytes(size))
    return folder.admit(staged, name, visitor)


def test_an_admitted_photo_may_be_read_and_nothing_else(tmp_path: Path):
    folder = Folder(tmp_path)
    path = put(folder)
    assert folder.photo({"path": path, "url": "http://x"})["path"] == path
    assert folder.photo(None) is None
    for other in (path + "x", str(tmp_path), "", None, 7, f"{tmp_path}/../{tmp_path.name}/{Path(path).name}"):
        with pytest.raises(ImageError) as caught:
            folder.photo({"path": other})
        assert caught.value.code == "image_not_uploaded"


def test_a_refused_file_is_known_by_its_reason(tmp_path: Path):
    folder, reason = Folder(tmp_path), ImageError("HEIC.", "image_heic")
    staged = folder.staged()
    staged.write_bytes(b"blank")
    path = folder.admit(staged, "p.heic", "a", reason)
    assert folder.holds(path)
    with pytest.raises(ImageError) as caught:
        folder.photo({"path": path})
    assert caught.value is reason


def test_a_photo_is_gone_within_its_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder, now = Folder(tmp_path), time.monotonic()
    path = put(folder)
    assert folder.sweep() == 0
    monkeypatch.setattr(room.time, "monotonic", lambda: now + room.KEEP_SECONDS - room.SWEEP_SECONDS + 1)
    assert folder.sweep() == 1
    assert not folder.holds(path) and not Path(path).exists()


def test_when_the_folder_is_full_the_oldest_of_whoever_has_most_goes(tmp_path: Path):
    folder = Folder(tmp_path, quota=100)
    modest = put(folder, 30, "modest")
    greedy = [put(folder, 20, "greedy") for _ in range(10)]
    assert folder.used <= 100
    assert folder.holds(modest)
    assert [folder.holds(path) for path in greedy] == [False] * 7 + [True] * 3
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 100


def test_what_an_earlier_server_left_goes_and_examples_stay(tmp_path: Path):
    example, old = tmp_path / ("a" * 64) / "lion.jpg", tmp_path / ("b" * 64) / "old.png"
    for path in (example, old, tmp_path / "incoming" / "half", tmp_path / "mine" / "diary.txt"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    folder = Folder(tmp_path)
    folder.begin([str(example)])
    assert folder.holds(str(example)) and example.exists() and not old.exists()
    assert not (tmp_path / "incoming" / "half").exists() and (tmp_path / "mine" / "diary.txt").exists()
    path = put(folder)
    folder.empty()
    assert not Path(path).exists() and example.exists()
