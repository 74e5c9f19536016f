"""What may come in: an upload becomes a safe RGB picture, typed text becomes clean text, or a clear error says why not.

`pictures` decodes, `headers` counts what a file claims before it is decoded, `icons` takes an icon apart, `strangers`
names what is not read, `kept` keeps the last pictures, `archives` reads the photos of a zip, `uploads` decodes a
stranger's file in a process of its own, `texts` cleans what was typed. Read next: `pictures.py`, `errors.py`,
`engine/match.py`.
"""

from mmdemo.inputs.headers import MAX_SCANNED_PIXELS, MAX_SCANS, MAX_SEGMENTS
from mmdemo.inputs.pictures import (
    MAX_IMAGE_BYTES,
    MAX_IMAGE_PIXELS,
    MAX_WHOLE_PIXELS,
    Source,
    clean_image,
    read_image,
)
from mmdemo.inputs.strangers import READABLE
from mmdemo.inputs.texts import MAX_LIST_CHARACTERS, MAX_TEXT_CHARACTERS, MAX_TEXTS, clean_text, split_lines

__all__ = [
    "MAX_IMAGE_BYTES", "MAX_IMAGE_PIXELS", "MAX_LIST_CHARACTERS", "MAX_SCANNED_PIXELS", "MAX_SCANS", "MAX_SEGMENTS",
    "MAX_TEXTS", "MAX_TEXT_CHARACTERS", "MAX_WHOLE_PIXELS", "READABLE", "Source", "clean_image", "clean_text",
    "read_image", "split_lines",
]  # fmt: skip
