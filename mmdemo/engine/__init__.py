"""The front door: what the page, the API and a notebook call. Pictures and strings in, typed results out.

The engine owns the caches (changing a word does not read the picture again) and the lock around the device; it knows
no widget and no model's insides. One file a group of questions: `reader.py` (models, caches, lock), `questions.py`
(match, sentiment), `explaining.py` (where it looked, and is that true), `bench.py` (every fusion on one pair).
"""

from mmdemo.engine.bench import Bench
from mmdemo.engine.explaining import Explaining
from mmdemo.engine.imagination import Imagination
from mmdemo.engine.methods import METHODS
from mmdemo.engine.questions import Questions
from mmdemo.engine.timeline import Timeline

__all__ = ["METHODS", "Engine"]


class Engine(Questions, Explaining, Bench, Imagination, Timeline):
    """All questions over the embedded models; safe to share between threads.

    Args:
        device: "cpu", "cuda" or "mps"; None takes the best one here.
        offline: True forbids every download; None reads HF_HUB_OFFLINE.
    """
