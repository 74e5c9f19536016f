"""ZeroGPU: Spaces that lend a GPU for one call at a time, to functions that `spaces.GPU` decorates."""

import importlib
import importlib.util
import os
from collections.abc import Callable
from typing import Any


def gpu_decorator() -> Callable[[Callable[..., Any]], Callable[..., Any]] | None:
    """`spaces.GPU` where this is such a Space (SPACES_ZERO_GPU is set, `spaces` is installed), otherwise None."""
    if os.environ.get("SPACES_ZERO_GPU", "").lower() in ("", "0", "false") or not importlib.util.find_spec("spaces"):
        return None
    return importlib.import_module("spaces").GPU
