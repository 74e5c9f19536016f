"""Relevance over shifted views: moving there and back, and what must not depend on which way round a picture is."""

from dataclasses import replace

import pytest
import torch

from mmdemo.explain.relevance import Relevance
from mmdemo.explain.shifted import ShiftedRelevance, brought_back, moved_by, viewed
from tests.towers import GRID, cross_subject, pair_of, pooled_subject


def test_a_picture_moves_by_whole_pixels_and_its_edge_is_repeated():
    row = torch.arange(4.0)[None, None, None]  # one line of pixels
    assert moved_by(row, 1, 0).flatten().tolist() == [0, 0, 1, 2]
    assert moved_by(row, -2, 0).flatten().tolist() == [2, 3, 3, 3]
    column = torch.arange(3.0)[None, None, :, None]
    assert moved_by(column, 0, 1).flatten().tolist() == [0, 0, 1]
    assert torch.equal(moved_by(row, 0, 0), row)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("right", "down"), [(0, 0), (4, 0), (0, 4), (0, -4)])
def test_a_map_comes_back_to_where_its_pixels_were(right, down, mirrored):
    picture = torch.zeros(1, 1, 40, 40)
    picture[..., 16:24, 8:16] = 1
    seen = torch.nn.functional.avg_pool2d(viewed(picture, right, down, mirrored), 8)  # a map that sees only brightness
    back = brought_back(seen, picture.shape[2:], right, down, mirrored)
    assert back.shape == (1, 1, 5, 5) and back.flatten().argmax() == 2 * 5 + 1
    assert torch.allclose(brought_back(torch.ones(1, 1, 5, 5), (40, 40), right, down, mirrored), torch.ones(5, 5))


@pytest.mark.parametrize("make", [pooled_subject, cross_subject])
def test_the_mirrored_picture_has_the_mirrored_map_and_the_same_words(make):
    subject = make()
    flipped = replace(subject, image=replace(subject.image, start=subject.image.start.flip(-1)))
    one, other = (ShiftedRelevance().explain(s, *pair_of(s)) for s in (subject, flipped))
    assert torch.allclose(one.patches.view(GRID).flip(-1), other.patches.view(GRID), atol=1e-5)
    assert torch.allclose(one.tokens, other.tokens, atol=1e-5)


def test_a_place_of_the_unmoved_picture_is_explained_in_one_view():
    subject = cross_subject()
    place = torch.arange(6) == 4
    found, plain = (how().explain(subject, *pair_of(subject), None, place) for how in (ShiftedRelevance, Relevance))
    assert torch.equal(found.patches, plain.patches) and torch.equal(found.tokens, plain.tokens)
