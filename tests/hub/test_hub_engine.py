"""The engine's models of the Hub: which there are, one download for all who ask, who may load what."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import mmdemo
from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, HubSource
from mmdemo.engine import hub as service
from mmdemo.errors import ChoiceError, WeightsError
from mmdemo.loading import hub
from mmdemo.ui.phrases import ERRORS
from tests.hub.server import Fault
from tests.pictures import picture

SAID = "a dog runs on the beach"


@pytest.fixture
def engine(server, row):
    return mmdemo.load(device="cpu")


def state(engine) -> str:
    return next(model.state for model in engine.hub_models() if model.name == "tiny")


def test_one_more_clip_is_one_row(server, monkeypatch):
    """Nothing but this row knows of the model; fetched, it answers and is explained like any other."""
    files = ("config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json")
    row = Checkpoint(
        "one_more", "dual_encoder", "tasks.dual_encoder:DualEncoder",
        tasks=("matching",), needs_both=True, default_method="grad_eclip",
        hub=HubSource("One more", "tests/tiny", files, 200_000, "MIT", ("en",)),
    )  # fmt: skip
    monkeypatch.setitem(CHECKPOINTS, "one_more", row)
    engine = mmdemo.load(device="cpu")
    with pytest.raises(WeightsError, match="python -m mmdemo fetch one_more"):
        engine.models.load("one_more")
    assert list(engine.fetch("one_more"))[-1].state == "done"
    similarity = engine.target_values(picture(), SAID, "one_more")["similarity"]
    assert -1 <= similarity <= 1 and engine.target_values(picture(), "a cat", "one_more")["similarity"] != similarity
    explanation = engine.explain(picture(), SAID, model="one_more")
    assert explanation.method == "grad_eclip" and explanation.patch_map.shape == (3, 3)
    assert np.isfinite(engine.faithfulness(picture(), SAID, explanation, steps=3).deletion.map).all()


def test_every_row_of_the_hub_is_listed_with_what_its_row_and_the_lock_say(engine, server, row):
    models = engine.hub_models()
    assert [model.name for model in models] == [name for name, one in CHECKPOINTS.items() if one.hub]
    before = models[-1]
    assert (before.state, before.commit, before.files, before.size) == ("missing", "", (), row.hub.size)
    assert before.free > 0 and (before.title, before.licence) == (row.hub.title, row.hub.licence)
    list(engine.fetch("tiny"))
    after = engine.hub_models()[-1]
    assert (after.state, after.commit) == ("here", server.commit("tests/tiny"))
    assert [file.name for file in after.files] == list(row.hub.files)
    assert after.size == sum(file.size for file in after.files) > 100_000


def test_all_who_ask_share_one_download_and_whoever_leaves_does_not_end_it(engine, server):
    server.fault = Fault("model.safetensors", slow=0.02)
    first, ends = engine.fetch("tiny"), []
    assert next(first).state == "fetching" and state(engine) == "fetching"
    asking = [threading.Thread(target=lambda: ends.append(list(engine.fetch("tiny"))[-1])) for _ in range(3)]
    for thread in asking:
        thread.start()
    first.close()
    for thread in asking:
        thread.join(60)
    assert [end.state for end in ends] == ["done"] * 3 and state(engine) == "here"
    assert server.sent == ends[0].total
    assert len([1 for _, path, _ in server.requests if path.startswith("api/")]) == 1


def test_progress_comes_a_few_times_a_second(engine, server):
    server.fault = Fault("model.safetensors", slow=0.03)
    start, done = time.perf_counter(), [progress.done for progress in engine.fetch("tiny")]
    seconds = time.perf_counter() - start
    assert 3 <= len(set(done)) and done == sorted(done)
    assert len(done) <= 3 + seconds / service.SECONDS


def test_a_cancelled_download_keeps_what_came_and_can_be_begun_again_at_once(engine, server):
    server.fault = Fault("model.safetensors", slow=0.05)
    watched = engine.fetch("tiny")
    while next(watched).file != "model.safetensors":
        time.sleep(0.01)
    engine.cancel_fetch("tiny")
    server.fault = Fault()
    again = engine.fetch("tiny")
    assert list(watched)[-1].state == "cancelled"
    assert list(again)[-1].state == "done" and state(engine) == "here"
    assert any(asked.startswith("bytes=") for _, _, asked in server.requests)
    engine.cancel_fetch("tiny")  # nothing runs: nothing happens
    assert state(engine) == "here"


def test_what_fails_is_said_in_the_last_item_and_the_embedded_models_go_on(engine, server):
    server.fault = Fault(status=503)
    end = list(engine.fetch("tiny"))[-1]
    assert end.state == "failed" and end.problem.code == "fetch_server" and state(engine) == "missing"
    assert len(engine.match(picture(), ["a dog", "two cats"]).similarity) == 2
    server.fault = Fault()
    assert list(engine.fetch("tiny"))[-1].state == "done"


def test_what_nobody_expected_still_ends_the_download(engine, monkeypatch):
    def broken(row, offline):
        yield from ()
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(loading, "fetch", broken)
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    assert list(engine.fetch("tiny"))[-1].problem.code == "fetch_broke"


def test_an_offline_engine_sends_nothing(server, row):
    engine = mmdemo.load(device="cpu", offline=True)
    assert list(engine.fetch("tiny"))[-1].problem.code == "fetch_offline"
    assert state(engine) == "missing" and server.requests == []


@pytest.mark.parametrize(
    ("models", "space", "why"),
    [
        (None, None, ""), (None, "owner/space", "not_offered"), ("none", None, "not_offered"),
        ("all", "owner/space", ""), ("clip_b32, tiny", "owner/space", ""), ("clip_b32", None, "not_offered"),
    ],
)  # fmt: skip
def test_the_owner_says_which_rows_visitors_may_load(engine, server, row, monkeypatch, models, space, why):
    for name, value in (("MMDEMO_MODELS", models), ("SPACE_ID", space)):
        if value is not None:
            monkeypatch.setenv(name, value)
    model = engine.hub_models()[-1]
    assert (model.state, model.why) == ("refused" if why else "missing", why)
    end = list(engine.fetch("tiny"))[-1]
    if not why:
        assert end.state == "done" and "tiny" in engine.explained_models()
        return
    assert end.problem.code == "fetch_not_offered" in ERRORS and server.requests == []
    list(loading.fetch(row))  # the owner does
    assert engine.hub_models()[-1].state == "refused" and "tiny" not in engine.explained_models()
    with pytest.raises(WeightsError, match="MMDEMO_MODELS"):
        engine.models.load("tiny")


def test_a_row_larger_than_the_memory_bound_is_refused(engine, server, row, monkeypatch):
    monkeypatch.setitem(CHECKPOINTS, "tiny", replace(row, hub=replace(row.hub, size=2_000_000_000)))
    monkeypatch.setenv("MMDEMO_MEMORY_GB", "1.5")
    assert (engine.hub_models()[-1].state, engine.hub_models()[-1].why) == ("refused", "memory")
    problem = list(engine.fetch("tiny"))[-1].problem
    assert problem.code == "fetch_memory" and "2.0 GB" in str(problem) and "1.5 GB" in str(problem)
    monkeypatch.setenv("MMDEMO_MEMORY_GB", "2.5")
    assert engine.hub_models()[-1].state == "missing"


def test_the_memory_bound_is_what_was_set_or_three_fifths_of_the_machine(monkeypatch, tmp_path):
    from mmdemo.loading import device

    monkeypatch.setenv("MMDEMO_MEMORY_GB", "4")
    assert loading.memory_bound() == 4_000_000_000
    for wrong in ("much", "0", "-1", "inf"):
        monkeypatch.setenv("MMDEMO_MEMORY_GB", wrong)
        with pytest.raises(ChoiceError, match="MMDEMO_MEMORY_GB"):
            loading.memory_bound()
    monkeypatch.delenv("MMDEMO_MEMORY_GB")
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(device, "CONTAINER_LIMIT", limit)
    whole = loading.memory_bound()
    limit.write_text("max\n")
    assert loading.memory_bound() == whole
    limit.write_text("1000000\n")
    assert loading.memory_bound() == 600_000


def test_only_rows_of_the_hub_can_be_fetched(engine):
    for ask in (engine.fetch, engine.cancel_fetch):
        for name in ("matching", "openai/clip-vit-base-patch32", "../x"):
            with pytest.raises(ChoiceError, match="tiny"):
                ask(name)


def test_a_lock_file_that_cannot_be_read_locks_nothing_and_is_written_anew(engine, server, cache):
    list(engine.fetch("tiny"))
    sent = server.sent
    for content in ("{", "[]"):
        (cache / hub.LOCK).write_text(content)
        assert state(engine) == "missing"
        assert list(engine.fetch("tiny"))[-1].state == "done" and state(engine) == "here"
    assert server.sent == sent  # all files were here
