"""Finer maps: twice as many places a side, of the same picture, and places of the plain grid found again in them."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from mmdemo.encoders.efficientnet_lite import EfficientNetLiteEncoder
from mmdemo.errors import IncompatibleError
from mmdemo.explain.base import Subject, Tower
from mmdemo.explain.finer import FineAttention, FineSimilarity
from mmdemo.explain.grid import on_one_grid, to_patch_map
from mmdemo.explain.token_similarity import TokenSimilarity
from mmdemo.fusion.cosine import CosineFusion
from mmdemo.types import ImageLayout
from tests.tokens import image_tokens, text_tokens


def subject_of(fine) -> Subject:
    torch.manual_seed(0)
    tower = Tower(
        torch.zeros(1, 3, 2, 3),
        lambda: torch.zeros(1, 3, 2, 3),
        lambda start, kept: fine,
        traits=frozenset({"reread", "finer"}),
        finer=lambda: fine,
    )
    return Subject(
        CosineFusion(12, 8, 16).eval(),
        lambda fused: fused.joint.sum(-1),
        image=tower,
        task_traits=frozenset({"dual_encoder"}),
    )


def fine_tokens():
    return image_tokens(1, grid=(4, 6), seed=5)


def test_the_finer_map_is_the_plain_methods_map_of_both_readings_each_in_its_own_deviations():
    fine, image, text = fine_tokens(), image_tokens(1), text_tokens([5])
    subject = subject_of(fine)
    found = FineSimilarity().explain(subject, image, text)
    assert to_patch_map(found.patches, found.layout).shape == (4, 6)
    larger, plain = (TokenSimilarity().explain(subject, side, text).patches for side in (fine, image))
    stretched = F.interpolate(plain.view(1, 1, 2, 3), size=(4, 6), mode="bicubic").flatten()
    both = stretched / stretched.std() + larger / larger.std()
    above = both - both.min()
    assert torch.allclose(found.patches, above / above.sum(), atol=1e-6) and not FineSimilarity.signed


def test_a_place_of_the_plain_grid_is_four_places_of_the_finer_one():
    fine, image, text = fine_tokens(), image_tokens(1), text_tokens([5])
    subject, place = subject_of(fine), torch.zeros(6, dtype=torch.bool)
    place[4] = True  # second row, second column of 2 x 3
    four = torch.zeros(4, 6, dtype=torch.bool)
    four[2:4, 2:4] = True
    found = FineSimilarity().explain(subject, image, text, place=place)
    for_it = TokenSimilarity().explain(subject, fine, text, place=four.flatten()).tokens.clamp_min(0)
    assert torch.allclose(found.tokens, for_it / for_it.sum())  # unsigned: a word against the answer has no weight


def test_a_tower_that_reads_one_size_has_no_finer_map():
    subject = subject_of(fine_tokens())
    plain = replace(subject, image=replace(subject.image, finer=None, traits=frozenset({"reread"})))
    assert not FineSimilarity.fits(plain.traits)
    with pytest.raises(IncompatibleError):
        FineSimilarity().explain(plain, image_tokens(1), text_tokens([5]))
    assert not FineAttention.fits(subject.traits)  # a cosine has no attention


def test_the_encoder_reads_twice_as_many_places_a_side_of_the_whole_picture():
    torch.manual_seed(0)
    encoder = EfficientNetLiteEncoder("lite0", size=64).eval()
    picture = Image.new("RGB", (50, 30), "red")
    fine = encoder.finer(picture)
    assert encoder.grid() == (2, 2) and fine.layout == (ImageLayout((4, 4), (30, 50), (0.0, 0.0, 50.0, 30.0)),)
    assert fine.tokens.shape == (1, 16, 1280)


def test_maps_are_averaged_down_to_the_coarsest_grid():
    coarse, fine = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 2.0, 4.0, 0.0], [4.0, 2.0, 0.0, 4.0]])
    one, other = on_one_grid([coarse.numpy(), fine.numpy()])
    assert one.tolist() == [[1.0, 2.0]] and other.tolist() == [[2.0, 2.0]]
