"""Painted pictures as files, painted once: the next start finds them.

They do not lie in gradio's folder for uploads, where everything that was served is deleted after an hour.
Read next: `canvas.py`.
"""

import functools
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
import PIL
from PIL import Image

from mmdemo.ui.drawn import animals, rain, room, sea, sign, table, town

DRAWINGS: dict[str, Callable[[], Image.Image]] = {
    "sunset.jpg": sea.sunset,
    "boat.jpg": sea.sailing_boat,
    "duck.jpg": animals.duck,
    "fox.jpg": animals.fox,
    "rabbit.jpg": animals.rabbit,
    "rabbits.jpg": animals.five_rabbits,
    "fox_rabbit.jpg": animals.fox_behind_rabbit,
    "pizza.jpg": table.pizza,
    "stop.jpg": sign.stop_sign,
    "rain.jpg": rain.rain,
    "bus.jpg": town.street,
    "bedroom.jpg": room.bedroom,
}
QUALITY = 92  # of the JPEG


def drawing(name: str) -> str:
    """The path of a picture of `DRAWINGS`; it is painted where the file is missing.

    Raises:
        OSError: the folder for temporary files cannot be written.
    """
    path = folder() / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = path.with_suffix(f".{secrets.token_hex(8)}")
        DRAWINGS[name]().save(unfinished, "JPEG", quality=QUALITY)
        os.replace(unfinished, path)  # at once: nobody finds half a picture
    return str(path)


@functools.cache
def folder() -> Path:
    """Where they lie; a new folder when somebody else has made the one of that name."""
    path = Path(tempfile.gettempdir()) / f"mmdemo-drawn-{version()}"
    path.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and path.lstat().st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix="mmdemo-drawn-"))
    return path


def version() -> str:
    """Changes with the code that paints, and with the packages that it paints with."""
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    packages = f"{PIL.__version__} {np.__version__} {gr.__version__}"
    return hashlib.sha256(sources + packages.encode()).hexdigest()[:12]
