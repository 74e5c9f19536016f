"""Where a Space lends GPUs, questions go through its decorator; elsewhere `spaces` is not even imported."""

import inspect
import sys
from types import ModuleType

import pytest

import mmdemo
from mmdemo.engine import Engine
from mmdemo.engine.zero_gpu import ASKING, STREAMING
from tests.pictures import picture


@pytest.fixture
def calls(monkeypatch):
    """Names of what a stand-in for `spaces.GPU` was asked to run, and whether as a stream."""
    found: list[tuple[str, bool]] = []

    def gpu(task):
        streams = inspect.isgeneratorfunction(task)

        def lent(*given, **named):
            found.append((task.__name__, streams))
            return task(*given, **named)

        return lent

    module = ModuleType("spaces")
    module.GPU, module.__spec__ = gpu, object()
    monkeypatch.setitem(sys.modules, "spaces", module)
    return found


def test_questions_borrow_the_gpu_and_streams_are_streams(calls, monkeypatch):
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    engine = mmdemo.load(device="cpu", offline=True)
    found = engine.match(picture(), "a dog")
    explanation = engine.explain(picture(), "a dog", "gradcam")
    *_, (done, _) = engine.growing_faithfulness(picture(), "a dog", explanation, steps=2)
    assert calls == [("match", False), ("explain", False), ("growing_faithfulness", True)] and done == 1
    assert found.probability.shape == (1,) and engine.match_models()[0] == "matching"


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_elsewhere_nothing_is_wrapped(calls, monkeypatch, value):
    monkeypatch.setenv("SPACES_ZERO_GPU", value)
    engine = mmdemo.load(device="cpu", offline=True)
    assert not set(vars(engine)) & {*ASKING, *STREAMING} and calls == []


def test_without_the_package_a_space_works_as_well(monkeypatch):
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert not set(vars(mmdemo.load(device="cpu", offline=True))) & {*ASKING, *STREAMING}


def test_every_name_is_a_question_of_the_engine():
    assert all(inspect.isfunction(getattr(Engine, name)) for name in (*ASKING, *STREAMING))
