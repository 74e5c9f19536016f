"""Which device, and whether anything may be fetched: decided once, at the start."""

import os

import torch

from mmdemo.errors import ChoiceError


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
