"""Pictures and texts are read by the towers that a model's row names, and once by each tower."""

import pytest

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.efficientnet_lite import EfficientNetLiteEncoder
from mmdemo.encoders.tfidf import TfidfEncoder
from mmdemo.engine.models import Models
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
