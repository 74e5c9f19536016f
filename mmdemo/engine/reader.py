"""Encoders on a device, read once: the models of the table, what they said of pictures and texts, and one lock.

Changing a word does not read the picture again. Read next: `questions.py`.
"""

import hashlib
import importlib.metadata
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from PIL import Image
from torch import nn

from mmdemo import checkpoints, inputs, loading
from mmdemo.engine.turns import Turns
from mmdemo.errors import WeightsError
from mmdemo.types import Batch, EngineStatus, TokenSet

BATCH = 32
PACKAGES = ("torch", "torchvision", "transformers", "numpy", "pillow")
PICTURES_KEPT, TEXTS_KEPT = 64, 1024
DONE = object()


class Reader:
    """Owns modules, caches and the lock around the device; safe to share between threads.

    Args:
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        offline: True forbids every download; None reads HF_HUB_OFFLINE.
    """

    def __init__(self, device: str | None = None, offline: bool | None = None) -> None:
        self.device = loading.choose_device(device)
        self.offline = loading.choose_offline(offline)
        self._lock = Turns()
        self._modules: dict[str, nn.Module] = {}
        self._pictures: OrderedDict[Any, TokenSet] = OrderedDict()
        self._texts: OrderedDict[Any, TokenSet] = OrderedDict()
        self._last_call: tuple[str, float] | None = None

    def warm_up(self) -> threading.Thread:
        """Load every model in the background, so that the first question need not wait for it.

        A file that is missing or damaged is said by the first question that needs it, not here.
        """
        thread = threading.Thread(target=self._load_all, name="warm-up")  # a daemon cut off inside torch aborts
        thread.start()
        return thread

    def _load_all(self) -> None:
        for name in checkpoints.CHECKPOINTS:
            try:
                self._module(name)
            except WeightsError as error:
                logging.getLogger(__name__).warning("%s", error)

    def status(self) -> EngineStatus:
        """Device, cards, versions, and how long the last call took; of a card that cannot be read, why ("problem")."""
        versions = {package: importlib.metadata.version(package) for package in PACKAGES}
        cards = tuple(map(_card, checkpoints.folders()))
        return EngineStatus(self.device.type, self.offline, cards, self._last_call, versions)

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        """One call at a time on the device, and its milliseconds noted."""
        with self._lock:
            start = time.perf_counter()
            yield
            self._last_call = (name, 1000 * (time.perf_counter() - start))

    def _in_parts(self, name: str, work: Iterator[Any]) -> Iterator[Any]:
        """A long call part by part, each with the device to itself; others' questions go between."""
        took = 0.0
        while True:
            with self._lock:
                start = time.perf_counter()
                part = next(work, DONE)
                took += 1000 * (time.perf_counter() - start)
                self._last_call = (name, took)
            if part is DONE:
                return
            yield part

    def _module(self, name: str) -> nn.Module:
        with self._lock:
            if name not in self._modules:
                self._modules[name] = loading.load_module(name, self.device)
            return self._modules[name]

    def _read_images(self, images: Sequence[Image.Image], model: str) -> list[TokenSet]:
        """Each picture's tokens (B = 1) by that model's image tower, cached where the same pixels were read before."""
        tower = checkpoints.find(model).image_encoder
        encoder = self._module(tower)
        batches = [encoder.prepare([inputs.clean_image(image)]) for image in images]
        keys = [(tower, b.layout[0].size, _digest(b)) for b in batches]
        return self._cached(self._pictures, PICTURES_KEPT, keys, encoder, lambda i: Batch.join([batches[j] for j in i]))

    def _read_texts(self, texts: Sequence[str], model: str) -> list[TokenSet]:
        """Each text's tokens (B = 1) by that model's text tower, cached where the same text was read before."""
        tower = checkpoints.find(model).text_encoder
        encoder = self._module(tower)
        clean = [inputs.clean_text(text) for text in texts]
        keys = [(tower, text) for text in clean]
        return self._cached(self._texts, TEXTS_KEPT, keys, encoder, lambda i: encoder.prepare([clean[j] for j in i]))

    @torch.no_grad()
    def _cached(
        self,
        cache: OrderedDict[Any, TokenSet],
        limit: int,
        keys: list[Any],
        encoder: nn.Module,
        prepare: Callable[[list[int]], Batch],
    ) -> list[TokenSet]:
        """The token set of every key; those not in the cache are encoded in one go, the oldest are let go."""
        found = {key: cache[key] for key in keys if key in cache}
        new = [i for i, key in enumerate(keys) if key not in found and key not in keys[:i]]
        for start in range(0, len(new), BATCH):
            chunk = new[start : start + BATCH]
            tokens = encoder(prepare(chunk).to(self.device))
            found.update({keys[i]: tokens.item(row) for row, i in enumerate(chunk)})
        for key in keys:
            cache[key] = found[key]
            cache.move_to_end(key)
        while len(cache) > limit:
            cache.popitem(last=False)
        return [found[key] for key in keys]


def _card(folder: str) -> dict[str, Any]:
    try:
        return loading.read_card(folder)
    except WeightsError as error:
        return {"name": folder, "problem": str(error)}


def _digest(batch: Batch) -> str:
    return hashlib.blake2b(batch.tensors["pixels"].numpy().tobytes(), digest_size=16).hexdigest()
