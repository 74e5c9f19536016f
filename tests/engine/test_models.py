"""Pictures and texts are read by the towers that a model's row names, and once by each tower."""

import pytest

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.efficientnet_lite import EfficientNetLiteEncoder
from mmdemo.encoders.tfidf import TfidfEncoder
from mmdemo.engine.models import Models
from mmdemo.engine.readings import BoundedCache
from mmdemo.types import Sides
from tests.pictures import picture


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    """Models whose towers, whatever their name, are tiny; `asked` keeps the names."""
    found = Models(device="cpu")
    tiny = {"image_encoder": EfficientNetLiteEncoder("lite0", 32).eval(), "text_encoder": TfidfEncoder(["dog"])}
    found.asked = []
    monkeypatch.setattr(
        found, "load", lambda name, untrained=False: found.asked.append(name) or tiny[CHECKPOINTS[name].kind]
    )
    return found


@pytest.mark.parametrize("model", ["resnet_lstm", "bert_resnet", "matching", "sentiment-gated", "imputation"])
def test_both_sides_are_read_by_the_towers_of_the_row(models: Models, model: str) -> None:
    models.read_images([picture()], model)
    models.read_texts(["a dog"], model)
    assert models.asked == [CHECKPOINTS[model].image_encoder, CHECKPOINTS[model].text_encoder]


def test_two_models_on_one_tower_share_what_it_read_and_two_towers_do_not(models: Models) -> None:
    same = [models.read_texts(["a dog"], model)[0] for model in ("matching", "sentiment", "bert_resnet")]
    assert same[0] is same[1] is same[2]
    assert models.read_texts(["a dog"], "resnet_lstm")[0] is not same[0]
    assert set(models.texts) == {("e5", "a dog"), ("lstm", "a dog")}


def test_caches_keep_what_was_used_last() -> None:
    cache = BoundedCache(2)
    for key in ("a", "b", "a", "c"):
        cache.keep(key, key.upper())
    assert list(cache.items()) == [("a", "A"), ("c", "C")]


def test_a_list_longer_than_the_cache_is_answered_whole(models: Models) -> None:
    models.texts.limit = 3
    texts = [f"dog {i}" for i in range(70)]
    assert [read.layout[0].text for read in models.read_texts([*texts, texts[0]], "matching")] == [*texts, texts[0]]
    assert len(models.texts) == 3


def test_a_missing_side_is_read_by_nobody(models: Models) -> None:
    assert models.read(Sides(None, "a dog"), "matching")[0] is None
    assert models.read(Sides(picture(), " "), "matching")[1] is None
    assert [CHECKPOINTS[name].kind for name in models.asked] == ["text_encoder", "image_encoder"]


def test_an_unloaded_model_is_forgotten_with_its_twin_and_what_it_read() -> None:
    models = Models(device="cpu")
    for name in ("cnn", "tfidf"):
        models.load(name), models.load(name, untrained=True)
    read = models.read_texts(["a dog"], "pixels_tfidf")
    models.unload("cnn")
    assert set(models.modules) == {"tfidf", "tfidf, untrained"} and len(models.texts) == 1
    models.unload("tfidf")
    assert not models.modules and not models.texts
    (again,) = models.read_texts(["a dog"], "pixels_tfidf")
    assert again is not read[0] and again.pooled.equal(read[0].pooled)
    models.unload()
    assert not models.modules and not models.texts
