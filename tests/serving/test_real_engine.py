"""Thirty-two visitors at once over the shipped models: every answer is the one that it is alone, nothing hangs."""

import itertools
import threading
import time

import numpy as np
import pytest
import torch

import mmdemo
from mmdemo.checkpoints import find
from mmdemo.errors import BusyError, ImageError, TextError
from mmdemo.serving import patience
from mmdemo.serving.sizes import SIZES, UNMEASURED
from mmdemo.types import Batch
from tests.pictures import picture

VISITORS, PHOTOS = 32, 6
TOWER = find("matching").image_encoder
TEXTS = ("a dog on a beach", "两只猫在睡觉", "a very long sentence about nothing at all, " * 6 + "and its end")


@pytest.fixture(scope="module")
def engine():
    engine = mmdemo.load(device="cpu", offline=True)
    engine.models.readings.sizes.update({find("matching").image_encoder: 4, find("matching").text_encoder: 16})
    return engine


@pytest.fixture(scope="module")
def alone():
    """What each photo is answered by an engine that nobody else asks."""
    engine = mmdemo.load(device="cpu", offline=True)
    return [engine.match(picture(seed), TEXTS) for seed in range(PHOTOS)]


def forwards(engine, monkeypatch) -> list[int]:
    """How many pictures each forward of the image tower takes from now on."""
    encoder, sizes = engine.models.tower("matching", "image").encoder, []
    forward = encoder.forward

    def counted(batch):
        sizes.append(len(batch.layout))
        return forward(batch)

    monkeypatch.setattr(encoder, "forward", counted)
    return sizes


