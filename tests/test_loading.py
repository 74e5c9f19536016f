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
    """A copy of weights/cross_attention that a test may break."""
    shutil.copytree(loading.WEIGHTS / "cross_attention", tmp_path / "cross_attention")
    return tmp_path


@pytest.mark.parametrize("name", sorted(name for name, row in CHECKPOINTS.items() if not row.hub))
def test_every_row_of_weights_loads_in_eval_mode_without_gradient(name):
    module = loading.load_module(name)
    assert not module.training
    assert all(not p.requires_grad and p.dtype == torch.float32 and p.isfinite().all() for p in module.parameters())


def test_loading_draws_no_weights_that_the_file_replaces():
    before = torch.random.get_rng_state()
    loaded, drawn = loading.load_module("e5"), loading.build_untrained("e5")
    assert torch.equal(before, torch.random.get_rng_state())
    words, random = (module.bert.embeddings.word_embeddings.weight for module in (loaded, drawn))
    assert random.std().item() == pytest.approx(0.02, rel=0.01) and not torch.allclose(words, random, atol=0.01)


def test_a_damaged_file_is_named_with_both_hashes(weights):
    file = weights / "cross_attention" / "cross_attention.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    expected = json.loads((weights / "cross_attention" / "card.json").read_text())["files"][file.name]["sha256"]
    with pytest.raises(WeightsError) as caught:
        loading.load_module("cross_attention", weights=weights)
    message = str(caught.value)
    assert "weights/cross_attention/cross_attention.safetensors is damaged" in message
    assert expected in message and "found" in message and "git checkout" in message
    assert str(weights) not in message


def test_a_missing_file_and_a_missing_card_are_named(weights):
    (weights / "cross_attention" / "cross_attention.safetensors").unlink()
    with pytest.raises(WeightsError, match="cross_attention.safetensors is missing; its sha256 should be"):
        loading.load_module("cross_attention", weights=weights)
    (weights / "cross_attention" / "card.json").write_text("{broken")
    with pytest.raises(WeightsError, match="card.json cannot be read"):
        loading.load_module("cross_attention", weights=weights)
    (weights / "cross_attention" / "card.json").unlink()
    with pytest.raises(WeightsError, match="card.json is missing"):
        loading.load_module("cross_attention", weights=weights)


def test_tensors_of_another_model_are_refused(weights):
    shutil.copytree(loading.WEIGHTS / "sentiment", weights / "sentiment")
    (weights / "sentiment").rename(weights / "other")
    shutil.rmtree(weights / "cross_attention")
    (weights / "other").rename(weights / "cross_attention")
    with pytest.raises(WeightsError, match="does not fit CrossAttentionMatching"):
        loading.load_module("cross_attention", weights=weights)


def test_unknown_names_and_devices_list_the_choices():
    with pytest.raises(ChoiceError, match="e5.*efficientnet"):
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


def test_a_block_of_four_bits_is_unpacked_as_by_hand():
    """Scale 0.5; the low halves of bytes 0 to 15 are weights 0 to 15, the high halves 16 to 31; eight means nothing."""
    scale = torch.tensor([0.5]).half().view(torch.uint8)
    halves = torch.full((16,), 0x88, dtype=torch.uint8)  # all weights zero
    halves[0], halves[3], halves[15] = 0x0F, 0xA8, 0x98
    found = loading.unpack_four_bits(torch.cat([scale, halves]).view(1, 1, 18))
    expected = torch.zeros(32)
    expected[0], expected[16] = 3.5, -4.0  # (15 - 8) / 2, (0 - 8) / 2
    expected[19], expected[31] = 1.0, 0.5  # (10 - 8) / 2, (9 - 8) / 2
    assert torch.equal(found, expected[None])


def test_parts_of_a_matrix_in_four_bits_are_put_together_row_after_row():
    torch.manual_seed(0)
    blocks = torch.randint(0, 256, (6, 2, 18), dtype=torch.uint8)
    blocks[..., :2] = torch.tensor([0.25]).half().view(torch.uint8)
    parts = {"w.weight.blocks.0": blocks[:4], "w.weight.blocks.1": blocks[4:], "w.bias": torch.ones(3).half()}
    found = loading.widened(parts)
    assert set(found) == {"w.weight", "w.bias"} and found["w.bias"].dtype == torch.float32
    assert torch.equal(found["w.weight"], loading.unpack_four_bits(blocks)) and found["w.weight"].shape == (6, 64)
    assert torch.equal(loading.widened({"w.weight.blocks": blocks})["w.weight"], found["w.weight"])


def test_names_in_the_files_become_those_of_today_and_nothing_else_is_touched():
    one = torch.zeros(1)
    kept = ["fusion.vote.weight", "overlook.weight", "levels.data.head.bias"]
    state = dict.fromkeys(("fusion.look.query.weight", "look.out.bias", "levels.data.look.3.weight", *kept), one)
    state["members.0.see.bend.1.weight"] = one
    assert set(loading.renamed(state)) == {
        "fusion.attend.query.weight", "attend.out.bias", "levels.data.image_projection.3.weight",
        "members.0.see.residual_mlp.1.weight", *kept,
    }  # fmt: skip
    assert loading.renamed(loading.renamed(state)).keys() == loading.renamed(state).keys()
