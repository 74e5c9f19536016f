"""The page as gradio serves it, with one door for every call, public or private: photos, shapes, errors.

All inputs of all events pass `preprocess_data`, and all answers pass `process_api`; nothing else of gradio is changed.
Read next: `folder.py`.
"""

from collections.abc import Callable
from html import escape
from threading import Thread
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.components.api_component import Api
from gradio_client.utils import value_is_file

from mmdemo.errors import InputError, MMDemoError
from mmdemo.ui.gate.asker import WAITS
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.gate.log import note_failure
from mmdemo.ui.gate.places import Places
from mmdemo.ui.gate.told import misfit_kind
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.serving.metrics import Metrics

DEEPEST = 20  # lists in lists; our widest input is a list of texts


class Page(gr.Blocks):
    """Gradio's blocks that take photos from one folder only and answer every mistake with a sentence.

    Args:
        folder: where uploads lie.
        pages: address -> language of the page there, "/" the first.
        **options: gradio's own.
    """

    def __init__(self, folder: Folder, pages: dict[str, Say], **options: Any) -> None:
        super().__init__(**options)
        self.folder = folder
        self.leaving = False  # True once the server takes no new work
        self.warming: Thread | None = None  # at work as long as models are being loaded
        self.metrics: Metrics | None = None  # where somebody asked for them
        self.places: Places | None = None  # once it is served
        self.openings: list[Callable[[], Any]] = []  # what tabs open with, each worked out once
        self.languages = {address.strip("/"): say for address, say in pages.items()}

    def say_for(self, fn: BlockFunction) -> Say:
        """The language of the page that an event belongs to."""
        return self.languages.get((fn.page or "").strip("/"), self.languages[""])

    def uploaded(self, path: str | None) -> str | None:
        """A path that was uploaded here and still is; else None. It is checked as every photo is."""
        try:
            photo = self.folder.photo(None if path is None else {"path": path})
        except MMDemoError:
            return None  # an hour is over; the page asks for it again
        return photo and photo["path"]

    def get_config_file(self) -> Any:
        """Gradio's own, but an open page holds no connection while it asks nothing.

        A browser has six connections to a server for all its windows. Gradio keeps one for each page, only to hear when
        it is closed: the seventh page would never be answered. See `sessions.py` and `places.py` for who has left.
        """
        return super().get_config_file() | {"connect_heartbeat": False}

    async def preprocess_data(self, block_fn: BlockFunction, inputs: list[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Gradio's own, on inputs that are of the right number and kind and name no file but an upload.

        Raises:
            gr.Error: a sentence about the first input that is not.
        """
        say = self.say_for(block_fn)
        try:
            return await super().preprocess_data(block_fn, self._checked(block_fn, inputs), *args, **kwargs)
        except MMDemoError as error:
            raise spoken(say, error) from None
        except Exception as error:  # gradio's widgets say in English and with the value what they do not take
            if isinstance(error, gr.Error) and not error.print_exception:
                raise
            note_failure("A call did not fit", error)
            raise spoken(say, misfit_kind()) from None

    async def process_api(self, block_fn: BlockFunction | int, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Gradio's own; what it raises has become a sentence and a line in the log.

        Raises:
            gr.Error: the sentence.
        """
        fn = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        event = self._queue.event_ids_to_events.get(kwargs.get("event_id") or "")
        token = WAITS.set(None if event is None else lambda: event.alive)
        try:
            return await super().process_api(fn, *args, **kwargs)
        except gr.Error as error:
            if not error.print_exception:
                raise
            note_failure("An event failed", error)
            raise sentence(self.say_for(fn)("error.unexpected")) from None
        except Exception as error:
            note_failure("An event failed", error)
            raise sentence(self.say_for(fn)("error.unexpected")) from None
        finally:
            WAITS.reset(token)

    def _checked(self, fn: BlockFunction, given: list[Any]) -> list[Any]:
        if isinstance(given, list):  # what an endpoint does without may be left out at the end
            given = [*given, *(None for block in fn.inputs[len(given) :] if getattr(block, "may_lack", False))]
        if not isinstance(given, list) or len(given) != len(fn.inputs):
            came = len(given) if isinstance(given, list) else 0
            raise misfit_count(len(fn.inputs), came)
        checked = []
        for block, value in zip(fn.inputs, given, strict=True):
            if takes_photo(block):
                value = self.folder.photos(value) if takes_photos(block) else self.folder.photo(value)
            elif holds_file(value):
                raise misfit_kind()
            checked.append(value)
        return checked


def takes_photo(block: gr.blocks.Block) -> bool:
    """Whether an input is a photo: its widget, or what an endpoint types as a file."""
    return isinstance(block, gr.Image) or (isinstance(block, Api) and value_is_file(block.api_info()))


def takes_photos(block: gr.blocks.Block) -> bool:
    """Whether an input is a list of photos."""
    return isinstance(block, Api) and block.api_info().get("type") == "array"


def holds_file(value: Any, depth: int = 0) -> bool:
    """Whether gradio would take some part of a value for a file; what is nested too deeply counts as one."""
    if depth > DEEPEST:
        return True
    if isinstance(value, dict):
        return "path" in value or "url" in value or any(holds_file(v, depth + 1) for v in value.values())
    return isinstance(value, list) and any(holds_file(v, depth + 1) for v in value)


def misfit_count(expected: int, came: int) -> InputError:
    """A call with another number of values than its event takes."""
    message = f"This call does not fit: expected {expected} values, got {came}. “Use via API” shows which."
    return InputError(message, "call_count", expected=expected, came=came)


def spoken(say: Say, error: MMDemoError) -> gr.Error:
    """Our error as a visitor reads it."""
    return sentence(say.error(error))


def sentence(text: str) -> gr.Error:
    """A sentence for the page; gradio prints no traceback for it."""
    whole = text.encode("utf-8", "replace").decode()  # half a letter breaks what writes the answer
    return gr.Error(escape(whole, quote=False), print_exception=False)
