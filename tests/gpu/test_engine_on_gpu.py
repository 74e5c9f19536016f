"""The engine on a GPU: the answers of the CPU within a tolerance, many visitors at once, no memory kept.

`MMDEMO_TEST_DEVICE=cpu` runs the same code where there is no GPU; equal answers prove nothing about one then.
"""

import os
import threading

import numpy as np
import pytest
import torch

import mmdemo
from mmdemo.benchmark.batches import SIZES, measure
from tests.pictures import picture

pytestmark = pytest.mark.gpu
DEVICE = os.environ.get("MMDEMO_TEST_DEVICE", "cuda")
TEXTS = ("a dog on a beach", "两只猫在睡觉", "a fine day")
COSINE, SHARE = 2e-3, 1e-2  # float32 with TF32 off differs in the order of its sums only; fp16 rows are not asked here
VISITORS = 32


@pytest.fixture(scope="module")
def engines():
    """(on the CPU, on the GPU)."""
    if DEVICE == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here (torch.cuda.is_available() is False)")
    return mmdemo.load(device="cpu", offline=True), mmdemo.load(device=DEVICE, offline=True)


def test_the_engine_is_on_the_device_that_was_asked_for(engines):
    assert engines[1].status().device.startswith(DEVICE)
    weights = engines[1].models.tower("matching", "image").encoder.parameters()
    assert next(iter(weights)).device.type == DEVICE


@pytest.mark.parametrize("seed", range(3))
def test_answers_agree_with_the_cpus(engines, seed):
    (cpu, gpu), photo = engines, picture(seed)
    for one, other in ((cpu.encode_images([photo]), gpu.encode_images([photo])),
                       (cpu.encode_texts(TEXTS), gpu.encode_texts(TEXTS))):  # fmt: skip
        assert (one * other).sum(-1).min() > 1 - COSINE
    assert gpu.match(photo, TEXTS).similarity == pytest.approx(cpu.match(photo, TEXTS).similarity, abs=COSINE)
    feeling = [engine.sentiment(photo, TEXTS[2]).probabilities for engine in engines]
    assert np.allclose(*feeling, atol=SHARE)


def test_maps_agree_with_the_cpus(engines):
    photo = picture(1)
    maps = [engine.explain(photo, TEXTS[0], engine.default_method("matching")).patch_map for engine in engines]
    assert np.corrcoef(*(grid.ravel() for grid in maps))[0, 1] > 0.99


def test_many_visitors_at_once_get_the_answers_that_one_gets(engines):
    gpu = engines[1]
    alone = [gpu.match(picture(seed), TEXTS).similarity for seed in range(8)]
    gpu.models.readings.forget(None)
    gave: list = [None] * VISITORS

    def visit(i: int) -> None:
        gave[i] = gpu.match(picture(i % 8), TEXTS).similarity

    threads = [threading.Thread(target=visit, args=(i,)) for i in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for i, cosine in enumerate(gave):
        assert cosine == pytest.approx(alone[i % 8], abs=COSINE)


def test_a_hundred_new_pictures_leave_no_memory_behind(engines):
    if DEVICE != "cuda":
        pytest.skip("memory of a CUDA device")
    gpu = engines[1]
    gpu.encode_images([picture(seed) for seed in range(8)])
    before = torch.cuda.memory_allocated()
    for seed in range(100):
        gpu.encode_images([picture(1000 + seed)])
    assert torch.cuda.memory_allocated() <= before + 2**20


def test_batches_are_measured(engines):
    rows = measure(engines[1], sizes=SIZES[:2], rounds=1)
    assert [row["batch"] for row in rows if row["tower"] == "image"] == list(SIZES[:2])
    assert all(row["gflops"] > 0 and row["per_second"] > 0 for row in rows)
