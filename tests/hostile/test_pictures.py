"""Pictures that cost far more to read than to send, and files that are none."""

import time
from collections.abc import Callable

import pytest
from PIL import Image

from mmdemo.errors import ImageError
from mmdemo.inputs import MAX_SCANS, headers, read_image
from tests.hostile import pictures


def refusal(content: bytes) -> ImageError:
    with pytest.raises(ImageError) as caught:
        read_image(content)
    return caught.value


def never(*_: object, **__: object) -> None:
    raise AssertionError("this file was opened or decoded")


@pytest.mark.parametrize("make", [lambda: pictures.repeated_scans(4000), pictures.many_pieces, pictures.many_chunks])
def test_a_file_of_endless_pieces_is_refused_before_it_is_opened(
    make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make()
    assert len(content) < 6_000_000
    for opener in ("JpegImagePlugin.JpegImageFile", "PngImagePlugin.PngImageFile"):
        monkeypatch.setattr(f"PIL.{opener}._open", never)
    assert refusal(content).code == "image_too_much_work"


def test_few_scans_over_many_pixels_are_too_much_work_as_well() -> None:
    assert refusal(pictures.repeated_scans(60)).code == "image_too_much_work"


def test_counting_is_cheap_beside_decoding() -> None:
    content = pictures.repeated_scans(20, (2000, 2000))
    start = time.perf_counter()
    assert 20 < headers.jpeg_scans(content) <= MAX_SCANS
    counted = time.perf_counter() - start
    start = time.perf_counter()
    read_image(content)
    assert counted < 0.2 * (time.perf_counter() - start)


def test_a_picture_inside_a_picture_is_not_counted() -> None:
    whole = pictures.saved(Image.new("RGB", (64, 64), "red"), "JPEG")
    inner = (b"\xff\xda" * 200)[:60_000]
    thumbnail = b"\xff\xe1" + (2 + len(inner)).to_bytes(2, "big") + inner
    assert headers.jpeg_scans(whole[:2] + thumbnail + whole[2:]) == headers.jpeg_scans(whole) == 1


def test_an_ordinary_progressive_photo_is_read() -> None:
    image = Image.effect_noise((1200, 800), 80).convert("RGB")
    assert read_image(pictures.saved(image, "JPEG", progressive=True, quality=90)).size == (1200, 800)


def test_the_canvas_of_a_webp_is_measured_before_it_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile._open", never)
    assert refusal(pictures.webp_claiming(16_000, 16_000)).code == "image_too_many_pixels"


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0"}])
def test_the_size_of_a_webp_is_what_pillow_says(options: dict[str, object]) -> None:
    content = pictures.saved(Image.new("RGB", (321, 123), "red"), "WEBP", **options)
    assert headers.webp_size(content) == (321, 123)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf", "AVIF"),
        (pictures.saved(Image.new("RGB", (16, 16)), "ICO"), "ICO"),
        (b"P3 1 1 255 1 2 3", "PPM"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\1", "Photoshop"),
    ],
)
def test_a_picture_that_is_not_read_is_named_and_never_called_no_picture(content: bytes, kind: str) -> None:
    error = refusal(content + bytes(64))
    assert error.code == "image_unread_kind" and kind in error.values["kind"]
