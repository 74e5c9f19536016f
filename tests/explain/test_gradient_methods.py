"""Grad-CAM, Layer-CAM, integrated gradients and Grad-ECLIP against cases worked by hand and exact identities."""

import pytest
import torch

from mmdemo.explain import grid
from mmdemo.explain.base import Subject
from mmdemo.explain.grad_eclip import worth
from mmdemo.explain.gradcam import GradCam
from mmdemo.explain.integrated_gradients import IntegratedGradients, integrate, per_patch
from mmdemo.explain.layercam import LayerCam
from mmdemo.types import FusionOutput, ImageLayout, LastAttention
from tests.tokens import image_tokens, text_tokens
from tests.towers import cross_subject, pair_of, pooled_subject, text_tower


def judged(score) -> Subject:
    """A subject whose number is a function of the two token sets."""
    return Subject(lambda i, t: FusionOutput(score(i, t).unsqueeze(-1)), lambda fused: fused.joint[:, 0])


def test_gradcam_by_hand():
    """score = pooled . (2, -1): channel weights (2, -1) / Ni, so a patch (a, b) gets relu(2a - b), shared out."""
    image, text = image_tokens(1, grid=(1, 3), width=2), text_tokens([3])
    image = image.with_tokens(torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 5.0]]]))
    subject = judged(lambda i, t: (i.pooled * torch.tensor([2.0, -1.0])).sum(-1) + 0 * t.pooled.sum(-1))
    found = GradCam().explain(subject, image, text)
    assert torch.allclose(found.patches, torch.tensor([2 / 3, 1 / 3, 0.0]))
    assert (found.tokens == 0).all()  # the text took no part


def test_layercam_by_hand():
    """The same score: relu of the gradient leaves the first channel alone, so a patch (a, b) gets 2a."""
    image, text = image_tokens(1, grid=(1, 3), width=2), text_tokens([3])
    image = image.with_tokens(torch.tensor([[[1.0, 0.0], [3.0, 1.0], [0.0, 5.0]]]))
    subject = judged(lambda i, t: (i.pooled * torch.tensor([2.0, -1.0])).sum(-1))
    assert torch.allclose(LayerCam().explain(subject, image, text).patches, torch.tensor([0.25, 0.75, 0.0]))


def test_layercam_lets_each_place_speak_for_itself_where_gradcam_averages():
    """Only the first patch counts: Grad-CAM lends its gradient to all patches, Layer-CAM does not."""
    image, text = image_tokens(1, grid=(1, 2), width=1), text_tokens([3])
    image = image.with_tokens(torch.tensor([[[1.0], [1.0]]]))
    subject = judged(lambda i, t: i.tokens[:, 0, 0])
    assert GradCam().explain(subject, image, text).patches.tolist() == [0.5, 0.5]
    assert LayerCam().explain(subject, image, text).patches.tolist() == [1.0, 0.0]


def test_gradcam_of_a_word_reads_that_word_only():
    image, text = image_tokens(1), text_tokens([5])
    subject = judged(lambda i, t: i.pooled.sum(-1) * t.pooled.square().sum(-1))
    found = GradCam().explain(subject, image, text, grid.tokens_of_words(text.layout[0], range(1, 2)))
    assert found.tokens.argmax() == 2  # word 1 stands behind [CLS] and word 0
    assert found.tokens[2] == pytest.approx(1)


def test_gradcam_of_a_place_reads_that_place_only():
    image, text = image_tokens(1), text_tokens([5])
    subject = judged(lambda i, t: (i.pooled[:, :8] * t.pooled).sum(-1))
    place = torch.arange(6) == 3
    found = GradCam().explain(subject, image, text, place=place)
    parts = (text.tokens[0] @ image.tokens[0, 3, :8]).relu()  # gradient of each token is that patch / Nt
    assert torch.allclose(found.tokens, parts / parts.sum(), atol=1e-6)
    assert (found.patches[~place] == 0).all()


# ---- integrated gradients


