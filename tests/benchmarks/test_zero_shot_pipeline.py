"""A row of CLIP ViT-B/32 beside transformers' own zero-shot pipeline on the same files, in one run, by turns.

`python -m mmdemo.benchmark --only zero_shot` says the same by the clock. A minute long, so only on request:
`MMDEMO_BENCHMARKS=1 python -m pytest -s tests/benchmarks/test_zero_shot_pipeline.py`.
"""

import os
import statistics
import time

import pytest

import mmdemo
from mmdemo.benchmark import Setting, photos, take_turns
from mmdemo.benchmark.names import NAMES
from mmdemo.benchmark.zero_shot import (
    KINDS,
    LABELS,
    build_pipeline,
    calls,
    save_vit_b32,
    shares,
    their_shares,
    with_clip,
)  # fmt: skip

pytestmark = pytest.mark.skipif(os.environ.get("MMDEMO_BENCHMARKS") != "1", reason="on request: MMDEMO_BENCHMARKS=1")
ROUNDS = int(os.environ.get("MMDEMO_ROUNDS", "20"))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """(engine with the row, transformers' pipeline)."""
    folder = tmp_path_factory.mktemp("clip") / "vit_b32"
    save_vit_b32(folder)
    engine = with_clip(mmdemo.load(device="cpu", offline=True), folder)
    return engine, build_pipeline(folder, engine)


def test_the_engine_is_no_slower_than_the_pipeline_and_faster_on_what_it_knows(both, tmp_path):
    """Seconds of the processor, which other programs on the machine do not lengthen; the clock's are in the command."""
    known = next(photos(1))
    said, mine = their_shares(both[1], known, LABELS), shares(both[0], known, LABELS)
    assert all(abs(one - other) < 0.02 for one, other in zip(said, mine, strict=True))  # it resizes with torchvision
    times = take_turns(calls(Setting(tmp_path, rounds=ROUNDS), *both), ROUNDS, time.process_time)
    for kind in KINDS:
        ratios = [own / other for own, other in zip(times[f"ours, {kind}"], times[f"theirs, {kind}"], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        wanted = NAMES[f"pipeline_{kind}"].goal
        print(f"{kind}: {middle:.2f} of the pipeline's time ({low:.2f} to {high:.2f}); wanted {wanted}")
        assert middle <= wanted
