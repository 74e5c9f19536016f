"""Known answers of the operators, worked out by hand or by a plain computation beside them."""

import pytest
import torch

from mmdemo.fusion.autoencoder import AutoencoderFusion
from mmdemo.fusion.gated import GatedFusion
from mmdemo.fusion.late import LateFusion
from mmdemo.fusion.lowrank_tensor import LowRankTensorFusion
from mmdemo.fusion.product import ProductFusion
from mmdemo.fusion.weighted_sum import WeightedSumFusion
from tests.tokens import image_tokens, text_tokens

V, T = torch.tensor([[1.0, 2.0]]), torch.tensor([[5.0, -2.0]])


def build(kind, **options):
    torch.manual_seed(0)
    return kind(12, 8, 2, **options).eval()


def test_weighted_sum_starts_in_the_middle_and_obeys_another_alpha():
    fusion = build(WeightedSumFusion)
    assert fusion.join(V, T).tolist() == [[3.0, 0.0]]  # (1 + 5) / 2, (2 - 2) / 2
    assert fusion.join(V, T, alpha=0.0).tolist() == V.tolist()
    assert fusion.join(V, T, alpha=1.0).tolist() == T.tolist()
    assert fusion.join(V, T, alpha=0.25).tolist() == [[2.0, 1.0]]


def test_product_multiplies_the_squashed_numbers():
    assert torch.allclose(build(ProductFusion).join(V, T), torch.tanh(V) * torch.tanh(T))
    assert build(ProductFusion).join(V, torch.zeros(1, 2)).tolist() == [[0.0, 0.0]]


def test_an_open_gate_lets_the_text_through_and_a_closed_one_the_picture():
    fusion = build(GatedFusion)
    with torch.no_grad():
        fusion.open.weight.zero_()
        fusion.open.bias.copy_(torch.tensor([50.0, -50.0]))  # gate 1, gate 0
    h = fusion.join(V, T)
    assert h[0, 0].item() == pytest.approx(fusion.from_text(T).tanh()[0, 0].item(), abs=1e-6)
    assert h[0, 1].item() == pytest.approx(fusion.from_image(V).tanh()[0, 1].item(), abs=1e-6)


def test_low_rank_tensor_equals_the_full_outer_product_with_its_tensor_written_out():
    fusion = build(LowRankTensorFusion, rank=3)
    v, t = torch.cat([V, torch.ones(1, 1)], 1)[0], torch.cat([T, torch.ones(1, 1)], 1)[0]
    tensor = torch.einsum("rio,rjo->ijo", fusion.image_factors, fusion.text_factors)  # [D + 1, D + 1, D]
    full = torch.einsum("i,j,ijo->o", v, t, tensor)
    assert torch.allclose(fusion.join(V, T)[0], full, atol=1e-5)


def test_late_fusion_combines_beliefs_by_the_three_rules():
    fusion = build(LateFusion, options=2)
    p, q = torch.tensor([[0.8, 0.2]]), torch.tensor([[0.5, 0.5]])
    fusion.verdicts = lambda image, text: (p.log(), q.log())
    h = fusion.join(V, T)[0].tolist()
    assert h[:2] == pytest.approx([0.65, 0.35])  # mean
    assert h[2:4] == pytest.approx([0.8, 0.2])  # 0.4 and 0.1, made to sum to 1
    root = [0.4**0.5, 0.1**0.5]  # geometric mean with equal weights
    assert h[4:6] == pytest.approx([root[0] / sum(root), root[1] / sum(root)])
    assert h[6] == pytest.approx(torch.tensor(0.5).log().item())  # log(0.4 + 0.1)


def test_rebuilding_error_is_two_for_a_code_that_says_nothing_and_adds_both_sides():
    fusion = build(AutoencoderFusion)
    image, text = image_tokens(64, width=12), text_tokens([4] * 64, width=8)
    goals = [torch.nn.functional.layer_norm(s.pooled, s.pooled.shape[1:]) for s in (image, text)]
    with torch.no_grad():
        for decode, goal in zip((fusion.decode_image, fusion.decode_text), goals, strict=True):
            decode.weight.zero_()
            decode.bias.copy_(goal.mean(0))
        error = fusion.rebuilding_loss(torch.zeros(64, 2), image, text)
    assert error.item() == pytest.approx(2.0, rel=0.05)  # one for each side: variance over variance
