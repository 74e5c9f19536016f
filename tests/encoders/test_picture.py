"""What explanations ask of every image tower: to be entered at the pixels, and what nothing looks like."""

import pytest
import torch
from PIL import Image

from mmdemo.encoders.efficientnet_lite import EfficientNetLiteEncoder
from mmdemo.encoders.picture import blurred, cut_out
from mmdemo.encoders.resnet import ImageNetResNet


def test_blurring_keeps_the_mean_and_takes_the_detail():
    torch.manual_seed(0)
    pixels = torch.rand(2, 3, 40, 60)
    out = blurred(pixels)
    assert out.shape == pixels.shape
    assert torch.allclose(out.mean((2, 3)), pixels.mean((2, 3)), atol=0.02)
    assert out.std() < 0.1 * pixels.std()
    assert torch.allclose(blurred(torch.full((1, 3, 9, 9), 0.7)), torch.full((1, 3, 9, 9), 0.7), atol=1e-5)


def test_a_point_becomes_a_round_gaussian_of_a_tenth_of_the_side():
    pixels = torch.zeros(1, 3, 61, 61)
    pixels[..., 30, 30] = 1
    out = blurred(pixels)[0, 0]
    assert torch.allclose(out, out.T, atol=1e-7) and out.argmax() == 30 * 61 + 30
    ratio = (out[30, 36] / out[30, 30]).item()  # 6 pixels from the middle, sigma 6.1
    assert abs(ratio - torch.tensor(-0.5 * (6 / 6.1) ** 2).exp().item()) < 1e-3


def test_tiny_pictures_are_blurred_too():
    assert blurred(torch.rand(1, 3, 2, 2)).isfinite().all()


def test_a_tower_entered_at_the_pixels_says_the_same_and_passes_gradients_on():
    torch.manual_seed(0)
    encoder = EfficientNetLiteEncoder("lite0", 65).eval()
    batch = encoder.prepare([Image.new("RGB", (40, 30), (200, 30, 90))])
    start = encoder.start(batch).clone().requires_grad_()
    said = encoder.reread(torch.cat([start, encoder.nothing(batch)]), batch)
    assert said.tokens.shape[0] == 2 and len(said.layout) == 2
    with torch.no_grad():
        assert torch.allclose(said.tokens[0], encoder(batch).tokens[0], atol=1e-4)
    (gradient,) = torch.autograd.grad(said.pooled[0].sum(), start)
    assert gradient.abs().sum() > 0


@pytest.mark.parametrize("size", [(1_000_000, 2), (3, 500_000)])
def test_of_a_long_strip_only_the_middle_is_enlarged(size):
    """Whole it would have 224 x 112,000,000 pixels."""
    pixels, (box,) = cut_out([Image.new("RGB", size)], ImageNetResNet.settings)
    assert pixels.shape == (1, 3, 224, 224)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    assert middle == pytest.approx((size[0] / 2, size[1] / 2), abs=1)
    assert max(box[2] - box[0], box[3] - box[1]) <= min(size)