def at_once(asks) -> list:
    """What each call gave, or the error it raised, all started together."""
    gave, start = [None] * len(asks), threading.Barrier(len(asks))

    def run(i: int) -> None:
        start.wait(60)
        try:
            gave[i] = asks[i]()
        except Exception as error:
            gave[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "somebody waits for ever"
    return gave


def test_all_get_their_own_answer_and_a_photo_is_read_once(engine, alone, monkeypatch):
    sizes = forwards(engine, monkeypatch)
    asks = [lambda i=i: engine.match(picture(i % PHOTOS), TEXTS) for i in range(VISITORS)]
    for i, got in enumerate(at_once(asks)):
        known = alone[i % PHOTOS]
        assert got.texts == known.texts and got.cut_tokens == known.cut_tokens and got.unread == known.unread
        for name in ("similarity", "probability", "share", "understood"):
            assert getattr(got, name) == pytest.approx(getattr(known, name), abs=1e-5), name
        assert got.familiar == pytest.approx(known.familiar, abs=1e-5)
    assert sum(sizes) == PHOTOS


def test_a_photo_is_prepared_once_for_all_who_want_it_and_never_while_it_is_known(engine, monkeypatch):
    encoder, prepared = engine.models.tower("matching", "image").encoder, []
    prepare = encoder.prepare

    def noted(items):
        prepared.extend(items)
        time.sleep(0.2)  # the others are here by then
        return prepare(items)

    monkeypatch.setattr(encoder, "prepare", noted)
    engine.models.readings.forget(None)
    for _ in range(2):
        at_once([lambda i=i: engine.match(picture(i % PHOTOS), TEXTS) for i in range(VISITORS)])
        assert len(prepared) == PHOTOS
    other = picture(0).copy()
    other.putpixel((0, 0), (1, 2, 3))
    engine.match(other, TEXTS)
    assert len(prepared) == PHOTOS + 1


def test_an_answer_is_the_same_in_a_batch_of_any_size(engine, monkeypatch):
    items = [picture(100 + i) for i in range(9)]
    ones = []
    for size in (1, 2, 8, 9):
        monkeypatch.setitem(engine.models.readings.sizes, TOWER, size)
        engine.models.readings.forget(None)
        ones.append(engine.encode_images(items))
    for other in ones[1:]:
        assert np.abs(other - ones[0]).max() < 1e-5


def test_other_questions_and_mistakes_among_them_disturb_nobody(engine, alone):
    """An explanation reads while it has the device, others wait in line meanwhile; errors stay where they belong."""
    kinds = (
        lambda: engine.match(picture(0), TEXTS),
        lambda: engine.explain(picture(1), TEXTS[0], "gradcam"),
        lambda: engine.match(None, TEXTS),
        lambda: engine.sentiment(picture(2), TEXTS[0]),
        lambda: engine.match(picture(3), " "),
        lambda: engine.match_pair(picture(4), TEXTS[0]),
    )
    gave = at_once([ask for ask, _ in zip(itertools.cycle(kinds), range(24), strict=False)])
    for i in range(0, 24, len(kinds)):
        assert gave[i].probability == pytest.approx(alone[0].probability, abs=1e-5)
        assert gave[i + 1].patch_map == pytest.approx(gave[1].patch_map, abs=1e-5)
        assert isinstance(gave[i + 2], ImageError) and isinstance(gave[i + 4], TextError)
        assert gave[i + 3].probabilities == pytest.approx(gave[3].probabilities, abs=1e-5)
        assert gave[i + 5] == pytest.approx(gave[5], abs=1e-5)
    assert not engine.models.lock.held and not engine.models.lock.waiting


def test_who_has_gone_is_not_read_and_says_so(engine, monkeypatch):
    engine.match(picture(0), TEXTS)
    sizes = forwards(engine, monkeypatch)
    with pytest.raises(BusyError) as refused, patience(gone=lambda: True):
        engine.match(picture(77), TEXTS)
    assert refused.value.code == "asker_left" and sizes == []
    with engine.models.lock, pytest.raises(BusyError) as late, patience(seconds=0):
        engine.models.readings.take(engine.models.readings.announce(*asked(engine, 78)))
    assert late.value.code == "engine_late" and sizes == []
    assert engine.match(picture(77), TEXTS).texts == TEXTS and sizes == [1]


def asked(engine, seed: int):
    return engine.models.tower("matching", "image"), [picture(seed)]


def test_sizes_are_measured_when_several_wait_for_the_first_time(engine, monkeypatch):
    readings = engine.models.readings
    readings.sizes.clear()
    engine.encode_images([picture(200), picture(201)])
    assert TOWER not in readings.sizes
    measured = threading.Event()
    monkeypatch.setattr(readings, "measure", lambda tower: measured.set() if tower.name == TOWER else None)
    engine.encode_images([picture(200 + i) for i in range(9)])
    assert measured.wait(10) and readings.sizes[TOWER] == UNMEASURED
    monkeypatch.undo()
    readings.measure(engine.models.tower("matching", "text"))
    assert readings.sizes[find("matching").text_encoder] in SIZES


def test_on_several_cores_each_reads_its_part_and_one_alone_is_read_by_all(engine, alone, monkeypatch):
    encoder, reads = engine.models.tower("matching", "image").encoder, []
    forward = encoder.forward

    def noted(batch):
        reads.append((threading.current_thread().name.partition("_")[0], len(batch.layout)))
        return forward(batch)

    monkeypatch.setattr(encoder, "forward", noted)
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    monkeypatch.setitem(engine.models.readings.sizes, TOWER, 4)
    engine.models.readings.forget(None)
    gave = at_once([lambda i=i: engine.match(picture(i), TEXTS) for i in range(PHOTOS)])
    for got, known in zip(gave, alone, strict=True):
        assert got.similarity == pytest.approx(known.similarity, abs=1e-5)
    assert {size for _, size in reads} == {1}  # whoever read it
    engine.models.readings.forget(None)
    reads.clear()
    engine.encode_images([picture(i) for i in range(4)])
    engine.encode_images([picture(5)])
    assert reads == [("core", 1)] * 4 + [("MainThread", 1)]
    assert len(engine.models.readings._pool._threads) == 2


def test_a_batch_in_parts_is_the_same_batch():
    encoder = mmdemo.load(device="cpu", offline=True).models.tower("matching", "text").encoder
    whole = encoder.prepare([*TEXTS, "one more", "and the last"])
    parts = whole.split(2)
    assert [len(part.layout) for part in parts] == [2, 3]
    again = Batch.join(parts)
    assert again.layout == whole.layout
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in whole.tensors.items())
