"""Align before fuse: the loss by hand, and which false pairs it draws."""

import math

import numpy as np
import pytest
import torch

from mmdemo.training.alignment import TEMPERATURE, align


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
