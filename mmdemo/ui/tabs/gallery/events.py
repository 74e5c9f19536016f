"""What happens on the Gallery tab: photos become a gallery, the page's photo or sentence is looked for in it.

Loading has a line of its own, tells how far it is, and changes nothing before it has ended well. Read next: `draw.py`.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import Context

from mmdemo import inputs
from mmdemo.errors import InputError
from mmdemo.inputs.archives import MAX_PHOTOS, gallery_size
from mmdemo.ui.gallery import photos as example_photos
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.gate.told import told
from mmdemo.ui.once import Once
from mmdemo.ui.pair import Pair, Values
from mmdemo.ui.stale import EVERY, StaleGuard, newest_only, newest_stream
from mmdemo.ui.tabs.gallery import captions as reading
from mmdemo.ui.tabs.gallery import draw, photos, search
from mmdemo.ui.tabs.gallery.draw_captions import draw_captions, draw_map
from mmdemo.ui.tabs.gallery.kept import Captions, Gallery, Shelf, Store
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import QUIET, ask, guard, guard_stream

if TYPE_CHECKING:
    from mmdemo.engine import Engine

RESULT = "gallery-result"
LINE = {"concurrency_id": "gallery", "concurrency_limit": 2}  # whoever asks need not wait for those who load
LONGEST = 200_000  # characters of the paths of 500 photos, and of a CSV in base64


@dataclass(frozen=True)
class Widgets:
    """Everything on the tab that an event reads or writes.

    Args:
        pick, progress, status, examples: where photos come in, how far they are, which are here, and the shipped ones.
        by, without: what is asked with, and what is taken off.
        shown, more: the hits, and what is asked about them.
        lines, button, sheet: where captions come in.
        captions, close, flat: what they find, and the map.
    """

    pick: gr.HTML
    progress: gr.HTML
    status: gr.HTML
    examples: gr.Button
    by: gr.Radio
    without: gr.Textbox
    shown: gr.HTML
    more: gr.HTML
    lines: gr.Textbox
    button: gr.Button
    sheet: gr.HTML
    captions: gr.HTML
    close: gr.Checkbox
    flat: gr.HTML


class Desk:
    """The answers, without widgets.

    Args:
        engine, say: as everywhere.
        folder: where uploads lie.
        pair: whose examples are the gallery of whoever has loaded none.
    """

    def __init__(self, engine: "Engine", say: Say, folder: Folder, pair: Pair) -> None:
        self.engine, self.say, self.folder = engine, say, folder
        self.store = Store()
        self.examples = Once(lambda: photos.loaded(engine, [(path, None) for path in example_photos()], own=False))
        rows = [(one.true, Path(one.path).name) for one in pair.choices if not one.lesson]
        self.example_captions = Once(lambda: reading.encoded(engine, rows))

    def gallery(self, shelf: Shelf) -> Gallery:
        """The visitor's own, or the examples. Raises as `Store.gallery`."""
        return self.store.gallery(shelf) or self.examples()

    def captions(self, shelf: Shelf) -> Captions | None:
        """The visitor's own; those of the examples beside these; else None."""
        return shelf.captions or (None if shelf.gallery else self.example_captions())

    def load(self, paths: list[str], count: int) -> Iterator[str | Gallery]:
        """Of `count` uploads how far it is, as HTML; at last the gallery. The uploads are deleted.

        Raises:
            InputError: as `photos.load`.
        """
        if count > MAX_PHOTOS:
            raise gallery_size(count)
        try:
            for done in photos.load(self.engine, [(path, self.folder.refusal(path)) for path in paths]):
                yield done if isinstance(done, Gallery) else draw.draw_progress(done, len(paths), self.say)
        except InputError as error:
            raise self.spelt(error) from None
        finally:
            self.folder.drop(paths)

    def spelt(self, error: InputError) -> InputError:
        """An error whose sentence quotes another one's, with that in the page's language."""
        quoted = error.values.get("why")
        return (
            type(error)(str(error), error.code, **error.values | {"why": self.say.error(quoted)}) if quoted else error
        )

    def answer(self, shelf: Shelf, query: search.Query) -> str:
        """The hits as HTML."""
        gallery = self.gallery(shelf)
        found = search.search(self.engine, gallery, query)
        return draw.draw(found, gallery, self.engine.match_background(), self.say)

    def beside(self, shelf: Shelf, path: str | None, close: bool) -> tuple[str, str]:
        """`found` and `flat` of the captions that lie there at the end: others may be put while these are drawn."""
        while True:
            captions = shelf.captions
            drawn = self.found(shelf, path), self.flat(shelf, close)
            if shelf.captions is captions:
                return drawn

    def found(self, shelf: Shelf, path: str | None) -> str:
        """What captions find, as HTML; "" without captions."""
        gallery, captions = self.gallery(shelf), self.captions(shelf)
        image = None if path is None else inputs.read_image(path)
        return draw_captions(self.engine, gallery, captions, image, self.say) if captions else ""

    def flat(self, shelf: Shelf, close: bool) -> str:
        """The map as HTML; "" without captions."""
        gallery, captions = self.gallery(shelf), self.captions(shelf)
        return draw_map(gallery, captions, close, self.say) if captions else ""

    def why(self, shelf: Shelf, place: int, text: str) -> str:
        """The map of one hit as HTML."""
        gallery, text = self.gallery(shelf), inputs.clean_text(text)
        image = photos.photo(gallery, place)
        explanation = search.why(self.engine, image, text)
        return draw.draw_why(image, gallery.index.names[place], text, explanation, self.say)

    def ranked(self, shelf: Shelf, text: str) -> str:
        """The first hits again, as HTML."""
        gallery, text = self.gallery(shelf), inputs.clean_text(text)
        return draw.draw_ranked(
            search.ranked(self.engine, gallery, text), gallery, text, self.engine.status(), self.say
        )

    def like(self, shelf: Shelf, place: int) -> str:
        """What is near one photo of the gallery, as HTML."""
        return self.answer(shelf, search.Query(photos.photo(self.gallery(shelf), place), "", like=place))


