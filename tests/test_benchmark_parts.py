"""The parts of the benchmark on engines that answer in known time, and on small counts of the real one."""

import json
import time

import pytest

import mmdemo
from mmdemo import benchmark
from mmdemo.benchmark import encoder_loop, forwards, gradcam, memory, page, visitors, zero_shot
from mmdemo.benchmark.names import NAMES
from tests.test_benchmark import Answering


def test_eight_visitors_who_need_nobody_are_answered_faster_at_once_than_in_turn() -> None:
    alone, together = visitors.measured(Answering(), 2, visitors=(1, 8))[:2]
    assert (alone["key"], together["key"]) == ("differ_1", "differ_8")
    assert together["ratio"][1] > 2 and together["p95_ms"] >= 10
    assert (together["errors"], together["wrong"]) == (0, 0)


def test_repeating_visitors_share_a_few_photos_and_differing_ones_none() -> None:
    fresh = benchmark.photos()
    favourites = [next(fresh) for _ in range(2)]
    assert {id(p) for p in visitors.asked_by("repeat", 8, fresh, favourites)} == set(map(id, favourites))
    assert len({p.tobytes() for p in visitors.asked_by("differ", 8, fresh, favourites)}) == 8


def test_a_crowd_of_32_has_a_row_read_anew_and_one_of_64_a_row_beside_it() -> None:
    engine = Answering(0.0)
    keys = [row["key"] for row in visitors.measured(engine, 1, visitors=(32, 64))]
    assert keys == ["differ_32", "differ_64", "repeat_32", "repeat_64", "anew_32", "more_than_32"]
    assert engine.forgotten > 2 * (32 + 64)  # before each single question of the repeating ones


def test_an_error_and_a_wrong_answer_are_counted_and_end_nothing() -> None:
    engine, fresh = Answering(), benchmark.photos()
    some = [next(fresh) for _ in range(3)]

    def broken(photo: object) -> object:
        if photo is some[0]:
            raise ValueError(photo)
        return engine.match(some[1], [])

    at_once = visitors.all_at_once(broken, some)
    right = visitors.one_after_another(lambda photo: engine.match(photo, []), some)
    assert (at_once.errors, at_once.wrong(right)) == (1, 1) and len(at_once.each) == 3


def test_time_within_the_engine_is_taken_off_and_the_engine_is_left_as_it_was() -> None:
    class Engine:
        def match(self) -> str:
            time.sleep(0.02)
            return "answer"

    engine, spent = Engine(), page.Spent()
    for name in page.METHODS[1:]:
        setattr(Engine, name, Engine.match)
    with page.watched(engine, spent):
        assert engine.match() == "answer"
        assert 0.02 <= spent.seconds < 1
    assert "match" not in vars(engine)


def test_every_endpoint_of_the_page_is_measured_beyond_the_empty_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(page, "WARM", 1)
    rows = page.measure(small_setting(tmp_path))
    assert [row["key"] for row in rows] == [name for name in NAMES if name.startswith("page_")]
    assert all(row["ratio"][1] > 0 for row in rows)


def small_setting(folder) -> benchmark.Setting:
    """One round, with an engine whose batches are not measured."""
    setting = benchmark.Setting(folder, "cpu", rounds=1)
    vars(setting)["engine"] = mmdemo.load("cpu", offline=True)
    return setting


def test_bare_forwards_stand_beside_cold_warm_and_new(tmp_path) -> None:
    rows = forwards.measure(small_setting(tmp_path))
    assert [row["key"] for row in rows] == [n for n in NAMES if n.startswith(("forward_", "match_"))]
    assert all(row["ms"] > 0 for row in rows)


def test_the_encoder_loop_makes_the_vectors_that_the_index_has(tmp_path) -> None:
    engine, some = mmdemo.load("cpu", offline=True), list(benchmark.rounds.new_photos(3, 5))
    vectors = encoder_loop.encoder_loop(engine, some)
    assert vectors.dtype == "float16"
    assert abs(vectors.astype("float32") - engine.index(some).vectors).max() < 2e-3


def test_a_package_that_is_not_there_is_said_to_be_missing(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(gradcam.importlib.util, "find_spec", lambda name: None)
    (row,) = gradcam.measure(benchmark.Setting(tmp_path))
    assert row["ratio"] is None and row["note"]["en"] == "not installed"


def test_the_tokenizer_of_the_zero_shot_row_knows_its_words() -> None:
    tokenizer = zero_shot.build_tokenizer(["dog", "noodles"])
    assert len(tokenizer("dog noodles").input_ids) == 2 + 2
    assert len(tokenizer("dig").input_ids) == 2 + 3


@pytest.mark.parametrize(("kind", "photos", "labels"), [("repeated", 1, 1), ("new_labels", 1, 3), ("new_photo", 3, 1)])
def test_both_sides_of_the_zero_shot_row_are_asked_the_same(tmp_path, kind, photos, labels) -> None:
    setting = benchmark.Setting(tmp_path, rounds=1)
    ours, theirs = (list(zero_shot.questions(setting, kind)) for _ in range(2))
    assert [(p.tobytes(), t) for p, t in ours] == [(p.tobytes(), t) for p, t in theirs]
    assert len({p.tobytes() for p, _ in ours}) == photos and len({tuple(t) for _, t in ours}) == labels


@pytest.mark.skipif(not memory.STATUS.exists(), reason="the system does not tell what a process keeps")
def test_memory_is_told_after_each_count(capsys) -> None:
    memory.kept_after((2, 4), "cpu", 0)
    first, second = json.loads(capsys.readouterr().out)
    assert 0 < first < 10_000 and 0 < second < 10_000
