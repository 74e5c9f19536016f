"""Models on a device: rows of the table loaded once, what their towers read of pictures and texts, and one lock.

Every service of the engine holds the same `Models`. Changing a word does not read the picture again: what a tower read
is kept, and what several visitors wait for is read together: see `readings.py`. Read next: `match.py`.
"""

import importlib.metadata
import logging
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any

import torch
from PIL import Image
from torch import nn

from mmdemo import checkpoints, inputs, loading
from mmdemo.engine.cores import dismiss_team
from mmdemo.engine.fair_lock import FairLock
from mmdemo.engine.in_use import InUse
from mmdemo.engine.readings import Readings, Tower
from mmdemo.errors import WeightsError
from mmdemo.types import Batch, EngineStatus, ModelRow, Sides, TokenPair, TokenSet

BATCH = 32
PACKAGES = ("torch", "torchvision", "transformers", "numpy", "pillow")
DONE = object()


class Models:
    """Owns modules, caches and the lock around the device; safe to share between threads.

    Args:
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        offline: True forbids every download; None reads HF_HUB_OFFLINE.

    Attributes:
        modules: what is loaded, by the name of its row; untrained twins as "NAME, untrained".
        pictures, texts: what towers read, B = 1 each.
        precision: of rows of the Hub, in which numbers their towers multiply; float32 for all others.
        lock: whoever holds it has the device to himself.
        last_call: (method of the engine, milliseconds), or None before the first.

    Raises:
        ChoiceError: no such device on this machine.
    """

    def __init__(self, device: str | None = None, offline: bool | None = None) -> None:
        self.device = loading.choose_device(device)
        self.offline = loading.choose_offline(offline)
        self.lock = FairLock(before_next=dismiss_team)
        self.modules: dict[str, nn.Module] = {}
        self.readings = Readings(self._run, self.lock)
        self.pictures, self.texts = self.readings.pictures, self.readings.texts
        self.last_call: tuple[str, float] | None = None
        self.precision: dict[str, torch.dtype] = {}
        self.in_use = InUse()

    # ---- the device

    def at_once(self) -> int:
        """How many callers to let in: a GPU reads for many in one forward, two cores answer no faster than two."""
        return 2 if self.device.type == "cpu" else BATCH

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """One call at a time on the device, and its milliseconds noted."""
        with self.lock:
            self._begin()
            start = time.perf_counter()
            yield
            self.last_call = (name, 1000 * (time.perf_counter() - start))

    @contextmanager
    def reading(
        self, name: str, model: str, images: Sequence[Image.Image] = (), texts: Sequence[str] = ()
    ) -> Iterator[tuple[list[TokenSet], list[TokenSet]]]:
        """A call whose pictures are prepared before it has the device, and read together with those of others.

        Yields:
            the pictures' tokens and the texts' tokens, B = 1 each, by the towers of the row `model`; it stays loaded.

        Raises:
            ImageError, TextError: one of them cannot be used. BusyError: too much waits, or the patience has ended.
        """
        given = (("image", images, inputs.clean_image), ("text", texts, inputs.clean_text))
        with self.in_use.pinned(model), ExitStack() as lines:
            sides = {}
            for side, some, clean in given:
                if some:
                    sides[side] = self.readings.announce(self.tower(model, side), list(map(clean, some)))
                    lines.callback(self.readings.leave, sides[side])
            with self.call(name):
                yield tuple(self.readings.take(sides[side]) if side in sides else [] for side, *_ in given)

    @contextmanager
    def reading_sides(self, name: str, model: str, sides: Sides) -> Iterator[TokenPair]:
        """`reading` of a picture and a text of which one may be missing: then None stands for its tokens."""
        given = ([one] * (one is not None) for one in (sides.image, sides.text))
        with self.reading(name, model, *given) as (pictures, texts):
            yield next(iter(pictures), None), next(iter(texts), None)

    def in_parts(self, name: str, work: Generator[Any, None, None], model: str = "") -> Iterator[Any]:
        """A long call part by part, each with the device to itself; others' questions go between.

        The row `model` stays loaded meanwhile. Closed, it closes the work, which ends within the part it is at.
        """
        took = 0.0
        with self.in_use.pinned(model), closing(work):
            while True:
                with self.lock:
                    self._begin()
                    start = time.perf_counter()
                    part = next(work, DONE)
                    took += 1000 * (time.perf_counter() - start)
                    self.last_call = (name, took)
                if part is DONE:
                    return
                yield part

    def _begin(self) -> None:
        if self.lock.depth == 1:  # not a call within a call
            self.in_use.begin()

    def status(self) -> EngineStatus:
        """Device, cards, versions, and how long the last call took; of a card that cannot be read, why ("problem")."""
        versions = {package: importlib.metadata.version(package) for package in PACKAGES}
        cards = tuple(map(_card, checkpoints.folders()))
        rows = tuple(_row(row) for row in checkpoints.CHECKPOINTS.values() if not row.hub)
        return EngineStatus(self.device.type, self.offline, cards, self.last_call, versions, rows, loading.read_speed())

    # ---- modules

    def load(self, name: str, untrained: bool = False) -> nn.Module:
        """The module of a row, loaded when first asked for; `untrained`: its twin with random weights, drawn once.

        Raises:
            ChoiceError: no such row. WeightsError: a file is missing or damaged, or visitors may not load the row.
        """
        key = f"{name}, untrained" if untrained else name
        if key in self.modules and name not in self.in_use.rows:
            return self.modules[key]
        with self.lock:
            self._begin()
            if key not in self.modules:
                self._bring(key, checkpoints.find(name), untrained)
            if name in self.in_use.rows:
                self.in_use.use(name)
            return self.modules[key]

    def _bring(self, key: str, row: checkpoints.Checkpoint, untrained: bool) -> None:
        """Load a row; before one of the Hub is loaded, others of the Hub make room for it."""
        loading.require_offered(row)
        build = loading.build_untrained if untrained else loading.load_module
        if not row.hub:
            self.modules[key] = build(row.name, self.device)
            return
        self._make_room(row.hub.size)
        self.modules[key] = build(row.name, self.device)
        self.in_use.use(row.name)
        if row.name not in self.precision:
            self.precision[row.name] = loading.choose_precision(self.modules[key], self.device)
        self._make_room(0)  # files in half precision take twice their size here

    def _make_room(self, needed: int) -> None:
        """Unload rows of the Hub, the longest unused first, until so many bytes more fit; those in use stay."""
        for name in self.in_use.unused():
            loaded = (module for key, module in self.modules.items() if key.partition(", ")[0] in self.in_use.rows)
            if sum(map(loading.byte_count, loaded)) + needed <= loading.memory_bound():
                return
            self.unload(name)

    def unload(self, name: str | None = None) -> None:
        """Forget a row's module, its untrained twin and what it read; without a name, everything."""
        with self.lock:
            for key in [k for k in self.modules if name in (None, k.partition(", ")[0])]:
                del self.modules[key]
            for key in [k for k in self.in_use.rows if name in (None, k)]:
                del self.in_use.rows[key]
            self.readings.forget(name)

    def warm_up(self) -> threading.Thread:
        """Load every model in the background, so that the first question need not wait for it.

        A file that is missing or damaged is said by the first question that needs it, not here.
        """
        thread = threading.Thread(target=self._load_all, name="warm-up")  # a daemon cut off inside torch aborts
        thread.start()
        return thread

    def _load_all(self) -> None:
        for name in checkpoints.loading_order():
            try:
                self.load(name)
            except WeightsError as error:
                logging.getLogger(__name__).warning("%s", error)

    def tower(self, model: str, side: str, untrained: bool = False) -> Tower:
        """The encoder that a row names for a side ("image" or "text"); its own where it names none and has one."""
        row = checkpoints.find(model)
        name = row.image_encoder if side == "image" else row.text_encoder
        if name:
            return Tower(name, self.load(name, untrained))
        return Tower(f"{model}/{side}", getattr(self.load(model, untrained), f"{side}_encoder"))

    # ---- what towers read

    def read_images(self, images: Sequence[Image.Image], model: str) -> list[TokenSet]:
        """Each picture's tokens (B = 1) by that row's image tower, kept where the same pixels were read before.

        Raises:
            ImageError: one of them cannot be used.
        """
        return self._read(self.tower(model, "image"), [inputs.clean_image(image) for image in images])

    def read_texts(self, texts: Sequence[str], model: str) -> list[TokenSet]:
        """Each text's tokens (B = 1) by that row's text tower, kept where the same text was read before.

        Raises:
            TextError: one of them cannot be used.
        """
        return self._read(self.tower(model, "text"), [inputs.clean_text(text) for text in texts])

    def read(self, sides: Sides, model: str) -> TokenPair:
        """Both sides as a row's towers read them; None for the missing one."""
        return (
            None if sides.image is None else self.read_images([sides.image], model)[0],
            None if sides.text is None else self.read_texts([sides.text], model)[0],
        )

    def read_prepared(self, tower: Tower, item: Image.Image | str, batch: Batch) -> TokenSet:
        """One clean item's tokens, its batch being at hand."""
        return self._read(tower, [item], [batch])[0]

    def read_anew(self, clean: Sides, model: str) -> tuple[Any, Any]:
        """Both clean sides as a row's module takes them, nothing taken from what is kept; None for the missing one.

        For a network from end to end batches of its own, on the device; otherwise its towers' tokens.
        """
        if checkpoints.find(model).end_to_end:
            batches = self.load(model).prepare(clean.image, clean.text)
            return tuple(None if batch is None else batch.to(self.device) for batch in batches)
        encoders = (self.tower(model, side).encoder for side in ("image", "text"))
        return tuple(
            None if item is None else encoder(encoder.prepare([item]).to(self.device))
            for encoder, item in zip(encoders, (clean.image, clean.text), strict=True)
        )

    def _read(self, tower: Tower, items: Sequence[Any], batches: Sequence[Batch] | None = None) -> list[TokenSet]:
        """The token set of every clean item, in a turn of its own at the device or within that of the call."""
        announced = self.readings.announce(tower, items, batches)
        try:
            with self.lock:
                return self.readings.take(announced)
        finally:
            self.readings.leave(announced)

    def _run(self, tower: Tower, batch: Batch) -> TokenSet:
        """What a tower reads, in the precision that was chosen for its row; float32 comes out."""
        dtype = self.precision.get(tower.name.partition("/")[0], torch.float32)
        with torch.autocast(self.device.type, dtype, enabled=dtype != torch.float32):
            read = tower.encoder(batch.to(self.device))
        if read.tokens.dtype == read.pooled.dtype == torch.float32:
            return read
        return replace(read, tokens=read.tokens.float(), pooled=read.pooled.float())


def clean_sides(image: Image.Image | None, text: str | None) -> Sides:
    """What was given, cleaned.

    Raises:
        ImageError, TextError: both are missing, or one of them cannot be used.
    """
    given = Sides(image, text)
    return Sides(
        None if given.image is None else inputs.clean_image(given.image),
        None if given.text is None else inputs.clean_text(given.text),
    )


def _row(row: checkpoints.Checkpoint) -> ModelRow:
    return ModelRow(row.name, row.kind, row.card, row.image_encoder, row.text_encoder, row.paper)


def _card(folder: str) -> dict[str, Any]:
    try:
        return loading.read_card(folder)
    except WeightsError as error:
        return {"name": folder, "problem": str(error)}
