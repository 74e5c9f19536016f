"""What towers read of pictures and texts, kept by content: changing a word does not read the picture again.

Whoever wants something read announces it before he has the device (`announce`), and takes it when he has it (`take`):
then one forward reads for several callers, see `serving/batcher.py`. Keys are made in one place (`_key`). Texts of very
different length wait in different lines, for in one batch all are padded to the longest. Read next: `models.py`.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import torch
from PIL import Image
from torch import nn

from mmdemo.engine.cores import dismiss_team, one_thread_each
from mmdemo.serving import Batcher, Caller, measure_size
from mmdemo.serving.sizes import UNMEASURED
from mmdemo.types import Batch, ImageLayout, TokenSet

PICTURES_KEPT, TEXTS_KEPT = 64, 1024
SHORT_TEXT_BITS = 6  # texts under 2 ** 6 bytes wait in one line, those under 2 ** 7 in the next, ...
SEVERAL = 4  # items waiting: one forward for each would be slow
SAMPLE_TEXT = "a child in a red coat jumps over a puddle"
SAMPLE_SIDES = (480, 640)


class BoundedCache(OrderedDict):
    """The `limit` things that were kept or used last; safe to share between threads by `kept`, `keep` and `forget`."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self._guard = threading.Lock()

    def kept(self, key: Hashable) -> Any:
        """What lies under a key, now used last; None where nothing does."""
        with self._guard:
            if key in self:
                self.move_to_end(key)
            return self.get(key)

    def keep(self, key: Hashable, value: Any) -> None:
        """Put it at the end of the line; the oldest are let go."""
        with self._guard:
            self[key] = value
            self.move_to_end(key)
            while len(self) > self.limit:
                self.popitem(last=False)

    def forget(self, chosen: Callable[[Hashable], bool]) -> None:
        """Let go of all that lies under such keys."""
        with self._guard:
            for key in [key for key in self if chosen(key)]:
                del self[key]


class Tower(NamedTuple):
    """The encoder of one side of a row; what it reads is kept under its name."""

    name: str
    encoder: nn.Module


class Prepared:
    """One picture as a tower's batch, made once for all who want it at the same time."""

    def __init__(self, make: Callable[[], Batch]) -> None:
        self._make, self._guard = make, threading.Lock()
        self._batch: Batch | None = None

    def batch(self) -> Batch:
        """Made by whoever comes first; the others wait for him."""
        with self._guard:
            self._batch = self._batch or self._make()
            return self._batch


@dataclass
class Announced:
    """What one caller wants of one tower.

    Args:
        keys: of all items, in their order.
        known: what is kept, by key.
        places: the caller's in each line.
    """

    keys: list[Hashable]
    known: dict[Hashable, TokenSet]
    places: list[tuple[Batcher, Caller]]


