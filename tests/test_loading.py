"""Weight files: whole ones load, damaged and missing ones are named with what to do."""

import json
import shutil

import pytest
import torch

from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.errors import ChoiceError, WeightsError
from mmdemo.training.cards import int8_state


@pytest.fixture
def weights(tmp_path):
    """A copy of weights/matching that a test may break."""
    shutil.copytree(loading.WEIGHTS / "matching", tmp_path / "matching")
    return tmp_path


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_every_row_of_the_table_loads_in_eval_mode_without_gradient(name):
    module = loading.load_module(name)
    assert not module.training
    assert all(not p.requires_grad and p.dtype == torch.float32 and p.isfinite().all() for p in module.parameters())


def test_a_damaged_file_is_named_with_both_hashes(weights):
    file = weights / "matching" / "matching.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    expected = json.loads((weights / "matching" / "card.json").read_text())["files"][file.name]["sha256"]
    with pytest.raises(WeightsError) as caught:
        loading.load_module("matching", weights=weights)
    message = str(caught.value)
    assert "weights/matching/matching.safetensors is damaged" in message
    assert expected in message and "found" in message and "git checkout" in message
    assert str(weights) not in message


def test_a_missing_file_and_a_missing_card_are_named(weights):
    (weights / "matching" / "matching.safetensors").unlink()
    with pytest.raises(WeightsError, match="matching.safetensors is missing; its sha256 should be"):
        loading.load_module("matching", weights=weights)
    (weights / "matching" / "card.json").write_text("{broken")
    with pytest.raises(WeightsError, match="card.json cannot be read"):
        loading.load_module("matching", weights=weights)
    (weights / "matching" / "card.json").unlink()
    with pytest.raises(WeightsError, match="card.json is missing"):
        loading.load_module("matching", weights=weights)


def test_tensors_of_another_model_are_refused(weights):
    shutil.copytree(loading.WEIGHTS / "sentiment", weights / "sentiment")
    (weights / "sentiment").rename(weights / "other")
    shutil.rmtree(weights / "matching")
    (weights / "other").rename(weights / "matching")
    with pytest.raises(WeightsError, match="does not fit DualEncoderMatching"):
        loading.load_module("matching", weights=weights)


def test_unknown_names_and_devices_list_the_choices():
    with pytest.raises(ChoiceError, match="bert.*mobilenet"):
        loading.load_module("resnet50000")
    with pytest.raises(ChoiceError, match="cpu"):
        loading.choose_device("tpu")


def test_offline_follows_the_argument_then_the_variable(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert loading.choose_offline() and not loading.choose_offline(False)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert not loading.choose_offline() and loading.choose_offline(True)


def test_int8_weights_come_back_within_half_a_step_of_their_channel():
    torch.manual_seed(0)
    state = {
        "conv.weight": torch.randn(5, 3, 2, 2) * torch.logspace(-3, 3, 5)[:, None, None, None],
        "bias": torch.randn(5),
    }
    back = loading.widened(int8_state(state))
    step = state["conv.weight"].flatten(1).abs().amax(1) / 127
    error = (back["conv.weight"] - state["conv.weight"]).flatten(1).abs().amax(1)
    assert set(back) == set(state)
    assert (error <= 0.51 * step).all()
    assert torch.equal(back["bias"], state["bias"])
