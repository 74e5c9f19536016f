"""The few widgets that every tab shares, and the one place where an error of ours becomes a sentence on the page.

Read next: `pair.py`.
"""

import functools
import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency
from PIL import Image, ImageOps

from mmdemo import inputs
from mmdemo.errors import MMDemoError
from mmdemo.serving import patience
from mmdemo.ui import heat
from mmdemo.ui.gallery import photos
from mmdemo.ui.gate.calls import sentence
from mmdemo.ui.gate.log import note_failure
from mmdemo.ui.markup import part
from mmdemo.ui.text import Say

# All events that use a model wait in one line. The engine's lock lets one at a time to the device, which reads what the
# others wait for in the same forward (`serving/batcher.py`). `page.py` lets as many through as the engine takes.
MODEL = {"concurrency_id": "model"}
LATE_S = 120.0  # an answer that has not begun by then is not worked out
QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def guard(say: Say, answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, its errors turned into one sentence in the page's language; a line goes to the log."""

    @functools.wraps(answer)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            with patience(LATE_S):
                return answer(*args, **kwargs)
        except Exception as error:
            raise sentence(sentence_of(say, error, private=bool(args or kwargs))) from error

    guarded.__signature__ = inspect.signature(answer)
    return guarded


def guard_stream(say: Say, answer: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`guard` for a function that yields one answer after another."""

    @functools.wraps(answer)
    def guarded(*args: Any) -> Iterator[Any]:
        try:
            yield from answer(*args)
        except Exception as error:
            raise sentence(sentence_of(say, error)) from error

    guarded.__signature__ = inspect.signature(answer)
    return guarded


def sentence_of(say: Say, error: Exception, private: bool = True) -> str:
    """What a person reads about an error; one that we did not foresee is logged and gets a plain sentence.

    Args:
        say: the page's language.
        error: what was raised.
        private: whether its message may hold something of a visitor's, and so stays out of the log.
    """
    if isinstance(error, MMDemoError):
        return say.error(error)
    note_failure("An event failed", error, private)
    return say("error.unexpected")


def build_photo(say: Say, name: str, value: str | None = None, *, height: int = 240) -> gr.Image:
    """An upload that leaves reading the file to `inputs`, so that every bad file has its own clear sentence.

    Gradio's own `preprocess` opens the file first and fails with sentences of its own. It is replaced on the instance
    by one that gives the path: a subclass would do the same, but gradio writes a .pyi file beside its module.

    Args:
        name: elem_id.
        value: path of the photo to open with.
    """
    photo = gr.Image(
        value, label=say("photo.label"), sources=["upload", "clipboard"], type="filepath", height=height, elem_id=name,
        elem_classes="mm-photo", buttons=["fullscreen"], placeholder=say("photo.empty"),
        alt_text=say("photo.alt"), interactive=True,
    )  # fmt: skip
    photo.preprocess = lambda payload: payload.path if payload else None
    return photo


def watch_photo(say: Say, photo: gr.Image) -> gr.State:
    """Refuse a bad upload at once and put the last good photo back; returns the state that remembers it."""
    last = gr.State(photo.value["path"] if photo.value else None)

    def check(path: str | None) -> str | None:
        if path is not None:
            inputs.read_image(path)
        return path

    def back(path: str | None) -> str | None:
        return path if path and Path(path).exists() else None

    event = photo.upload(guard(say, check), photo, last, **QUIET)
    event.failure(back, last, photo, **QUIET)
    return last


def notice(sentence: str) -> str:
    """A sentence that stands in an answer's place."""
    return part("notice", sentence)


def build_html(content: str, name: str | None = None, program: str | None = None, *, css_class: str = "") -> gr.HTML:
    """A piece of HTML without gradio's margins; `program` runs once in the browser and may `trigger` events."""
    return gr.HTML(content, elem_id=name, elem_classes=["mm-bare", *css_class.split()], js_on_load=program)


def build_lead(sentence: str) -> gr.HTML:
    """The sentence above an answer that says what the tab is for."""
    return build_html(part("lead", sentence))


def build_answer(say: Say, name: str) -> gr.HTML:
    """The place of an answer, with what stands there until the first one comes."""
    return build_html(notice(say("waking")), name, css_class="mm-answer")


def thumbnails() -> str:
    """CSS with a small square of every example photo: both pages show the same ones, so they are sent once."""
    rules = []
    for path in photos():
        with Image.open(path) as image:
            square = ImageOps.fit(image.convert("RGB"), [min(image.size)] * 2)
        small = heat.photo_uri(square, 80, quality=72)
        rules.append(f'.mm-example[data-photo="{Path(path).name}"] {{ background-image: url({small}); }}')
    return "\n".join(rules)


def ask(
    say: Say,
    listen: Callable[..., Any],
    answer: Callable[..., Any],
    given: Sequence[gr.components.Component],
    shown: gr.components.Component | Sequence[gr.components.Component],
    busy: str,
    tab: str | None = None,
    **options: Any,
) -> Dependency:
    """Wire an event that uses a model: the element `busy` shows that it waits; if the event fails, what it shows stays.

    `tab` names the tab whose whole answer this is: the browser keeps the pair that it belongs to (`static/visit.js`).
    `options` are gradio's own, of the event ("trigger_mode", say; queue=False only for what asks no model).

    Returns the event, so that another can follow it: `ask(say, event.success, ...)`.

    Gradio's own progress covers the old answer with the word "Error"; hence `show_progress` hidden and our own sign.
    """
    mark, n = f"document.getElementById({json.dumps(busy)})", len(given)
    begin = f"mm.begin({json.dumps(tab)}, all.slice(1, {n}));" if tab else ""
    on = f"(...all) => {{ {begin} {mark}?.setAttribute('aria-busy', 'true'); return all.slice(0, {n}); }}"
    last = {well: f"if (mm.end({json.dumps(tab)}, {well})) " if tab else "" for well in ("true", "false")}
    off = {well: f"() => {{ {ended}{mark}?.removeAttribute('aria-busy'); }}" for well, ended in last.items()}
    line = MODEL if options.get("queue", True) else {}
    guarded = (guard_stream if inspect.isgeneratorfunction(answer) else guard)(say, answer)
    event = listen(guarded, list(given), shown, js=on, **line, **QUIET, **options)
    event.success(None, js=off["true"], **QUIET)
    event.failure(None, js=off["false"], **QUIET)
    return event
