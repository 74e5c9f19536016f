"""What a file claims, counted before any of it is decoded: scans of a JPEG, chunks of a PNG, the canvas of a WebP.

A progressive JPEG may send the same pixels over and over: a scan of 42 bytes, repeated, makes a file of 170 kB that
libjpeg decodes for 15 seconds. Pillow itself walks a header piece by piece in Python, and lays out the canvas of a WebP
as soon as it opens one. So the pieces are counted first, in a walk over markers that reads no pixel.
Read next: `pictures.py`.
"""

import re

from mmdemo.errors import ImageError

MAX_SEGMENTS = 20_000  # pieces of a header; a camera writes some twenty, a PNG of 20 MB a few thousand
MAX_SCANS = 100  # of one JPEG; encoders write up to twelve
MAX_SCANNED_PIXELS = 480_000_000  # pixels times scans: the largest whole picture with twenty scans
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
MAX_PPM_HEADER = 4096  # bytes; three numbers, and what the program that wrote it has to say
_PPM_COMMENT, _PPM_HEADER = re.compile(rb"#[^\r\n]*"), re.compile(rb"P(4|[56]\s+\d+)\s+\d+\s+\d+\s")
_JPEG_END, _JPEG_SCAN, _JPEG_ALONE = 0xD9, 0xDA, (0x01, 0xD8)


def jpeg_scans(content: bytes) -> int:
    """How many times a JPEG's decoder would go over its pixels.

    Raises:
        ImageError: more than MAX_SCANS scans or MAX_SEGMENTS pieces ("image_too_much_work").
    """
    at, scans, segments = 2, 0, 0
    while match := _JPEG_MARKER.search(content, at):
        marker, at = match[1][0], match.end()
        if marker == _JPEG_END:
            break
        if marker in _JPEG_ALONE:
            continue
        at += int.from_bytes(content[at : at + 2], "big")  # a piece says its length: what it holds is no marker
        scans += marker == _JPEG_SCAN
        segments += 1
        if scans > MAX_SCANS or segments > MAX_SEGMENTS:
            refuse_work(f"more than {MAX_SCANS} scans or {MAX_SEGMENTS:,} pieces")
    return scans


def check_png(content: bytes) -> None:
    """Refuse a PNG of more than MAX_SEGMENTS chunks.

    Raises:
        ImageError: there are more ("image_too_much_work").
    """
    at, chunks = 8, 0
    while at + 8 <= len(content) and content[at + 4 : at + 8] != b"IEND":
        at += 12 + int.from_bytes(content[at : at + 4], "big")
        chunks += 1
        if chunks > MAX_SEGMENTS:
            refuse_work(f"more than {MAX_SEGMENTS:,} chunks")


def check_ppm(content: bytes) -> None:
    """Refuse a PPM whose numbers stand behind its first MAX_PPM_HEADER bytes: Pillow reads comments letter by letter.

    Raises:
        ImageError: they do not ("image_too_much_work").
    """
    if len(content) > MAX_PPM_HEADER and not _PPM_HEADER.match(_PPM_COMMENT.sub(b"", content[:MAX_PPM_HEADER])):
        refuse_work(f"a header of more than {MAX_PPM_HEADER:,} bytes")


def webp_size(content: bytes) -> tuple[int, int]:
    """(width, height) of a WebP's canvas as its header claims; (0, 0) where the header is no WebP's."""
    kind, head = content[12:16], content[20:30]
    if len(head) < 10:
        return 0, 0
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L":
        packed = int.from_bytes(head[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return 0, 0


def check_work(scans: int, width: int, height: int) -> None:
    """Refuse what would be gone over too often.

    Raises:
        ImageError: pixels times scans are above MAX_SCANNED_PIXELS ("image_too_much_work").
    """
    if scans * width * height > MAX_SCANNED_PIXELS:
        refuse_work(f"{scans} scans over {width:,} x {height:,} pixels")


def refuse_work(what: str) -> None:
    """Raise the one error for a file that is small to send and long to decode."""
    message = f"Expected a picture that is decoded in a few steps; this one has {what}. Save it again as JPEG or PNG."
    raise ImageError(message, "image_too_much_work")
