"""Matrices in four bits: packed as the app unpacks them, and trained through the rounding."""

import pytest
import torch

from mmdemo.loading.tensors import unpack_four_bits, widened
from mmdemo.training.four_bits import four_bit_rounded, four_bit_state, pack_four_bits, trained_through


def test_a_block_by_hand() -> None:
    """The furthest weight, -4, becomes q = 0; a step is 0.5; what lies beyond 7 steps on the other side is cut."""
    block = torch.zeros(1, 32)
    block[0, :4] = torch.tensor([-4.0, 1.2, 3.9, 0.3])
    expected = torch.zeros(1, 32)
    expected[0, :4] = torch.tensor([-4.0, 1.0, 3.5, 0.5])
    packed = pack_four_bits(block)
    assert packed.shape == (1, 1, 18)
    assert packed.dtype == torch.uint8
    torch.testing.assert_close(unpack_four_bits(packed), expected)


def test_weights_come_back_within_half_a_step() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(5, 96)
    step = matrix.unflatten(1, (-1, 32)).abs().amax(-1, keepdim=True) / 8
    error = (unpack_four_bits(pack_four_bits(matrix)) - matrix).unflatten(1, (-1, 32)).abs()
    assert bool((error <= step * 1.01).all())
    assert bool((error <= step * 0.51).float().mean() > 0.98)  # but those cut at the far side
    assert torch.equal(unpack_four_bits(pack_four_bits(torch.zeros(2, 32))), torch.zeros(2, 32))


def test_a_state_comes_back_as_it_was_rounded() -> None:
    torch.manual_seed(0)
    state = {"a.weight": torch.randn(4, 64), "a.bias": torch.randn(4), "position.weight": torch.randn(3, 32)}
    kept = four_bit_state(state)
    assert sorted(kept) == ["a.bias", "a.weight.blocks", "position.weight"]
    loaded = widened({key: t if t.dtype == torch.uint8 else t.half() for key, t in kept.items()})
    for key, expected in four_bit_rounded(state).items():
        assert torch.equal(loaded[key], expected)


@pytest.mark.parametrize("rounded", [True, False])
def test_training_sees_rounded_weights_and_moves_exact_ones(rounded: bool) -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(32, 2)
    exact, x = layer.weight.detach().clone(), torch.randn(3, 32)
    with trained_through(layer, rounded):
        seen = layer.weight.detach().clone()
        layer(x).sum().backward()
    assert torch.equal(seen, unpack_four_bits(pack_four_bits(exact)) if rounded else exact)
    assert torch.equal(layer.weight.detach(), exact)
    torch.testing.assert_close(layer.weight.grad, x.sum(0).expand(2, 32))
