"""Files that are small to send and dear to read, made by code."""

import io
import struct
import zlib

from PIL import ExifTags, Image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file of some kind."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def repeated_scans(times: int, size: tuple[int, int] = (4000, 4000)) -> bytes:
    """A progressive JPEG whose last scan comes again and again: a few bytes each, every one a walk over all pixels."""
    whole = saved(Image.new("L", size, 128), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    return whole[:-2] + scan * times + whole[-2:]


def many_pieces(times: int = 400_000) -> bytes:
    """A JPEG with hundreds of thousands of empty comments before its picture."""
    whole = saved(Image.new("RGB", (16, 16), "red"), "JPEG")
    return whole[:2] + b"\xff\xfe\x00\x02" * times + whole[2:]


def many_chunks(times: int = 400_000) -> bytes:
    """A PNG with hundreds of thousands of empty texts before its picture."""
    whole = saved(Image.new("RGB", (16, 16), "red"), "PNG")
    return whole[:33] + chunk(b"tEXt", b"k\0") * times + whole[33:]


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def black(width: int = 6000, height: int = 4000) -> bytes:
    """A PNG of 24 million pixels in a few kilobytes."""
    return saved(Image.new("L", (width, height)), "PNG")


def webp_claiming(width: int, height: int) -> bytes:
    """A WebP of some bytes whose canvas claims any size."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    inside = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + sides + bytes(64)
    return b"RIFF" + struct.pack("<I", 4 + len(inside)) + b"WEBP" + inside


def with_place(size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> bytes:
    """A photo that tells camera and place in EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SecretCamera"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 22.0, 30.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    more = {"comment": b"SecretComment", "xmp": b"<x>SecretXmp</x>"} if kind == "JPEG" else {}
    return saved(Image.new("RGB", size, "orange"), kind, exif=exif, **more)


SECRETS = (b"Secret", b"Exif", b"GPS", b"http://ns.adobe.com")


def strangers() -> dict[str, bytes]:
    """Files that are refused, each with a place of capture inside."""
    place = with_place()
    large = saved(Image.new("L", (5000, 5000)), "PNG")
    return {
        "photo.heic": b"\0\0\0\x18ftypheic" + place,
        "photo.avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + place,
        "cut.jpg": place[: len(place) - 40],
        "large.png": large[:33] + chunk(b"tEXt", b"Comment\0SecretPlace") + large[33:],
        "icon.ico": b"\0\0\1\0\1\0" + place,
        "story.txt": b"SecretStory",
        "page.svg": b"<svg>Secret</svg>",
        "empty.jpg": b"",
    }
