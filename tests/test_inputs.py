"""What a stranger may upload or type, every file made by code."""

import io
import struct
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFile

from mmdemo.errors import ImageError, InputError, TextError
from mmdemo.inputs import (
    MAX_IMAGE_BYTES,
    MAX_IMAGE_PIXELS,
    MAX_LIST_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    MAX_TEXTS,
    MAX_WHOLE_PIXELS,
    clean_image,
    clean_text,
    read_image,
    split_lines,
)
from tests.memory import peak_mb_of

RED, BLUE = (255, 0, 0), (0, 0, 255)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 60, height: int = 40) -> Image.Image:
    """Red above, blue below: which side is up can be seen."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width, height // 2))
    return image


def near(pixel: tuple[int, ...], wanted: tuple[int, ...], slack: int = 12) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(pixel, wanted, strict=True))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few KB whose header claims any size; its pixels are 1 MB of zeros, compressed."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def refusal(source: object) -> ImageError:
    with pytest.raises(ImageError) as caught:
        read_image(source)
    return caught.value


# ---- pictures that are welcome


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_welcome_format_becomes_rgb_of_its_size(kind: str) -> None:
    image = read_image(saved(photo(), kind))
    assert (image.mode, image.size, type(image)) == ("RGB", (60, 40), Image.Image)
    assert near(image.getpixel((30, 5)), RED) and near(image.getpixel((30, 35)), BLUE)


def test_path_bytes_open_file_and_pil_give_the_same_picture(tmp_path: Path) -> None:
    content = saved(photo(), "PNG")
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    with path.open("rb") as file:
        sources = [path, str(path), content, io.BytesIO(content), file, Image.open(io.BytesIO(content))]
        assert {read_image(source).tobytes() for source in sources} == {photo().tobytes()}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_comes_out_upright(orientation: int, kind: str) -> None:
    turn_back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = photo(64, 32)
    upright.paste((0, 255, 0), (0, 0, 16, 8))  # a green corner tells mirrored from turned
    stored = upright.transpose(turn_back[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = saved(stored, kind, exif=exif, **({"quality": 95} if kind != "TIFF" else {}))
    for image in (read_image(content), clean_image(Image.open(io.BytesIO(content)))):
        assert image.size == (64, 32)
        assert near(image.getpixel((4, 3)), (0, 255, 0), 60)
        assert near(image.getpixel((50, 5)), RED, 40) and near(image.getpixel((50, 28)), BLUE, 40)


def test_place_and_profile_do_not_survive() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitude: (48.0, 51.0, 30.0)}
    content = saved(photo(), "JPEG", exif=exif, icc_profile=b"profile", comment=b"at home")
    before = Image.open(io.BytesIO(content))
    assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)  # the test's own file does carry the place
    for image in (read_image(content), clean_image(before)):
        assert not image.info and not dict(image.getexif())
        served = saved(image, "JPEG")
        assert b"Exif" not in served and b"Camera" not in served and b"at home" not in served


def test_a_16_bit_grey_keeps_its_greys() -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None].repeat(8, 0)
    for kind in ("PNG", "TIFF"):
        values = np.asarray(read_image(saved(Image.fromarray(ramp), kind)))[0, :, 0].astype(int)
        assert np.abs(values - np.arange(256)).max() <= 1


def test_32_bit_and_float_greys_are_brought_into_range() -> None:
    unit = Image.fromarray(np.array([[0.0, 0.5, 1.0, np.nan]], np.float32))
    assert [p[0] for p in pixels(clean_image(unit))] == [0, 128, 255, 0]
    wide = Image.fromarray(np.array([[-10.0, 90.0]], np.float32))
    assert [p[0] for p in pixels(clean_image(wide))] == [0, 255]
    integer = Image.fromarray(np.array([[0, 32_768, 65_535]], np.int32))
    assert [p[0] for p in pixels(clean_image(integer))] == [0, 128, 255]
    flat = Image.fromarray(np.zeros((2, 2), np.float32))
    assert set(pixels(clean_image(flat))) == {(0, 0, 0)}


def pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    return [tuple(p) for p in np.asarray(image).reshape(-1, 3).tolist()]


def test_transparent_becomes_white_in_every_mode() -> None:
    clear = Image.new("RGBA", (8, 8), (200, 30, 90, 0))
    clear.putpixel((0, 0), (10, 20, 30, 255))
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([10, 20, 30, 200, 30, 90])
    palette.putpixel((0, 0), 0)
    keyed = Image.new("RGB", (8, 8), (200, 30, 90))
    keyed.putpixel((0, 0), (10, 20, 30))
    files = [
        saved(clear, "PNG"),
        saved(clear, "WEBP", lossless=True),
        saved(palette, "PNG", transparency=1),
        saved(palette, "GIF", transparency=1),
        saved(keyed, "PNG", transparency=(200, 30, 90)),
    ]
    for content in files:
        image = read_image(content)
        assert image.getpixel((0, 0)) == (10, 20, 30) and image.getpixel((5, 5)) == (255, 255, 255)
    grey = Image.new("LA", (4, 4), (0, 0))
    assert read_image(saved(grey, "PNG")).getpixel((1, 1)) == (255, 255, 255)
    assert clean_image(grey.convert("La")).getpixel((1, 1)) == (255, 255, 255)
    half = Image.new("RGBA", (1, 1), (0, 0, 0, 128))
    assert near(clean_image(half).getpixel((0, 0)), (127, 127, 127), 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "HSV", "RGBX"])
def test_every_mode_becomes_rgb_of_the_same_look(mode: str) -> None:
    image = clean_image(photo().convert(mode))
    assert image.mode == "RGB" and image.size == (60, 40)
    if mode not in ("1", "L"):
        assert near(image.getpixel((30, 5)), RED, 3) and near(image.getpixel((30, 35)), BLUE, 3)


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    image = read_image(saved(photo().convert("CMYK"), "JPEG", quality=95))
    assert near(image.getpixel((30, 5)), RED, 20) and near(image.getpixel((30, 35)), BLUE, 20)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (20, 10), c) for c in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        image = read_image(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert image.size == (20, 10) and near(image.getpixel((3, 3)), RED)


def test_the_longer_side_is_bounded_and_no_side_vanishes() -> None:
    assert read_image(saved(photo(3000, 1500), "JPEG")).size == (2048, 1024)
    assert read_image(saved(photo(3000, 1500), "PNG"), max_side=300).size == (300, 150)
    assert read_image(saved(photo(3000, 1500), "PNG"), max_side=None).size == (3000, 1500)
    assert read_image(saved(photo(20_000, 10), "PNG")).size == (2048, 1)
    assert read_image(saved(photo(10, 20_000), "JPEG")).size in {(1, 2048), (2, 2048)}  # libjpeg rounds up
    assert read_image(saved(photo(1, 1), "PNG")).size == (1, 1)
    assert read_image(photo(3000, 30)).size == (2048, 20)


def test_a_shrunk_transparent_picture_has_no_dark_rim() -> None:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (100, 100, 300, 300))
    assert min(np.asarray(read_image(saved(image, "PNG"), max_side=97)).ravel()) >= 250


def test_a_clean_picture_is_handed_through_and_never_changed() -> None:
    image = photo()
    assert clean_image(image) is image
    tagged = photo()
    tagged.info["comment"] = "at home"
    cleaned = clean_image(tagged)
    assert cleaned is not tagged and not cleaned.info and tagged.info["comment"] == "at home"


def test_a_lying_file_name_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(saved(photo(), "JPEG"))
    assert read_image(path).size == (60, 40)


# ---- pictures that are not


def test_no_picture_is_named() -> None:
    for nothing in (None, 3, "", "no/such/file.png", Path("no/such/file.png"), "https://example.org/a.png", "a\0b"):
        assert refusal(nothing).code == "image_missing"
    with pytest.raises(ImageError) as caught:
        clean_image(None)
    assert caught.value.code == "image_missing"
    with pytest.raises(ImageError) as caught:
        clean_image(np.zeros((4, 4, 3), np.uint8))
    assert caught.value.code == "image_not_picture" and "ndarray" in str(caught.value)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "image_missing"


def test_zero_bytes_are_named() -> None:
    assert refusal(b"").code == "image_empty"
    assert refusal(io.BytesIO()).code == "image_empty"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"dear diary,\ntoday", "text"),
        ("亲爱的日记".encode(), "text"),
        (b"<html><script>alert(1)</script>", "text"),
        (b"BMW is a car, not a bitmap", "text"),
        (b"%PDF-1.7\n\0", "PDF"),
        (b"PK\x03\x04\0\0", "ZIP"),
        (b"\0\0\0\x18ftypisom\0\0", "video"),
        (bytes(range(256)), "unknown"),
    ],
)
def test_what_is_no_picture_is_told_by_what_it_is(content: bytes, found: str, tmp_path: Path) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(content)
    error = refusal(path)
    assert error.code == "image_not_picture" and found in error.values["found"] and found in str(error)


def test_heic_is_named_with_the_way_out() -> None:
    for brand in (b"heic", b"heix", b"mif1"):
        error = refusal(b"\0\0\0\x18ftyp" + brand + bytes(100))
        assert error.code == "image_heic" and "JPEG" in str(error)


def test_svg_is_named_with_the_way_out() -> None:
    for content in (b"<svg xmlns='x'/>", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- hi -->\n<SVG/>"):
        assert refusal(content).code == "image_svg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_damaged_and_never_half_grey(kind: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8))
    content = saved(noise, kind)
    assert refusal(content[: max(20, int(len(content) * share))]).code == "image_damaged"


def test_no_broken_file_raises_anything_but_our_error() -> None:
    random = np.random.default_rng(1)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        whole = np.frombuffer(saved(photo(), kind), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            places = random.integers(0, len(broken), 5)
            broken[places] = random.integers(0, 256, 5)
            try:
                assert read_image(broken.tobytes()).mode == "RGB"
            except InputError as error:
                assert error.code.startswith("image_") and str(error)


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (13_000, 13_000), (8_000, 8_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header_in_little_memory(width: int, height: int) -> None:
    content = png_claiming(width, height)
    assert len(content) < 20_000
    tracemalloc.start()
    try:
        error = refusal(content)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert peak_mb_of(refusal, content) < 100
    assert error.code == "image_too_many_pixels"
    assert error.values == {"width": width, "height": height, "limit": MAX_WHOLE_PIXELS}


def large_picture() -> None:
    Image.new("RGB", (5_000, 5_000), RED)


def test_the_memory_gauge_sees_a_picture_of_a_hundred_megabytes() -> None:
    peak = peak_mb_of(large_picture)
    assert peak == 0 or 70 < peak < 200


def test_a_bomb_below_pils_own_limit_is_refused_before_its_pixels_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: ImageFile.ImageFile) -> None:
        raise AssertionError("decoded")

    content = saved(Image.new("1", (8_000, 8_000)), "PNG")
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert refusal(content).code == "image_too_many_pixels"
    assert refusal(Image.open(io.BytesIO(png_claiming(9_000, 9_000)))).code == "image_too_many_pixels"


def test_a_large_photo_is_decoded_at_a_fraction_of_its_size() -> None:
    content = saved(Image.new("RGB", (8_000, 8_000), RED), "JPEG")
    assert 8_000 * 8_000 <= MAX_IMAGE_PIXELS
    assert read_image(content).size == (2048, 2048)
    assert peak_mb_of(read_image, content) < 150
    too_large = content.replace(struct.pack(">HH", 8_000, 8_000), struct.pack(">HH", 9_000, 9_000), 1)
    assert refusal(too_large).code == "image_too_many_pixels"


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    content = saved(photo(), "PNG") + bytes(MAX_IMAGE_BYTES)
    path = tmp_path / "large.png"
    path.write_bytes(content)
    for source in (content, path, io.BytesIO(content)):
        error = refusal(source)
        assert error.code == "image_too_many_bytes" and error.values["got"] > error.values["limit"] == MAX_IMAGE_BYTES


def test_pil_is_left_as_it_was_and_no_warning_is_heard() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for content in (png_claiming(10_000, 10_000), png_claiming(20_000, 20_000)):
            refusal(content)
        assert not heard
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == before


# ---- texts


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  a dog\ton\r\na beach\n", "a dog on a beach"),
        ("cafe\u0301", "café"),
        ("cafe\u200b\u0301", "café"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("\ufeffhello", "hello"),
        ("safe\u202egnp.exe\u2066x\u2069", "safegnp.exex"),
        ("broken \ud83d surrogate", "broken surrogate"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("שלום", "שלום"),
        ("<script>alert('x')</script> & <b>", "<script>alert('x')</script> & <b>"),
        ("两只\u3000猫", "两只 猫"),
        ("?", "?"),
    ],
)
def test_typed_text_becomes_one_clean_line(typed: str, clean: str) -> None:
    assert clean_text(typed) == clean
    assert clean_text(clean) == clean
    clean.encode("utf-8")


@pytest.mark.parametrize(
    "nothing", ["", "   \n\t", "\x00\x07", "\u200b\u200d\ufeff", "\ufe0f", None, 7, b"bytes", ["a"]]
)
def test_nothing_readable_is_a_missing_text(nothing: object) -> None:
    for read in (clean_text, split_lines):
        with pytest.raises(TextError) as caught:
            read(nothing)
        assert caught.value.code == "text_missing" and str(caught.value)


def test_a_long_text_is_refused_with_both_numbers() -> None:
    assert len(clean_text("x" * MAX_TEXT_CHARACTERS)) == MAX_TEXT_CHARACTERS
    for length in (MAX_TEXT_CHARACTERS + 1, 10_000):
        with pytest.raises(TextError) as caught:
            clean_text("x" * length)
        assert (caught.value.code, caught.value.values) == (
            "text_too_long",
            {"got": length, "limit": MAX_TEXT_CHARACTERS},
        )


def test_empty_lines_are_no_candidates() -> None:
    assert split_lines("\n a dog \n\n\x00\n两只猫\r\n\t") == (["a dog", "两只猫"], 0)


def test_candidates_beyond_the_limit_are_counted_not_used() -> None:
    lines, dropped = split_lines("\n\n".join(f"text {i}" for i in range(200)))
    assert (len(lines), lines[-1], dropped) == (MAX_TEXTS, f"text {MAX_TEXTS - 1}", 200 - MAX_TEXTS)
    assert split_lines("a\nb\nc", limit=2) == (["a", "b"], 1)


def test_a_long_line_and_a_long_list_are_refused() -> None:
    for typed in ("a\n" + "x" * 2_001, "x\n" * MAX_LIST_CHARACTERS):
        with pytest.raises(TextError) as caught:
            split_lines(typed)
        assert caught.value.code == "text_too_long"
