"""An upload from its first byte to its name: looked at elsewhere, cleaned, and only then where it can be asked for.

The file waits in a folder that nothing serves; another process makes a clean one beside it; that one gets the name
last, in one step, and the original is deleted before the upload is answered, whatever it was. For a file that cannot be
read a blank stands in, so that the page has something to show; the event that reads it says why.
A photo of a gallery comes smaller; a zip of them is as if they had come one by one. Read next: `folder.py`.
"""

import asyncio
import shutil
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs

import anyio
from gradio.routes import file_upload_statuses
from gradio_client.utils import strip_invalid_filename_characters
from PIL import Image
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from mmdemo.errors import ImageError, InputError
from mmdemo.inputs import MAX_IMAGE_BYTES
from mmdemo.inputs.archives import MAX_ZIP_BYTES, is_zip, photos_in
from mmdemo.inputs.pictures import MAX_SIDE
from mmdemo.inputs.uploads import Decoders
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.gate.log import note_failure
from mmdemo.ui.gate.wire import Message, Receive, Refused, Send, answer, patient, visitor_of

AROUND = 65_536  # bytes of a form around its one file
HEARD = 5 * MAX_IMAGE_BYTES  # of a body that is too large, so that its sender hears the answer
GALLERY_SIDE = 512  # pixels on the long side of a gallery's photo
WAITING = 8  # uploads of one visitor that may wait; one is decoded at a time, so everybody's turn comes
PAUSE_SECONDS, WHOLE_SECONDS = 10.0, 180.0
NAMELESS = "photo.png"
CHUNK = 1 << 20


class Reception:
    """The address that uploads go to.

    Args:
        folder: where clean photos lie.
        decoders: processes that clean them.
    """

    def __init__(self, folder: Folder, decoders: Decoders | None = None) -> None:
        self.folder = folder
        self.decoders = decoders or Decoders()
        self._turns: dict[str, anyio.CapacityLimiter] = defaultdict(lambda: anyio.CapacityLimiter(1))
        self._waiting: dict[str, int] = defaultdict(int)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Take one photo, or one zip of a gallery (`?gallery=1`).

        Raises:
            Refused: it is no form with one file, came too slowly, there is no room, or the zip cannot be used.
        """
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        visitor, upload = visitor_of(scope), asked.get("upload_id", [""])[0][:64]
        if self._waiting[visitor] >= WAITING:
            raise Refused(429, "places_yours", most=WAITING)
        self._waiting[visitor] += 1
        if upload:
            file_upload_statuses.track(upload)
        try:
            hearing = patient(receive, PAUSE_SECONDS, WHOLE_SECONDS)
            paths = await self._take(scope, hearing, visitor, gallery="gallery" in asked)
        except OSError as error:
            note_failure("An upload could not be kept", error)
            raise Refused(507, "disk_full") from None
        finally:
            self._leave(visitor)
            if upload:
                _finish(upload)
        await answer(send, 200, paths)

    async def _take(self, scope: Message, receive: Receive, visitor: str, gallery: bool) -> list[str]:
        counted = _Counted(receive, MAX_ZIP_BYTES if gallery else MAX_IMAGE_BYTES)
        parser = MultiPartParser(Headers(scope=scope), Request(scope, counted).stream(), max_files=1, max_fields=8)
        staged = self.folder.staged()
        try:
            name = await _store(await parser.parse(), staged)
            if gallery and await asyncio.to_thread(is_zip, staged):
                return await self._unpack(staged, visitor)
            return [await self._keep(staged, name, visitor, GALLERY_SIDE if gallery else MAX_SIDE)]
        except _TooLarge as large:
            return [await self._stand_in(NAMELESS, visitor, too_large(large.size, counted.limit))]
        except (MultiPartException, KeyError, ValueError, ClientDisconnect):
            raise Refused(400, "one_picture") from None
        finally:
            await asyncio.to_thread(staged.unlink, missing_ok=True)

    async def _unpack(self, staged: Path, visitor: str) -> list[str]:
        """The photos of a zip, each looked at as if it had come alone."""
        paths: list[str] = []
        entries, part = photos_in(staged), self.folder.staged()
        try:
            while (entry := await asyncio.to_thread(next, entries, None)) is not None:
                name, content = plain_name(entry[0]), entry[1]
                if isinstance(content, ImageError):
                    paths.append(await self._stand_in(name, visitor, content))
                    continue
                await asyncio.to_thread(part.write_bytes, content)
                paths.append(await self._keep(part, name, visitor, GALLERY_SIDE))
        except InputError as error:
            await asyncio.to_thread(self.folder.drop, paths)
            raise Refused(422, error.code, **error.values) from None
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return paths

    async def _keep(self, staged: Path, name: str, visitor: str, max_side: int) -> str:
        clean = staged.with_suffix(".clean")
        try:
            async with self._turns[visitor]:
                refused = await self.decoders.clean(staged, clean, name, max_side)
            if refused is not None:
                return await self._stand_in(name, visitor, refused)
            return await asyncio.to_thread(self.folder.admit, clean, name, visitor)
        finally:
            for left in (clean, clean.with_name(clean.name + ".part")):
                left.unlink(missing_ok=True)

    async def _stand_in(self, name: str, visitor: str, refused: ImageError) -> str:
        """A blank under the name of a file that is not kept."""
        blank = self.folder.staged()
        await asyncio.to_thread(Image.new("RGB", (1, 1), "white").save, blank, "PNG")
        return await asyncio.to_thread(self.folder.admit, blank, name, visitor, refused)

    def _leave(self, visitor: str) -> None:
        self._waiting[visitor] -= 1
        if self._waiting[visitor] <= 0:
            self._waiting.pop(visitor, None)
            self._turns.pop(visitor, None)


class _TooLarge(Exception):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class _Counted:
    """A `receive` that hears at most one file; of what is too large it hears the rest and keeps nothing."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive, self.limit = receive, limit
        self.size = 0

    async def __call__(self) -> Message:
        message = await self.receive()
        self.size += len(message.get("body", b""))
        if self.size <= self.limit + AROUND:
            return message
        while message.get("more_body") and self.size < max(HEARD, 2 * self.limit):
            message = await self.receive()
            self.size += len(message.get("body", b""))
        raise _TooLarge(self.size)


def too_large(got: int, limit: int = MAX_IMAGE_BYTES) -> ImageError:
    """A file of more bytes than may come."""
    message = f"Expected a file of at most {limit:,} bytes; this one has {got:,} or more. Save it smaller."
    return ImageError(message, "image_too_many_bytes", got=got, limit=limit)


def plain_name(given: str | None) -> str:
    """A visitor's name for a file as the last part of a path."""
    name = strip_invalid_filename_characters((given or "").replace("\\", "/").rpartition("/")[2], max_bytes=120)
    return NAMELESS if name.strip(". ") == "" or name.startswith(".") else name


async def _store(form: FormData, target: Path) -> str:
    """Write a form's one file; returns its name."""
    try:
        held = next((value for value in form.getlist("files") if isinstance(value, UploadFile)), None)
        if held is None:
            raise Refused(400, "one_picture")
        with await asyncio.to_thread(target.open, "wb") as file:
            await asyncio.to_thread(shutil.copyfileobj, held.file, file, CHUNK)
        return plain_name(held.filename)
    finally:
        await form.close()


def _finish(upload: str) -> None:
    """Tell the page's progress bar, and forget the upload once it has heard."""
    file_upload_statuses.set_done(upload)
    asyncio.get_running_loop().call_later(60, file_upload_statuses.stop_tracking, upload)
