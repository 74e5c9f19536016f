"""Align before fuse: the loss by hand, and which false pairs it draws."""

import math

import numpy as np
import pytest
import torch

from mmdemo.training.alignment import TEMPERATURE, align, contrast, true_and_false
from mmdemo.types import TokenSet


def test_the_loss_by_hand_for_two_pairs():
    image, text = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[3.0, 0.0], [3.0, 4.0]])
    cosine = [[1.0, 0.6], [0.0, 0.8]]  # photo, text
    e = [[math.exp(c / TEMPERATURE) for c in row] for row in cosine]
    of_photos = -math.log(e[0][0] / sum(e[0])) - math.log(e[1][1] / sum(e[1]))
    of_texts = -math.log(e[0][0] / (e[0][0] + e[1][0])) - math.log(e[1][1] / (e[0][1] + e[1][1]))
    loss, other = align(image, text, np.random.default_rng(0))
    assert loss.item() == pytest.approx((of_photos + of_texts) / 4, rel=1e-5)
    assert other.tolist() == [1, 0]


def test_no_text_gets_its_own_photo_and_every_second_one_the_photo_that_fits_best():
    image = torch.eye(6)
    text = torch.eye(6) + 0.9 * torch.eye(6).roll(1, 1)  # text i fits photo i, and photo i + 1 nearly as well
    drawn = torch.stack([align(image, text, np.random.default_rng(seed))[1] for seed in range(200)])  # [200, 6]
    place = torch.arange(6)
    assert not (drawn == place).any()
    fits = (drawn == (place + 1) % 6).float().mean(0)
    assert (fits[1::2] > 0.99).all() and ((fits[::2] - 0.2).abs() < 0.1).all()


def test_contrast_of_equal_logits_is_the_log_of_the_batch_and_of_sure_ones_nothing():
    assert contrast(torch.zeros(7, 7)).item() == pytest.approx(math.log(7))
    assert contrast(50 * torch.eye(4)).item() == pytest.approx(0, abs=1e-6)
    assert contrast(50 * torch.eye(4).roll(1, 0)).item() == pytest.approx(50)


def test_true_pairs_come_first_then_each_text_beside_the_named_photo():
    image, text = TokenSet.of_vectors(torch.eye(3)), TokenSet.of_vectors(2 * torch.eye(3))
    v, t, truth = true_and_false(image, text, torch.tensor([2, 0, 1]))
    assert v.pooled.argmax(1).tolist() == [0, 1, 2, 2, 0, 1]
    assert t.pooled.argmax(1).tolist() == [0, 1, 2, 0, 1, 2]
    assert truth.tolist() == [1, 1, 1, 0, 0, 0]
