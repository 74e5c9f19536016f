"""Five hundred explanations in a row with the shipped weights: memory stays flat, and nothing stays in the networks.

Minutes long, so only on request: `MMDEMO_BENCHMARKS=1 python -m pytest -s tests/benchmarks`. The suite itself has the
same over two hundred (`tests/test_engine_explaining.py`).
"""

import os
import time

import pytest

import mmdemo
from tests.memory import kept_mb
from tests.pictures import picture
from tests.test_engine_explaining import SAID, alive, assert_nothing_left

pytestmark = pytest.mark.skipif(os.environ.get("MMDEMO_BENCHMARKS") != "1", reason="on request: MMDEMO_BENCHMARKS=1")
WARM, COUNT, TESTED_EVERY = 200, 500, 50


@pytest.mark.parametrize("model", ["cross_attention", "matching", "sentiment", "bert_resnet"])
def test_five_hundred_explanations_of_a_head_leave_memory_flat(model):
    """The head's default method over changing pictures, sentences and words; one in fifty is tested too."""
    engine = mmdemo.load(device="cpu", offline=True)

    def ask(i: int) -> None:
        text = f"{SAID} number {i % 37}"
        found = engine.explain(picture(i), text, word=None if i % 3 else i % 5, model=model)
        if i % TESTED_EVERY == 0:
            engine.faithfulness(picture(i), text, found, 4)

    for i in range(WARM):  # fills the caches of pictures and texts, and the allocator's
        ask(i)
    tensors, memory, start = alive(), kept_mb(), time.perf_counter()
    for i in range(COUNT):
        ask(WARM + i)
    after, each = kept_mb(), 1000 * (time.perf_counter() - start) / COUNT
    print(f"\n{model}: {memory:.0f} MB before, {after:.0f} MB after {COUNT}, {each:.0f} ms each")
    assert after <= 1.02 * memory
    assert alive() <= tensors + 8
    assert_nothing_left(engine)
