"""A stand-in whose first replica is slow; each says which it is."""

import time

import numpy as np
from ray import serve

from tests.fakes import FakeEngine

SLOW_S = 0.5


class LameEngine(FakeEngine):
    """`understood` gives the replica's number, late from number 0."""

    def __init__(self) -> None:
        super().__init__()
        self.number = serve.get_replica_context().rank.rank

    def understood(self, texts: list[str]) -> np.ndarray:
        """[1], the replica's number."""
        time.sleep(0 if self.number else SLOW_S)
        return np.array([self.number])