def test_integrated_gradients_of_a_square_by_hand():
    """f = sum x^2 from b = 0: the gradient along the path is 2 s x, its integral x, so the shares are x^2."""
    x = torch.tensor([[1.0, -2.0, 3.0]])
    found = integrate(lambda path: path.square().sum(-1), torch.zeros_like(x), x, steps=7)
    assert torch.allclose(found, x.square())  # the midpoint rule is exact for a straight line


def test_integrated_gradients_of_a_product_share_evenly_from_zero():
    """f = x y from (0, 0) to (2, 3): each gets the integral of s x y = 3."""
    found = integrate(lambda p: p[:, 0] * p[:, 1], torch.zeros(1, 2), torch.tensor([[2.0, 3.0]]), steps=20)
    assert torch.allclose(found, torch.tensor([[3.0, 3.0]]))


@pytest.mark.parametrize("make", [pooled_subject, cross_subject])
def test_shares_of_words_and_patches_sum_to_what_they_changed(make):
    subject = make()
    image, text = pair_of(subject)
    patches, tokens = IntegratedGradients(steps=64).attributions(subject, image, text)
    with torch.no_grad():
        full = subject.score(image, text)
        no_picture = subject.score(subject.image.read(subject.image.blank, None), text)
        no_words = subject.score(image, subject.text.read(subject.text.blank, None))
    assert patches.sum() == pytest.approx((full - no_picture).item(), abs=2e-3)
    assert tokens.sum() == pytest.approx((full - no_words).item(), abs=2e-3)
    assert abs((full - no_words).item()) > 0.02  # or the test could not fail
    assert tokens[0] == tokens[-1] == 0  # the marks at the ends stay on the whole path


def test_a_rival_text_is_taken_off_the_number():
    subject = pooled_subject()
    image, text = pair_of(subject)
    rival = pair_of(pooled_subject(text=text_tower(3, seed=9)))[1]
    with torch.no_grad():
        a, b = subject.score(image, text), subject.score(image, rival)
        both = Subject(subject.fuse, subject.judge, rival=rival).score(image, text)
    assert torch.allclose(both, a - b) and abs(b.item()) > 1e-3


def test_shares_of_pixels_are_summed_over_their_patch():
    pixels = torch.arange(24.0).reshape(1, 1, 4, 6).expand(1, 3, 4, 6)
    layout = ImageLayout((2, 3), (4, 6), (0.0, 0.0, 6.0, 4.0), prefix=1)
    found = per_patch(pixels, layout)
    assert found[0] == 0 and found[1].item() == 3 * (0 + 1 + 6 + 7) and found.sum() == pixels.sum()


# ---- Grad-ECLIP


def at_three(*gradient: float) -> torch.Tensor:
    """A gradient of five gathered vectors, that of the fourth known, the others large to be noticed if taken."""
    out = torch.full((1, 5, 2), 99.0)
    out[0, 3] = torch.tensor(gradient)
    return out


def test_grad_eclip_by_hand():
    """q = (1, 0); keys at cosines 1, 0 and 0.6, scaled to 1, 0, 0.6; values times gradient (1, -1): 2, 9, -1."""
    last = LastAttention(
        query=torch.tensor([[1.0, 0.0]]),
        keys=torch.tensor([[[7.0, 7.0], [2.0, 0.0], [0.0, 3.0], [3.0, 4.0]]]),
        values=torch.tensor([[[9.0, 0.0], [3.0, 1.0], [9.0, 0.0], [1.0, 2.0]]]),
        gathered=torch.zeros(1, 5, 2),
        token=3,
    )
    found = worth(last, at_three(1.0, -1.0), prefix=1)
    assert torch.allclose(found, torch.tensor([0.0, 2.0, 0.0, 0.0]))
    turned = worth(last, at_three(-1.0, 1.0), prefix=1)
    assert torch.allclose(turned, torch.tensor([0.0, 0.0, 0.0, 0.6]))


def test_grad_eclip_of_equal_keys_counts_values_alone():
    values = torch.tensor([[[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]])
    last = LastAttention(torch.ones(1, 2), torch.ones(1, 3, 2), values, torch.ones(1, 1, 2))
    assert worth(last, torch.tensor([[[1.0, 0.0]]])).tolist() == [1.0, 2.0, 3.0]
