"""Which device, whether anything may be fetched, how much memory models may take: decided in one place."""

import os
import re
from pathlib import Path

import torch

from mmdemo.errors import ChoiceError

CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")  # bytes, or "max"


def choose_device(device: str | None = None) -> torch.device:
    """The device asked for, or the best one here: CUDA, then MPS, then CPU. `ChoiceError` when it is not here."""
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    wanted = device or here[0]
    if str(wanted).split(":")[0] not in here:
        raise ChoiceError("device", wanted, here)
    return torch.device(wanted)


def choose_offline(offline: bool | None = None) -> bool:
    """True when nothing may be fetched: as asked, otherwise as HF_HUB_OFFLINE says."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"} if offline is None else offline


def memory_bound() -> int:
    """Bytes that models may take: MMDEMO_MEMORY_GB, otherwise 60 % of this machine's memory.

    A container's own limit counts as its memory. A system that does not say (Windows) is taken for one of 8 GB.

    Raises:
        ChoiceError: MMDEMO_MEMORY_GB is not a number above 0.
    """
    if asked := os.environ.get("MMDEMO_MEMORY_GB"):
        if not re.fullmatch(r"\d*\.?\d+", asked) or float(asked) == 0:
            raise ChoiceError("MMDEMO_MEMORY_GB", asked, ["a number above 0"])
        return int(float(asked) * 1e9)
    known = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")] if hasattr(os, "sysconf") else [8 * 10**9]
    if CONTAINER_LIMIT.exists() and (limit := CONTAINER_LIMIT.read_text().strip()).isdigit():
        known.append(int(limit))
    return int(0.6 * min(known))
