"""On a Space with ZeroGPU every question that needs the device goes through `spaces.GPU`; elsewhere nothing changes.

There each call runs in a process of its own, so that caches last for one call. Read next: `loading/zero_gpu.py`.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from mmdemo import loading

ASKING = (
    "encode_images", "encode_texts", "match", "matrix", "match_pair", "match_background", "sentiment", "understood",
    "familiar", "explain", "words_at", "target_values", "faithfulness", "sanity", "agreement", "compare",
    "shapley_values", "trace", "reconstruct", "walk", "timeline", "ask", "recognise", "caption",
    "answer",
)  # fmt: skip
STREAMING = ("growing_faithfulness", "spoken")  # these hand over one part after the other


def ask_on_zero_gpu(engine: Any) -> None:
    """Put the decorator around an engine's own methods, where there is one."""
    decorate = loading.gpu_decorator()
    if decorate is None:
        return
    for name in ASKING:
        setattr(engine, name, decorate(getattr(engine, name)))
    for name in STREAMING:
        setattr(engine, name, decorate(_generator(getattr(engine, name))))


def _generator(method: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """The same as a generator function, by which the decorator knows that it streams."""

    @functools.wraps(method)
    def streaming(*given: Any, **named: Any) -> Iterator[Any]:
        yield from method(*given, **named)

    return streaming