def wire(engine: "Engine", say: Say, pair: Pair, w: Widgets) -> None:
    """All events of the tab."""
    desk, shelf = Desk(engine, say, Context.root_block.folder, pair), gr.State(Shelf())
    turns = gr.State(StaleGuard())

    def answered(path: str | None, text: str, kept: Shelf, by: str, without: str, close: bool) -> Values:
        shown = desk.answer(kept, search.asked(path, text, by, without))
        found, flat = desk.beside(kept, path, close)
        status = draw.draw_status(desk.gallery(kept), say)
        return {w.status: status, w.captions: found, w.flat: flat, w.more: "", w.shown: shown}

    pair.answers(
        "gallery", answered, [w.status, w.captions, w.flat, w.more, w.shown], RESULT,
        fields=[shelf, w.by, w.without, w.close], newest=turns,
        listen=[w.by.input, w.without.submit, *wire_loading(desk, shelf, w)],
    )  # fmt: skip
    wire_hits(desk, shelf, turns, w)
    wire_captions(desk, pair, shelf, w)
    pair.keep(gallery__by=w.by, gallery__without=w.without)


def wire_loading(desk: Desk, shelf: gr.State, w: Widgets) -> list[Any]:
    """Photos come in, or the examples back; returns the events after which the tab is asked again."""
    say, loads = desk.say, gr.State(StaleGuard())

    def loaded(turns: StaleGuard, kept: Shelf, event: gr.EventData) -> Iterator[str]:
        paths = told(event, "paths", str, longest=LONGEST).split("\n")
        work = newest_stream(lambda: desk.load([path for path in paths if path], told(event, "count", int)))
        try:
            with closing(work(turns)) as parts:
                for part in parts:
                    if isinstance(part, Gallery):
                        desk.store.put(kept, part)
                    yield "" if isinstance(part, Gallery) else part
        except Exception:
            yield ""
            raise

    def stopped(turns: StaleGuard) -> str:
        turns.stop()
        return draw.stopped(say)

    def put_back(turns: StaleGuard, kept: Shelf) -> str:
        turns.stop()
        desk.store.put(kept, None)
        return ""

    load = w.pick.submit(guard_stream(say, loaded), [loads, shelf], w.progress, **EVERY, **LINE, **QUIET)
    w.progress.click(guard(say, stopped), loads, w.progress, queue=False, **QUIET)
    back = w.examples.click(guard(say, put_back), [loads, shelf], w.progress, queue=False, **QUIET)
    return [load.success, back.success]


def wire_hits(desk: Desk, shelf: gr.State, turns: gr.State, w: Widgets) -> None:
    """What is asked about a hit."""

    def place_of(kept: Shelf, event: gr.EventData) -> int:
        return told(event, "place", int, count=len(desk.gallery(kept).index))

    def like(kept: Shelf, event: gr.EventData) -> Values:
        return {w.shown: desk.like(kept, place_of(kept, event)), w.more: ""}

    def more(kept: Shelf, event: gr.EventData) -> str:
        text = told(event, "text", str, longest=inputs.MAX_TEXT_CHARACTERS)
        if told(event, "act", str) == "rank":
            return desk.ranked(kept, text)
        return desk.why(kept, place_of(kept, event), text)

    ask(desk.say, w.shown.click, newest_only(like), [turns, shelf], [w.shown, w.more], RESULT, **EVERY)
    given = [gr.State(StaleGuard()), shelf]
    shown = ask(desk.say, w.shown.submit, newest_only(more), given, w.more, "gallery-more", **EVERY)
    into_view = "() => document.getElementById('gallery-more').scrollIntoView({block: 'nearest'})"
    shown.success(None, js=into_view, **QUIET)


def wire_captions(desk: Desk, pair: Pair, shelf: gr.State, w: Widgets) -> None:
    """Captions come in, typed or as a CSV; and the switch of the map."""

    def put(kept: Shelf, captions: Captions, path: str | None, close: bool) -> Values:
        desk.store.put_captions(kept, captions)
        return {w.captions: desk.found(kept, path), w.flat: desk.flat(kept, close)}

    def typed(kept: Shelf, path: str | None, close: bool, lines: str) -> Values:
        return put(kept, reading.typed(desk.engine, lines), path, close)

    def read(kept: Shelf, path: str | None, close: bool, event: gr.EventData) -> Values:
        size, most = told(event, "size", int), reading.MOST_BYTES
        if size > most:
            message = f"Expected a CSV of at most {most:,} bytes; this one has {size:,}."
            raise InputError(message, "csv_too_large", got=size, limit=most)
        return put(kept, reading.from_csv(desk.engine, told(event, "csv", str, longest=LONGEST)), path, close)

    given, shown = [gr.State(StaleGuard()), shelf, pair.photo, w.close], [w.captions, w.flat]
    busy = "gallery-found"
    ask(desk.say, w.button.click, newest_only(typed), [*given, w.lines], shown, busy, **EVERY)
    ask(desk.say, w.sheet.submit, newest_only(read), given, shown, busy, **EVERY)
    ask(
        desk.say, w.close.input, newest_only(desk.flat), [gr.State(StaleGuard()), shelf, w.close], w.flat,
        "gallery-map", **EVERY,
    )  # fmt: skip
