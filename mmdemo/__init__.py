"""mmdemo: see how a machine reads a picture and a sentence together.

The rooms, in reading order: `types` (what flows), `inputs` (what may come in), `encoders` (picture or text to vectors),
`fusion` (two sides to one), `tasks` (questions with typed answers), `explain` (where it looked), `engine` (the front
door), `ui` (the page). Beside them `checkpoints` and `loading` (weights), `serving` (many visitors at once),
`training` (how the weights were made).

    import mmdemo
    engine = mmdemo.load()
    engine.match(picture, ["a dog on a beach", "两只猫"])
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmdemo.engine import Engine
    from mmdemo.serving.client import RemoteEngine

__version__ = "0.1.0"


def load(device: str | None = None, offline: bool | None = None) -> "Engine":
    """The engine, with its models loaded on first use.

    Args:
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        offline: True forbids every download; None reads HF_HUB_OFFLINE. The embedded models need no network.

    Raises:
        ChoiceError: the device is unknown or not on this machine.
        WeightsError: a weight file is missing or damaged.
    """
    from mmdemo.engine import Engine  # heavy: torch

    return Engine(device=device, offline=offline)


def connect(address: str) -> "RemoteEngine":
    """An engine that runs elsewhere (`python -m mmdemo.serving.ray`), with the same questions; needs no torch.

    Args:
        address: "http://HOST:PORT" or "ray://HOST:PORT".

    Raises:
        ChoiceError: another kind of address.
    """
    from mmdemo.serving.client import RemoteEngine

    return RemoteEngine(address)
