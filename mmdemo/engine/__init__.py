"""The front door: what the page, the API and a notebook call. Pictures and strings in, typed results out.

`engine.py` delegates. The work is done by one service a file, all holding the same `Models` (`models.py`: what is
loaded, what towers read, the lock around the device): `match.py`, `sentiment.py`, `familiarity.py`, `explain.py` (with
`cases.py`, `methods.py`, `capabilities.py`), `fusion.py`, `autoencoder.py`, `timeline.py`. They know no widget and no
model's insides. Read next: `engine.py`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmdemo.engine.engine import Engine
    from mmdemo.engine.methods import METHODS

__all__ = ["METHODS", "Engine"]


def __getattr__(name: str) -> Any:
    """Both come when they are first named: a page whose engine is elsewhere imports no torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mmdemo.engine import engine, methods

    return {"Engine": engine, "METHODS": methods}[name].__dict__[name]
