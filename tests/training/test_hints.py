"""What small towers learn by, each against a known answer."""

import pytest
import torch
from torch import nn

from mmdemo.training.distil import hints as distil


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


def test_a_student_that_repeats_its_teacher_at_any_length_loses_nothing():
    torch.manual_seed(0)
    target = torch.randn(6, 5)
    assert distil.order(3 * target, target).item() == pytest.approx(0, abs=1e-5)
    assert distil.order(-target, target).item() > 8


def test_order_tells_a_neighbour_that_moved():
    """Three texts, the second between the others; the student puts it beside the third."""
    target = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    moved = target.clone()
    moved[1] = torch.tensor([0.0, 1.0])
    cosine = (1 + 0.6 + 1) / 3
    p, q = (target @ target.T / distil.TEMPERATURE).softmax(-1), (moved @ target.T / distil.TEMPERATURE).softmax(-1)
    divergence = (p * (p / q).log()).sum() / 3
    assert distil.order(moved, target).item() == pytest.approx(4 * (1 - cosine) + divergence.item(), rel=1e-4)


def test_a_linear_map_that_is_known_is_found_again():
    torch.manual_seed(0)
    given, weight = torch.randn(400, 6), torch.randn(6, 3)
    found = distil.linear_map(given, given @ weight + 2)
    other = torch.randn(5, 6)
    torch.testing.assert_close(found(other), other @ weight + 2, rtol=0, atol=0.06)  # the ridge shrinks it a little
    assert (found(other) - (other @ weight + 2)).abs().max() > 1e-6