class Readings:
    """What towers have read, and the lines of what they are to read.

    Args:
        run: reads one batch; called by whoever has the device.
        device: the lock of whoever has it.

    Attributes:
        sizes: how many items a forward takes, by the tower's name; measured when several wait for the first time.
    """

    def __init__(self, run: Callable[[Tower, Batch], TokenSet], device: AbstractContextManager) -> None:
        self.pictures, self.texts = BoundedCache(PICTURES_KEPT), BoundedCache(TEXTS_KEPT)
        self.sizes: dict[str, int] = {}
        self._run, self._device = run, device
        self._lines: dict[tuple[str, int], Batcher] = {}
        self._coming: WeakValueDictionary[Hashable, Prepared] = WeakValueDictionary()
        self._guard = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def announce(self, tower: Tower, items: Sequence[Any], batches: Sequence[Batch] | None = None) -> Announced:
        """Stand in line with clean items, prepared here if nobody did; `take` follows, or `leave`.

        Raises:
            BusyError: too much waits already.
        """
        found = Announced([], {}, [])
        lines: dict[Batcher, dict[Hashable, Any]] = {}
        for i, item in enumerate(items):
            line, key = self._line(tower, item), _key(tower.name, item)
            found.keys.append(key)
            if (kept := self._cache(item).kept(key)) is not None:
                found.known[key] = kept
            elif isinstance(item, str):
                lines.setdefault(line, {})[key] = item
            else:
                with line.coming():
                    lines.setdefault(line, {})[key] = self._prepared(tower, key, item, batches[i] if batches else None)
        try:
            for line, wanted in lines.items():
                found.places.append((line, line.announce(wanted)))
        except BaseException:
            self.leave(found)
            raise
        return found

    def take(self, announced: Announced) -> list[TokenSet]:
        """The token sets of all items announced, B = 1 each; for one who has the device."""
        for line, caller in announced.places:
            announced.known.update(line.take(caller))
        return [announced.known[key] for key in announced.keys]

    def leave(self, announced: Announced) -> None:
        """Out of every line; nothing happens to one who has taken all."""
        for line, caller in announced.places:
            line.leave(caller)

    def forget(self, name: str | None) -> None:
        """Let go of what a row's own towers read; without a name, of everything."""
        for cache in (self.pictures, self.texts):
            cache.forget(lambda key: name in (None, key[0].partition("/")[0]))
        with self._guard:
            for key in [key for key in self._lines if name in (None, key[0].partition("/")[0])]:
                del self._lines[key]

    def measure(self, tower: Tower) -> None:
        """How many items one forward of a tower should take here; others have the device between two forwards."""
        sample = Image.new("RGB", SAMPLE_SIDES)
        item = SAMPLE_TEXT if tower.encoder.modality == "text" else Prepared(partial(tower.encoder.prepare, [sample]))

        @torch.no_grad()
        def forward(size: int) -> None:
            with self._device:
                self._read(tower, [item] * size)[-1].pooled.sum().item()  # waits until a GPU is done

        self.sizes[tower.name] = measure_size(forward, at_least=_cores(tower))

    def _prepared(self, tower: Tower, key: Hashable, item: Image.Image, batch: Batch | None) -> Prepared:
        with self._guard:
            prepared = self._coming.setdefault(key, Prepared(lambda: batch or tower.encoder.prepare([item])))
        prepared.batch()
        return prepared

    def _cache(self, item: Any) -> BoundedCache:
        return self.texts if isinstance(item, str) else self.pictures

    def _line(self, tower: Tower, item: Any) -> Batcher:
        bits = max(SHORT_TEXT_BITS, len(item.encode("utf-8", "replace")).bit_length()) if isinstance(item, str) else 0
        with self._guard:
            key = tower.name, bits
            if key not in self._lines:
                self._lines[key] = Batcher(
                    partial(self._read, tower), self._cache(item), lambda: self._size(tower, self._lines.get(key))
                )
            return self._lines[key]

    def _size(self, tower: Tower, line: Batcher | None) -> int:
        if tower.name not in self.sizes and line is not None and line.waiting >= SEVERAL:
            self.sizes[tower.name] = UNMEASURED  # until it is measured, in the background
            threading.Thread(target=self.measure, args=(tower,), name=f"measure {tower.name}").start()
        return self.sizes.get(tower.name, UNMEASURED)

    def _read(self, tower: Tower, items: Sequence[Prepared | str]) -> list[TokenSet]:
        """Each item's tokens (B = 1): by one forward, or on several cores by one on each.

        See `cores.py`; four photos in one forward of one thread take a third longer than one after the other.
        """
        texts, cores = isinstance(items[0], str), _cores(tower)
        batches = [] if texts else [one.batch() for one in items]
        if cores == 1 or len(items) == 1:
            return self._forward(tower, tower.encoder.prepare(items) if texts else Batch.join(batches))
        with self._guard:
            self._pool = self._pool or one_thread_each(cores)
        dismiss_team()
        parts = tower.encoder.prepare(items).split(min(len(items), cores)) if texts else batches
        return [tokens for read in self._pool.map(partial(self._forward, tower), parts) for tokens in read]

    @torch.no_grad()
    def _forward(self, tower: Tower, batch: Batch) -> list[TokenSet]:
        """One forward, and each item's part of it."""
        tokens = self._run(tower, batch)
        return [tokens.item(row) for row in range(len(batch.layout))]


def _cores(tower: Tower) -> int:
    """How many forwards of this tower can run beside each other: one on a GPU."""
    first = next(tower.encoder.parameters(), None)
    return torch.get_num_threads() if first is None or first.device.type == "cpu" else 1


def made_once(name: str, make: Callable[[TokenSet], Any], read: Sequence[TokenSet]) -> list[Any]:
    """What a head makes of each token set (B = 1), [1, ...] each; what it made before is not made again.

    Args:
        name: of what is made; the model's belongs into it.
        make: several token sets as one -> rows [B, ...], each by its own token set alone: for texts to the last digit,
            pictures are made one by one.
        read: the token sets.
    """
    new = list({id(one): one for one in read if name not in one.made}.values())
    if new and isinstance(new[0].layout[0], ImageLayout):
        for one in new:
            one.made[name] = make(one)
    elif new:
        rows = make(TokenSet.join(new) if len(new) > 1 else new[0])
        for i, one in enumerate(new):
            one.made[name] = rows[i : i + 1]
    return [one.made[name] for one in read]


def _key(tower: str, item: Image.Image | str) -> tuple[Any, ...]:
    """Where one item's tokens are kept: a text by itself, a picture by its size and pixels."""
    return (tower, item) if isinstance(item, str) else (tower, item.size, hashlib.sha256(item.tobytes()).digest())
