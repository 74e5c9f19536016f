"""The pictures that are kept: few, bounded, never of a file that has changed or gone."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from mmdemo.errors import ImageError
from mmdemo.inputs import pictures, read_image
from mmdemo.inputs.kept import KEPT, Kept
from mmdemo.inputs.uploads import clean_file


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often something was decoded; nothing is kept at first."""
    KEPT.forget()
    turns: list[int] = []
    whole = pictures._decoded
    monkeypatch.setattr(pictures, "_decoded", lambda *given: turns.append(1) or whole(*given))
    return turns


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (64, 48), "green").save(path)
    return path


def test_a_file_that_is_asked_for_again_is_decoded_once(photo: Path, decoded: list[int]) -> None:
    first, second, third = read_image(photo), read_image(str(photo)), read_image(photo)
    assert len(decoded) == 1 and first.tobytes() == second.tobytes() == third.tobytes()
    assert read_image(photo, 32).size == (32, 24) and len(decoded) == 2


def test_what_a_caller_draws_on_stays_with_the_caller(photo: Path, decoded: list[int]) -> None:
    for _ in range(2):
        image = read_image(photo)
        assert image.getpixel((0, 0)) == (0, 128, 0)
        image.paste("red", (0, 0, 64, 48))
    assert len(decoded) == 1


def test_a_file_that_has_changed_is_decoded_again(photo: Path, decoded: list[int]) -> None:
    read_image(photo)
    Image.new("RGB", (64, 48), "red").save(photo)
    assert read_image(photo).getpixel((0, 0)) == (255, 0, 0) and len(decoded) == 2
    os.utime(photo, ns=(0, 0))
    read_image(photo)
    assert len(decoded) == 3


def test_a_file_that_is_gone_is_not_answered(photo: Path, decoded: list[int]) -> None:
    read_image(photo)
    photo.unlink()
    with pytest.raises(ImageError) as caught:
        read_image(photo)
    assert caught.value.code == "image_missing" and len(decoded) == 1


def test_what_cannot_be_read_is_not_kept_and_neither_is_what_a_decoder_cleans(
    photo: Path, tmp_path: Path, decoded: list[int]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(photo.read_bytes()[:60])
    for _ in range(2):
        with pytest.raises(ImageError):
            read_image(broken)
    assert clean_file(photo, tmp_path / "clean.png", "a.png") is None
    assert len(decoded) == 3 and not KEPT._pictures


def test_at_most_so_many_and_so_many_bytes_are_kept_and_the_last_used_ones() -> None:
    kept, made = Kept(most=3, most_bytes=3 * 3 * 100), []

    def ask(key: str, side: int = 10) -> None:
        kept.picture(key, lambda: made.append(key) or Image.new("RGB", (side, side)))

    for key in "abcabd":  # c was used least lately
        ask(key)
    assert made == [*"abcd"] and [*kept._pictures] == [*"abd"]
    ask("wide", 16)  # 768 bytes: nothing else fits beside it
    assert [*kept._pictures] == ["wide"]
    ask("too wide", 20)
    assert [*kept._pictures] == []
    kept.forget()
    assert kept._bytes() == 0


def test_many_threads_get_the_same_picture(photo: Path, decoded: list[int]) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_image(photo).tobytes(), range(64)))
    assert len(set(found)) == 1 and 1 <= len(decoded) <= 8
