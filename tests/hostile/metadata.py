"""Pictures that say where they were taken, in every place where a file can say it, and a walk that finds those places.

The walk does not ask Pillow, which reads some of them only: it counts the bytes of every piece of a file that is no
part of the picture itself.
"""

import random
from collections.abc import Iterator

from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from tests.hostile.pictures import chunk, saved
from tests.pictures import picture

TOLD = "SecretPlace"  # stands in every piece of metadata
XMP = f"<x:xmpmeta><dc:creator>{TOLD}</dc:creator></x:xmpmeta>".encode()
KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "ICO", "AVIF")
_JPEG_OWN = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE}  # frames, tables, JFIF, and how colours are coded
_PNG_OWN = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def exif() -> Image.Exif:
    """Camera, direction, comment and place."""
    found = Image.Exif()
    found[ExifTags.Base.Make] = TOLD
    found[ExifTags.Base.ImageDescription] = TOLD
    found[ExifTags.Base.Orientation] = 6
    found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = TOLD.encode()
    found.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 22.0, 30.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    return found


def telling(kind: str, dice: random.Random) -> bytes:
    """A picture of a kind with everything in it that the kind can hold beside its pixels."""
    image = picture(dice.randrange(1 << 30), (dice.randrange(16, 400), dice.randrange(16, 300)))
    if kind == "JPEG":
        whole = saved(image, kind, exif=exif(), xmp=XMP, comment=TOLD.encode(), progressive=dice.random() < 0.3)
        return whole[:2] + _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0" + _iptc()) + whole[2:]
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", TOLD)
        texts.add_text("Author", TOLD, zip=True)
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        mode = dice.choice(["RGB", "RGBA", "L", "P", "1"])
        return saved(image.convert(mode), kind, exif=exif(), pnginfo=texts) + TOLD.encode()
    if kind == "WEBP":
        return saved(image, kind, exif=exif(), xmp=XMP, lossless=dice.random() < 0.5)
    if kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[270], tags[305], tags[700], tags[33723] = TOLD, TOLD, XMP, _iptc()
        return saved(image, kind, tiffinfo=tags, exif=exif() if dice.random() < 0.5 else None)
    if kind == "AVIF":
        return saved(image, kind, exif=exif(), xmp=XMP)
    return saved(image, kind, comment=TOLD.encode()) + TOLD.encode()


def pieces(content: bytes) -> list[tuple[str, int]]:
    """(name, bytes) of each piece of a JPEG or PNG that is no part of its picture; any other kind is one piece."""
    if content.startswith(b"\xff\xd8"):
        return list(_of_jpeg(content))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return list(_of_png(content))
    return [("another kind of file", len(content))]


def _of_jpeg(content: bytes) -> Iterator[tuple[str, int]]:
    at = 2
    while content[at : at + 1] == b"\xff" and content[at + 1] != 0xDA:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker not in _JPEG_OWN:
            yield f"marker {marker:02X}", length
        elif marker == 0xE0 and (content[at + 4 : at + 9] != b"JFIF\0" or length > 16):
            yield "JFIF with more in it", length
        at += 2 + length
    end = content.rfind(b"\xff\xd9") + 2
    if end < len(content):
        yield "behind the end", len(content) - end


def _of_png(content: bytes) -> Iterator[tuple[str, int]]:
    at = 8
    while at + 8 <= len(content):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if name not in _PNG_OWN:
            yield name.decode("latin-1"), length
        at += 12 + length
        if name == b"IEND":
            break
    if at < len(content):
        yield "behind the end", len(content) - at


def _segment(marker: int, content: bytes) -> bytes:
    """A piece of a JPEG's header."""
    return bytes((0xFF, marker)) + (2 + len(content)).to_bytes(2, "big") + content


def _iptc() -> bytes:
    """IPTC's field for a city."""
    return b"\x1c\x02\x5a" + len(TOLD).to_bytes(2, "big") + TOLD.encode()


def broken(content: bytes, dice: random.Random) -> bytes:
    """The same file with some bytes changed, cut out, or put in."""
    found = bytearray(content)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(found) or 1)
        what = dice.choice(("change", "cut", "put", "end"))
        if what == "change":
            found[at : at + 4] = dice.randbytes(4)
        elif what == "cut":
            del found[at : at + dice.randrange(1, 64)]
        elif what == "put":
            found[at:at] = chunk(b"tEXt", TOLD.encode())
        else:
            del found[max(at, 20) :]
    return bytes(found)
