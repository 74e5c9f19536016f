"""Models of the Hub make room for each other under the bound: the longest unused goes, whatever is in use stays."""

from dataclasses import replace

import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import byte_count, choose_precision
from tests.encoders.test_dual_encoders import row_of
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import save

NAMES = ("one", "two", "three")


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Three tiny rows of one size, of which two fit; `size` is that of one."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    save("clip", tmp_path / "given")
    size = (tmp_path / "given" / "model.safetensors").stat().st_size
    for name in NAMES:
        row = row_of(name)
        row = replace(row, tasks=("matching",), hub=replace(row.hub, size=size))
        monkeypatch.setitem(CHECKPOINTS, name, row)
        install(row, tmp_path / "given")
    monkeypatch.setenv("MMDEMO_MEMORY_GB", f"{2.5 * size / 1e9:.9f}")
    return mmdemo.load(device="cpu", offline=True)


def loaded(engine):
    return [name for name in engine.models.modules if name in NAMES]


def test_the_longest_unused_goes_with_what_it_read_and_is_loaded_again(engine):
    engine.match(picture(), ["a dog"])
    own = set(engine.models.modules)
    first = engine.encode_texts(["a dog"], "one")
    engine.encode_texts(["a dog"], "two")
    assert loaded(engine) == ["one", "two"]
    engine.encode_texts(["a cat"], "one")
    engine.encode_texts(["a dog"], "three")
    assert loaded(engine) == ["one", "three"]
    assert {key[0] for key in engine.models.texts} >= {"one/text", "three/text"}
    assert not any(key[0] == "two/text" for key in engine.models.texts)
    assert own <= set(engine.models.modules)  # the embedded ones stay
    assert (engine.encode_texts(["a dog"], "one") == first).all()


def test_what_a_call_or_work_in_parts_needs_stays(engine):
    with engine.models.call("test"):
        for name in NAMES:
            engine.models.load(name)
        assert loaded(engine) == list(NAMES)
    explanation = engine.explain(picture(), "a dog", "rollout", model="one")
    parts = engine.growing_faithfulness(picture(), "a dog", explanation, steps=4)
    next(parts)
    for name in ("two", "three", "two", "three"):
        engine.encode_texts(["a dog"], name)
    assert "one" in loaded(engine)
    parts.close()
    engine.encode_texts(["a dog"], "two"), engine.encode_texts(["a dog"], "three")
    engine.unload("three")
    engine.encode_texts(["a dog"], "three")
    assert loaded(engine) == ["two", "three"]


def test_asking_what_fits_loads_nothing_of_the_hub(engine):
    assert "grad_eclip" in engine.all_methods and set(NAMES) <= set(engine.explained_models())
    engine.method_notes()
    engine.capabilities("matching")
    assert "one" in engine.match_models() and loaded(engine) == []
    able = engine.capabilities("one")
    assert able.methods == tuple(note.name for note in engine.method_notes("one"))
    assert engine.targets("one") == able.targets == ("similarity",) and engine.default_method("one") == "grad_eclip"


def test_half_precision_is_taken_only_where_every_cosine_stays(engine, monkeypatch):
    module, cpu = engine.models.load("one"), torch.device("cpu")
    assert byte_count(module) > 4 * sum(p.numel() for p in module.parameters()) - 1
    assert choose_precision(module, cpu) is torch.float32
    assert choose_precision(module, cpu, [torch.bfloat16]) is torch.bfloat16
    assert choose_precision(torch.nn.Linear(2, 2), cpu, [torch.bfloat16]) is torch.float32
    monkeypatch.setattr("mmdemo.loading.precision.TOLERANCE", 0.0)
    assert choose_precision(module, cpu, [torch.bfloat16, torch.float16]) is torch.float32


def test_a_tower_in_half_precision_answers_in_float32(engine):
    wide = engine.match(picture(), ["a dog", "a cat"], "one")
    engine.models.unload("one")
    engine.models.load("one")
    engine.models.precision["one"] = torch.bfloat16
    half = engine.match(picture(), ["a dog", "a cat"], "one")
    assert half.similarity.dtype == wide.similarity.dtype and abs(half.similarity - wide.similarity).max() < 0.02
    (read,) = engine.models.read_texts(["a dog"], "one")
    assert read.tokens.dtype is read.pooled.dtype is torch.float32
