"""Pictures that cost far more to read than to send, and files that are none."""

import io
import struct
import time
from collections.abc import Callable

import pytest
from PIL import Image, features

from mmdemo.errors import ImageError
from mmdemo.inputs import MAX_SCANS, headers, icons, read_image
from tests.hostile import pictures


def refusal(content: bytes) -> ImageError:
    with pytest.raises(ImageError) as caught:
        read_image(content)
    return caught.value


def never(*_: object, **__: object) -> None:
    pytest.fail("this file was opened or decoded")  # no Exception: the decoder's own catches those


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
        (b"P3 1 1 255 1 2 3", "PPM"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\1", "Photoshop"),
    ],
)
def test_a_picture_that_is_not_read_is_named_and_never_called_no_picture(content: bytes, kind: str) -> None:
    error = refusal(content + bytes(64))
    assert error.code == "image_unread_kind" and kind in error.values["kind"]


@pytest.mark.parametrize("options", [{}, {"bitmap_format": "bmp"}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1"])
def test_of_an_icon_the_largest_picture_is_read(options: dict[str, str], mode: str) -> None:
    content = pictures.saved(
        Image.new("RGB", (64, 64), "white").convert(mode), "ICO", sizes=[(16, 16), (64, 64)], **options
    )
    image = read_image(content)
    assert image.size == (64, 64) and image.mode == "RGB" and image.getpixel((32, 32)) == (255, 255, 255)


def icon(picture: bytes, count: int = 1, side: int = 0) -> bytes:
    """An icon whose list says whatever a test wants."""
    entry = bytes((side, side, 0, 0, 1, 0, 32, 0)) + len(picture).to_bytes(4, "little")
    at = (6 + 16 * count).to_bytes(4, "little")
    return icons.ICON + count.to_bytes(2, "little") + (entry + at) * count + picture


def bitmap(width: int, height: int) -> bytes:
    """The header of a bitmap of any size, and little more."""
    sides = width.to_bytes(4, "little", signed=True) + (2 * height).to_bytes(4, "little", signed=True)
    return b"\x28\0\0\0" + sides + b"\1\0\x20\0" + bytes(24) + bytes(4000)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (icon(pictures.black(6000, 5000), side=16), "image_too_many_pixels"),
        (icon(pictures.many_chunks(30_000)), "image_too_much_work"),
        (icon(bitmap(60_000, 60_000)), "image_damaged"),
        (icon(bitmap(-16, 16)), "image_damaged"),
        (icon(bitmap(256, 257)), "image_damaged"),
        (icon(bitmap(200, 200)), "image_damaged"),
        (icon(b"\x0c" + bitmap(16, 16)[1:]), "image_damaged"),
        (icon(icon(bitmap(16, 16))), "image_damaged"),
        (icon(bitmap(16, 16), count=65), "image_damaged"),
        (icons.ICON + b"\xff\xff", "image_damaged"),
        (icons.ICON + b"\0\0", "image_damaged"),
        (icons.ICON, "image_damaged"),
    ],
)
def test_an_icon_that_lies_is_refused_before_it_is_decoded(
    content: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content != icon(bitmap(200, 200)):  # that one says the truth and ends too early
        monkeypatch.setattr("PIL.IcoImagePlugin.IcoImageFile._open", never)
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    assert refusal(content).code == code


@pytest.mark.parametrize("comment", [b"#" + b"x" * 1_000_000 + b"\n", b"#\n" * 500_000, b" " * 1_000_000])
def test_a_ppm_with_endless_comments_is_refused_before_it_is_opened(
    comment: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.PpmImagePlugin.PpmImageFile._open", never)
    assert refusal(b"P6\n" + comment + b"1 1 255\n\0\0\0").code == "image_too_much_work"


@pytest.mark.parametrize(
    "head", [b"P6 60 40 255 ", b"P6\n# by # gimp\n60 #w\n40\n255\n", b"P5\n60 120\n255\n", b"P4 480 120 "]
)
def test_an_ordinary_ppm_is_read(head: bytes) -> None:
    assert read_image(head + b"#\x80" * 3600).width in (60, 480)


def test_what_avif_claims_is_not_what_is_decoded() -> None:
    """Why AVIF is not read: 100 x 100 claimed, and every pixel of the picture inside decoded all the same."""
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    content = bytearray(pictures.saved(Image.new("L", (800, 600)), "AVIF", speed=10))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 100, 100)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert image.size == (100, 100)
    assert refusal(bytes(content)).code == "image_unread_kind"
