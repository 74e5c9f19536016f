"""A stranger's file, decoded in a process of its own that can be killed, becomes a clean file.

A picture can be made that takes its decoder an hour; a thread cannot be stopped, a process can. The process starts with
this module and Pillow alone: no torch, no gradio, some 45 MB. Read next: `pictures.py`.
"""

import contextlib
import os
from pathlib import Path

import anyio
from anyio import to_process

from mmdemo.errors import ImageError
from mmdemo.inputs.pictures import MAX_SIDE, read_image

QUALITY = 95
LOSSLESS_PIXELS = 1_000_000  # a drawing of at most this size keeps its exact pixels
DEADLINE_SECONDS = 20.0  # the largest picture that is allowed takes two on a free core
PROCESSES = 2


def clean_file(source: Path, target: Path, name: str, max_side: int = MAX_SIDE) -> ImageError | None:
    """Write a picture upright, RGB, without metadata; returns why not, when nothing was written.

    Args:
        source: the file as it came.
        target: what becomes of it, beside it: PNG where `name` has a lossless kind's suffix and it is small, or JPEG.
        name: the visitor's own.
        max_side: the longer side is shrunk to at most this many pixels.
    """
    try:
        image = read_image(source.read_bytes(), max_side)  # not its path: nobody asks here twice, so it is not kept
    except ImageError as error:
        return error
    lossless = Path(name).suffix.lower() in {".png", ".bmp", ".gif"} and image.width * image.height <= LOSSLESS_PIXELS
    part = target.with_name(target.name + ".part")
    image.save(part, "PNG") if lossless else image.save(part, "JPEG", quality=QUALITY, subsampling=0)
    os.replace(part, target)
    return None


class Decoders:
    """A small pool of processes; each picture gets one for a while.

    Args:
        deadline: seconds of work, after which the process is killed.
        processes: at most so many at once.
    """

    def __init__(self, deadline: float = DEADLINE_SECONDS, processes: int = PROCESSES) -> None:
        self.deadline = deadline
        self.processes = processes
        self._limiter: anyio.CapacityLimiter | None = None

    async def clean(self, source: Path, target: Path, name: str, max_side: int = MAX_SIDE) -> ImageError | None:
        """`clean_file` elsewhere; waiting for a free process does not count as work.

        A process that dies over a picture, of too little memory say, counts as one that took too long.
        """
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self.processes)
        async with self._limiter:
            with anyio.move_on_after(self.deadline), contextlib.suppress(anyio.BrokenWorkerProcess):
                return await to_process.run_sync(
                    clean_file, source, target, name, max_side, cancellable=True, limiter=anyio.CapacityLimiter(1)
                )
        message = f"Expected a picture that is read within {self.deadline:g} s; this one takes longer. Save it smaller."
        return ImageError(message, "image_too_slow")
