"""A new encoder, fusion, task, method and row are each one new class and one line in a table, and answer at once."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

import mmdemo.engine
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint
from mmdemo.encoders.picture import PictureEncoder
from mmdemo.engine.methods import METHODS
from mmdemo.explain.base import ExplanationMethod, TokenWeights, shares
from mmdemo.fusion.base import TwoSided
from mmdemo.tasks.base import Task
from mmdemo.tasks.fused import FUSIONS
from tests.pictures import picture

SAID = "a dog on a beach"


class QuarterEncoder(PictureEncoder):
    """Four places, each its mean colour."""

    width = 3

    def __init__(self) -> None:
        super().__init__(64)
        self.features = torch.nn.Sequential(torch.nn.AvgPool2d(32))

    def grid(self, size: int = 0) -> tuple[int, int]:
        return 2, 2


class LargestFusion(TwoSided):
    """h = max(v, t), number by number."""

    formula = r"h = \max(v, t)"

    def join(self, image, text):
        return torch.maximum(image, text)


class Daylight(Task):
    """Is the picture taken by day? Its mean brightness decides; a text does not count."""

    labels = {"daylight": ("night", "day")}

    def predict(self, image, text):
        if image is None:
            return {}
        bright = (image.pooled.mean(1) + 1) / 2  # [B]
        return {"daylight": torch.stack([1 - bright, bright], -1)}


class Brightness(ExplanationMethod):
    """A place counts for as much as its token is large."""

    name = "brightness"
    paper = "nobody"
    cost = "nothing"
    targeted = False

    def weigh(self, subject, image, text, word, place):
        return TokenWeights(shares(image.tokens[0].mean(-1)), shares(text.tokens[0].mean(-1)))


@pytest.fixture
def engine():
    return mmdemo.load(device="cpu", offline=True)


def file(monkeypatch: pytest.MonkeyPatch, room: str, cls: type) -> str:
    """What a new file in a room amounts to; how a row names its class."""
    module = ModuleType(f"mmdemo.{room}.new")
    setattr(module, cls.__name__, cls)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return f"{room}.new:{cls.__name__}"


def drawn(engine: mmdemo.engine.Engine, name: str) -> None:
    """Random weights for a row, in the place of those that its recipe would make."""
    engine.models.modules[name] = engine.models.load(name, untrained=True)


def line(monkeypatch: pytest.MonkeyPatch, name: str, kind: str, builder: str, *config: dict, **more: object) -> None:
    """One row of the table, of a model without weights."""
    monkeypatch.setitem(CHECKPOINTS, name, Checkpoint(name, kind, builder, *config, fitted=False, **more))


def test_an_encoder_is_read_by_any_row_that_names_it(engine, monkeypatch):
    line(monkeypatch, "quarters", "image_encoder", file(monkeypatch, "encoders", QuarterEncoder))
    config = {"fusion": "gated", "task": "matching", "image_width": 3, "text_width": 384, "width": 8}
    towers = {"image_encoder": "quarters", "text_encoder": "e5"}
    more = {"tasks": ("matching",), "default_method": "gradcam"}
    line(monkeypatch, "quartered", "fusion", "tasks.fused:FusedTask", config, **towers, **more)
    drawn(engine, "quartered")
    assert set(engine.ask("quartered", picture(), SAID)["matching"]) == {"mismatch", "match"}
    assert "occlusion" in engine.capabilities("quartered").methods
    assert engine.explain(picture(), SAID, model="quartered").patch_map.shape == (2, 2)


def test_a_fusion_joins_the_bench(engine, monkeypatch):
    monkeypatch.setitem(FUSIONS, "largest", LargestFusion)
    config = {"fusion": "largest", "task": "matching", "image_width": 1280, "text_width": 384, "width": 8}
    towers = {"image_encoder": "efficientnet", "text_encoder": "e5"}
    more = {"tasks": ("matching",), "default_method": "relevance"}
    line(monkeypatch, "matching-largest", "fusion", "tasks.fused:FusedTask", config, **towers, **more)
    drawn(engine, "matching-largest")
    for sides in ((picture(), SAID), (picture(), None), (None, SAID)):
        results = engine.compare(*sides)
        assert (len(results), results[-1].name) == (11, "largest")
    assert engine.trace(picture(), SAID, "largest").result.label == engine.compare(picture(), SAID)[-1].label
    values = engine.shapley_values(picture(), SAID, "largest")
    assert values.image_share + values.text_share == pytest.approx(values.both - values.none, abs=1e-5)
    assert np.abs(engine.explain(picture(), SAID, "gradcam", model="matching-largest").patch_map).sum() > 0


def test_a_task_is_asked_by_its_name(engine, monkeypatch):
    line(
        monkeypatch, "daylight", "system", file(monkeypatch, "tasks", Daylight),
        image_encoder="cnn", text_encoder="tfidf", tasks=("daylight",),
    )  # fmt: skip
    line(monkeypatch, "cnn", "image_encoder", file(monkeypatch, "encoders", QuarterEncoder))
    dark, light = (engine.ask("daylight", Image.new("RGB", (9, 9), c))["daylight"] for c in ("black", "white"))
    assert dark == pytest.approx({"night": 1.0, "day": 0.0}) and light == pytest.approx({"night": 0.0, "day": 1.0})
    assert engine.ask("daylight", text="a dog") == {}
    assert engine.capabilities("daylight").tasks == ("daylight",) and engine.capabilities("daylight").methods == ()


def test_a_system_with_a_year_stands_on_the_time_machine(engine, monkeypatch):
    line(monkeypatch, "quarters", "image_encoder", file(monkeypatch, "encoders", QuarterEncoder))
    more = {"image_encoder": "quarters", "text_encoder": "tfidf", "tasks": ("daylight",), "year": 1839}
    line(monkeypatch, "daylight", "system", file(monkeypatch, "tasks", Daylight), **more)
    first = engine.timeline(picture(), SAID)[0]
    assert (first.name, first.year, list(first.answers), first.figure) == ("daylight", 1839, ["daylight"], {})


def test_a_method_is_offered_and_explains(engine, monkeypatch):
    monkeypatch.setitem(METHODS, Brightness.name, Brightness)
    assert engine.all_methods[-1] == "brightness"
    assert "brightness" in engine.capabilities("matching").methods
    assert engine.explain(picture(), SAID, "brightness").patch_map.sum() == pytest.approx(1, abs=1e-5)
