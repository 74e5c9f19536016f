"""What every long answer that is told in parts owes: `close()` ends the work at once (`tasks/base.py`)."""

import pytest

import mmdemo
from tests.pictures import picture

TEXT = "a red circle on a blue wall"


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def tell(engine, name: str):
    if name == "spoken":
        return engine.spoken(picture(0))
    explanation = engine.explain(picture(0), TEXT)
    return engine.growing_faithfulness(picture(0), TEXT, explanation)


@pytest.mark.parametrize("name", ["spoken", "growing_faithfulness"])
def test_closing_it_ends_the_work_and_frees_the_device(engine, name, monkeypatch):
    parts, before = tell(engine, name), engine.models.in_use._pinned.copy()
    next(parts)
    next(parts)
    calls = []
    hooks = [
        part.register_forward_hook(lambda *_: calls.append(1))
        for module in engine.models.modules.values()
        for part in module.modules()
    ]
    parts.close()
    assert list(parts) == [] and calls == []  # no layer of any network ran again
    for hook in hooks:
        hook.remove()
    assert engine.models.lock.depth == 0 and +engine.models.in_use._pinned == +before
    assert engine.match(picture(0), TEXT).texts == (TEXT,)


@pytest.mark.parametrize("name", ["spoken", "growing_faithfulness"])
def test_between_two_parts_nothing_holds_the_device(engine, name):
    with_parts = tell(engine, name)
    for _, part in zip(range(2), with_parts, strict=False):
        assert part and engine.models.lock.depth == 0
    with_parts.close()


def test_the_generator_that_is_wrapped_is_closed(engine):
    ended = []

    def work():
        try:
            yield from range(5)
        finally:
            ended.append(True)

    inner = work()
    parts = engine.models.in_parts("test", inner)
    assert next(parts) == 0
    parts.close()
    assert ended == [True] and list(inner) == []
