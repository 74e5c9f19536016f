"""Files that are not read: a picture of another kind is named as one, and anything else as what it is.

Two kinds that Pillow reads are not read here. AVIF: its decoder takes what the picture inside says, not what the file
claims; 1,207 bytes that claim 100 x 100 pixels were decoded as 144 million, and Pillow has no limit for it. PPM as
text: its decoder walks over comments again and again, 32 seconds for 2 MB.
Read next: `pictures.py`.
"""

from typing import NoReturn

from mmdemo.errors import ImageError

READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF, PPM or ICO"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_PICTURES_UNREAD = (  # pictures all the same: their sentence names them
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"P1", "PPM (as text)"),
    (b"P2", "PPM (as text)"),
    (b"P3", "PPM (as text)"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"\x76\x2f\x31\x01", "EXR"),
)
_STRANGERS = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP or Office file"), (b"\x1f\x8b", "a gzip archive"))


def refuse_stranger(content: bytes) -> NoReturn:
    """Say what a file is that begins as none of the kinds that are read.

    Raises:
        ImageError: always; `code` says whether it is a picture.
    """
    head = content[:4096]
    brands = head[8 : max(12, min(64, int.from_bytes(head[:4], "big")))] if head[4:8] == b"ftyp" else b""
    brand = brands[:4]
    unread = "AVIF" if b"avif" in brands or b"avis" in brands else None
    unread = unread or next((name for start, name in _PICTURES_UNREAD if head.startswith(start)), None)
    if unread:
        message = f"Expected {READABLE}; got {unread}, which is not read here. Save it as JPEG or PNG first."
        raise ImageError(message, "image_unread_kind", kind=unread)
    if brand in _HEIC_BRANDS:
        message = f"Expected {READABLE}; got a HEIC photo. Save it as JPEG first (on an iPhone: Most Compatible)."
        raise ImageError(message, "image_heic")
    if b"<svg" in head.lower():
        raise ImageError(f"Expected {READABLE}; got an SVG drawing. Export it as PNG or JPEG first.", "image_svg")
    found = next((name for start, name in _STRANGERS if head.startswith(start)), "a video" if brand else "")
    found = found or ("an unknown kind of file" if b"\0" in head else "text")
    message = f"Expected a picture ({READABLE}); got {found}. Choose another file or save it as JPEG or PNG."
    raise ImageError(message, "image_not_picture", found=found)
