"""The stand-in for the engine, slowed down where a test needs to catch it at work."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fakes import FakeEngine

SLOW_SECONDS = 1.0
PARTS, PART_SECONDS = 120, 0.25


class SlowEngine(FakeEngine):
    """Sentences that begin with "slow" take a while, and "held" ones until a test lets go, or the process is killed.

    The test of a map has many parts, counted in the file MMDEMO_TEST_PARTS; a test lets go by making MMDEMO_TEST_GO.
    """

    def sentiment(self, image: Any = None, text: str | None = None) -> Any:
        """As the stand-in's, later."""
        if (text or "").startswith("slow"):
            time.sleep(SLOW_SECONDS)
        while (text or "").startswith("held") and not Path(os.environ.get("MMDEMO_TEST_GO", "never made")).exists():
            time.sleep(0.05)
        return super().sentiment(image, text)

    def growing_faithfulness(self, image: Any, text: str, explanation: Any, steps: int = 12) -> Iterator[Any]:
        """As the stand-in's last part, again and again."""
        counted = Path(os.environ["MMDEMO_TEST_PARTS"])
        for part in range(PARTS):
            time.sleep(PART_SECONDS)
            counted.write_text(str(part))
            yield (part + 1) / PARTS, self.faithfulness(image, text, explanation, steps)
