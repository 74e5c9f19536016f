"""The image tower's contract, on random weights: shapes, layouts, the range of its input, pictures of odd sizes."""

import pytest
import torch
from PIL import Image

from mmdemo.encoders.mobilenet import MobileNetEncoder
from mmdemo.types import Batch, ImageLayout


@pytest.fixture(scope="module")
def encoder() -> MobileNetEncoder:
    torch.manual_seed(0)
    return MobileNetEncoder(size=65).eval()


def picture(width: int, height: int, colour: tuple[int, int, int] = (200, 30, 90)) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def test_tokens_are_the_cells_of_the_grid_and_all_real(encoder):
    with torch.no_grad():
        said = encoder(encoder.prepare([picture(40, 30), picture(30, 40)]))
    assert encoder.modality == "image"
    assert said.tokens.shape == (2, 9, encoder.width)
    assert said.pooled.shape == (2, 1280)
    assert said.mask.all()
    torch.testing.assert_close(said.pooled, said.tokens.mean(1))


def test_layout_keeps_the_picture_as_it_was_given(encoder):
    assert encoder.prepare([picture(40, 30)]).layout == (ImageLayout((3, 3), (30, 40), (0.0, 0.0, 40.0, 30.0)),)


@pytest.mark.parametrize("size", [32, 64, 97, 224, 225])
def test_grid_is_that_of_the_real_feature_map(size):
    with torch.device("meta"):  # shapes alone, nothing is computed
        encoder = MobileNetEncoder(size).eval()
        found = encoder.features(torch.zeros(1, 3, size, size))
    assert encoder.grid() == tuple(found.shape[2:])


def test_prepared_pixels_run_from_minus_one_to_one(encoder):
    pixels = encoder.prepare([picture(9, 9, (0, 0, 0)), picture(9, 9, (255, 255, 255))]).tensors["pixels"]
    assert pixels.shape == (2, 3, 65, 65)
    assert pixels.dtype == torch.float32
    assert pixels.is_contiguous(memory_format=torch.channels_last)
    assert (pixels[0] == -1).all()
    assert (pixels[1] == 1).all()


def test_channels_are_red_green_blue(encoder):
    pixels = encoder.prepare([picture(9, 9, (255, 0, 0))]).tensors["pixels"]
    assert pixels.amax((0, 2, 3)).tolist() == [1, -1, -1]


@pytest.mark.parametrize("size", [(1, 1), (20_000, 10), (10, 20_000), (65, 65), (1500, 1000)])
def test_pictures_of_any_size_are_pressed_into_the_square(encoder, size):
    batch = encoder.prepare([picture(*size)])
    assert batch.tensors["pixels"].shape == (1, 3, 65, 65)
    assert batch.layout[0].size == (size[1], size[0])
    with torch.no_grad():
        assert torch.isfinite(encoder(batch).tokens).all()


def test_reducing_first_changes_a_large_picture_by_less_than_a_grey_level_in_the_mean(encoder):
    large = Image.effect_noise((1500, 1100), 60).convert("RGB")
    plain = torch.tensor(list(large.resize((65, 65), Image.Resampling.BICUBIC).tobytes())).view(65, 65, 3)
    ours = encoder.prepare([large]).tensors["pixels"][0].permute(1, 2, 0).add(1).mul(127.5)
    assert (ours - plain).abs().mean() < 1.0


def test_the_same_picture_gives_the_same_tokens_alone_and_in_company(encoder):
    a, b = picture(50, 20), picture(20, 50, (0, 90, 250))
    with torch.no_grad():
        together, alone = encoder(encoder.prepare([a, b])), encoder(encoder.prepare([a]))
    torch.testing.assert_close(together.tokens[:1], alone.tokens, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together.item(0).pooled, alone.pooled, rtol=1e-4, atol=1e-5)


def test_weights_have_torchvisions_names(encoder):
    names = set(encoder.state_dict())
    assert "features.0.0.weight" in names
    assert "features.18.1.running_var" in names
    assert all(name.startswith("features.") for name in names)


def test_prepared_batches_can_be_joined(encoder):
    joined = Batch.join([encoder.prepare([picture(8, 9)]), encoder.prepare([picture(9, 8)])])
    assert joined.tensors["pixels"].shape == (2, 3, 65, 65)
    assert len(joined.layout) == 2
