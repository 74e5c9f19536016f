"""The closed forms against known answers: a linear layer that can be found again, statistics that are plain means."""

import pytest
import torch
from torch import nn

import mmdemo.torchvision_ops  # noqa: F401

# isort: split
from torchvision.models.mobilenetv2 import InvertedResidual

from mmdemo.training import distillation as distil


@pytest.fixture
def block() -> InvertedResidual:
    torch.manual_seed(0)
    return InvertedResidual(8, 8, stride=1, expand_ratio=2).eval()


def pictures(seed: int) -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(4, 8, 6, 6, generator=draw) for _ in range(6)]


def test_a_hint_of_the_mean_is_one_and_of_the_target_nothing():
    wanted = torch.randn(64, 5, 4, 4)
    scale = distil.spread(wanted)
    mean = wanted.mean((0, 2, 3), keepdim=True).expand_as(wanted)
    assert distil.hint(wanted, wanted, scale) == 0
    assert distil.hint(mean, wanted, scale).item() == pytest.approx(1, abs=1e-2)


def test_a_dead_channel_weighs_no_more_than_a_tenth_of_the_mean_allows():
    values = torch.randn(64, 2, 4, 4) * torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    alive, dead = distil.spread(values).tolist()
    assert dead == pytest.approx(0.1 * alive / 2, rel=1e-3)


def test_verdict_is_torchs_divergence():
    classifier, got, wanted = nn.Linear(6, 4), torch.randn(3, 6), torch.randn(3, 6)
    p, q = classifier(wanted).log_softmax(1), classifier(got).log_softmax(1)
    torch.testing.assert_close(
        distil.verdict(got, wanted, classifier), nn.functional.kl_div(q, p, reduction="batchmean", log_target=True)
    )


def test_refit_finds_a_projection_that_is_known(block):
    inputs = pictures(1)
    with torch.no_grad():
        known = torch.randn(8, 16)
        targets = [x + torch.einsum("oi,bihw->bohw", known, block.conv[:-2](x)) + 3 for x in inputs]
        distil.refit_projection(block, inputs, targets, ridge=1e-9)
        torch.testing.assert_close(block(inputs[0]), targets[0], rtol=1e-3, atol=1e-3)


def test_refit_keeps_the_norm_of_the_weights_and_writes_true_statistics(block):
    inputs = pictures(2)
    before = block.conv[-2].weight.flatten(1).norm(dim=1).clone()
    with torch.no_grad():
        distil.refit_projection(block, inputs, [torch.randn_like(x) for x in inputs])
        projected = block.conv[:-1](torch.cat(inputs))
    torch.testing.assert_close(block.conv[-2].weight.flatten(1).norm(dim=1), before)
    torch.testing.assert_close(block.conv[-1].running_mean, projected.mean((0, 2, 3)), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(block.conv[-1].running_var, projected.var((0, 2, 3)), rtol=1e-2, atol=1e-5)


def test_statistics_are_the_means_over_the_batches(block):
    inputs = pictures(3)
    distil.reestimate(block, inputs)
    with torch.no_grad():
        expanded = [block.conv[0][0](x) for x in inputs]
    torch.testing.assert_close(
        block.conv[0][1].running_mean, torch.stack([e.mean((0, 2, 3)) for e in expanded]).mean(0)
    )
    assert not block.training
    assert block.conv[0][1].momentum == 0.1


def test_unit_scale_brings_variances_to_one_and_changes_no_answer(block):
    with torch.no_grad():
        block.conv[0][0].weight.mul_(1000)
    distil.reestimate(block, pictures(4))
    before = block(pictures(5)[0])
    state = distil.unit_scale(block)
    block.load_state_dict(state)
    torch.testing.assert_close(block(pictures(5)[0]), before, rtol=1e-3, atol=1e-4)
    assert state["conv.0.1.running_var"].half().isfinite().all()
    assert state["conv.0.1.running_var"].tolist() == pytest.approx([1.0] * 16, abs=1e-4)
