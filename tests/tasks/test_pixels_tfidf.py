"""Pixels and TF-IDF: the ridge map against other ways to reach it, the cosine side by side, missing sides."""

import pytest
import torch
from sklearn.linear_model import Ridge

from mmdemo.tasks.pixels_tfidf import PixelsTfidf
from mmdemo.training.recipes.pixels_tfidf import fit_match, fit_pixels, ridge_map
from mmdemo.types import TokenSet


@pytest.fixture
def head():
    torch.manual_seed(0)
    head = PixelsTfidf(pixels=6, words=5, kept=2, gallery=3)
    for weight in head.parameters():
        weight.copy_(torch.randn_like(weight))
    return head


def sides(n: int = 4):
    generator = torch.Generator().manual_seed(1)
    image, text = (torch.rand(n, width, generator=generator) for width in (6, 5))
    return TokenSet.of_vectors(image), TokenSet.of_vectors(text)


def test_ridge_map_is_that_of_scikit_learn_and_its_gradient_is_zero():
    torch.manual_seed(0)
    z, target = torch.randn(30, 4), torch.randn(30, 3)
    found = ridge_map(z, target, 2.5)
    theirs = Ridge(alpha=2.5, fit_intercept=False).fit(z.numpy(), target.numpy()).coef_.T
    torch.testing.assert_close(found, torch.from_numpy(theirs).float(), atol=1e-5, rtol=1e-4)
    slope = 2 * z.T @ (z @ found - target) + 2 * 2.5 * found
    assert slope.abs().max() < 1e-4


def test_ridge_map_of_one_number_by_hand():
    # z = 1, 2 and t = 3, 4: (1 * 3 + 2 * 4) / (1 + 4 + weak)
    assert ridge_map(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]]), 5.0).item() == pytest.approx(1.1)


def test_principal_coordinates_are_those_of_the_covariance():
    torch.manual_seed(0)
    pixels = torch.randn(400, 80) * torch.linspace(4, 0.1, 80)
    head = PixelsTfidf(pixels=80, words=5, kept=32)
    z = fit_pixels(head, pixels, seed=0)
    largest = torch.linalg.eigvalsh(torch.cov(pixels.T)).flip(0)[:32]
    torch.testing.assert_close(z.var(0), largest, rtol=0.02, atol=1e-3)
    torch.testing.assert_close(head.basis.T @ head.basis, torch.eye(32), atol=1e-4, rtol=0)


def test_match_aims_at_the_mean_of_a_photos_captions():
    head = PixelsTfidf(pixels=6, words=2, kept=1)
    head.spread.fill_(1.0)
    texts = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 3.0]])  # two captions of photo 0, one of photo 1
    fit_match(head, torch.tensor([[1.0], [-1.0]]), texts, torch.tensor([0, 0, 1]))
    torch.testing.assert_close(head.text_mean, torch.tensor([0.25, 1.75]))
    assert head.ridge[0, 0] > 0 > head.ridge[0, 1]


def test_side_by_side_cosine_is_that_of_the_two_unit_vectors_in_one_row(head):
    image, text = sides()
    stored = torch.rand(3, 5)
    found = head.recognise(image, text, stored)

    def row(z, t):
        t = t - head.text_mean
        return torch.cat([z / z.norm(), t / t.norm()])

    for b in range(4):
        for g in range(3):
            new = row(head.coordinates(image.pooled)[b], text.pooled[b])
            wanted = float(torch.cosine_similarity(new, row(head.gallery[g], stored[g]), 0))
            assert found[b, g].item() == pytest.approx(wanted, abs=1e-6)


def test_a_stored_pair_is_its_own_nearest(head):
    image, text = sides(3)
    head.gallery.copy_(head.coordinates(image.pooled))
    for pair in ((image, text), (image, None), (None, text)):
        found = head.recognise(*pair, text.pooled)
        assert found.argmax(1).tolist() == [0, 1, 2]
        torch.testing.assert_close(found.diag(), torch.ones(3))


def test_a_missing_side_adds_nothing_and_leaves_no_match(head):
    image, text = sides()
    both, photo, words = (head.sentiment(*pair) for pair in ((image, text), (image, None), (None, text)))
    torch.testing.assert_close(both, photo + words - head.bias)
    answers = head.predict(image, text)
    assert answers["matching"].shape == (4, 2) and answers["sentiment"].shape == (4, 3)
    for some in answers.values():
        torch.testing.assert_close(some.sum(-1), torch.ones(4))
    assert set(head.predict(image, None)) == set(head.predict(None, text)) == {"sentiment"}
