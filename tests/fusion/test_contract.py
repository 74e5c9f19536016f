"""Every fusion of the table keeps the same promises, on tiny random token sets."""

import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.fusion.concat import ConcatFusion
from mmdemo.fusion.cosine import CosineFusion
from mmdemo.tasks.fused import FUSIONS
from tests.tokens import image_tokens, text_tokens

OPTIONS = {"late": {"options": 5}}
TAKES_ONE_SIDE = {"concat"}


@pytest.fixture(params=list(FUSIONS))
def name(request):
    return request.param


@pytest.fixture
def fusion(name):
    torch.manual_seed(0)
    return FUSIONS[name](12, 8, 16, **OPTIONS.get(name, {})).eval()


def test_joint_has_one_row_per_pair_and_the_stated_width(fusion):
    out = fusion(image_tokens(3, width=12), text_tokens([5, 2, 7], width=8))
    assert out.joint.shape == (3, fusion.width)
    assert out.joint.isfinite().all()


def test_attention_rows_sum_to_one_and_padding_gets_nothing(fusion):
    text = text_tokens([5, 2, 7], width=8)
    out = fusion(image_tokens(3, width=12), text)
    for direction, a in out.attention.items():
        assert torch.allclose(a.sum(-1), torch.ones(a.shape[:-1]), atol=1e-5)
        if direction.endswith("to_text"):
            assert (a[~text.mask[:, None, None, :].expand_as(a)] == 0).all()
        if direction == "all_to_all":
            keys = torch.cat([torch.ones(3, 6, dtype=torch.bool), text.mask], 1)
            assert (a[~keys[:, None, None, :].expand_as(a)] == 0).all()


def test_a_pair_alone_gives_the_same_answer_as_in_a_batch(fusion):
    image, text = image_tokens(3, width=12), text_tokens([5, 2, 7], width=8)
    together = fusion(image, text).joint
    alone = torch.cat([fusion(image.item(i), text.item(i)).joint for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_answer_depends_on_both_sides(fusion):
    image, text = image_tokens(2, width=12), text_tokens([4, 4], width=8)
    joint = fusion(image, text).joint
    assert not torch.allclose(joint, fusion(image_tokens(2, width=12, seed=9), text).joint)
    assert not torch.allclose(joint, fusion(image, text_tokens([4, 4], width=8, seed=9)).joint)


def test_a_missing_side_is_taken_or_refused_clearly(name, fusion):
    image, text = image_tokens(2, width=12), text_tokens([4, 3], width=8)
    for pair in ((image, None), (None, text)):
        if name in TAKES_ONE_SIDE:
            assert fusion(*pair).joint.shape == (2, fusion.width)
        else:
            with pytest.raises(IncompatibleError, match="missing"):
                fusion(*pair)


def test_gradients_reach_every_parameter(fusion):
    image, text = image_tokens(3, width=12), text_tokens([5, 2, 7], width=8)
    out = [fusion(image, text).joint]
    if isinstance(fusion, ConcatFusion):
        out += [fusion(None, text).joint, fusion(image, None).joint]
    if hasattr(fusion, "rebuilding_loss"):
        out.append(fusion.rebuilding_loss(out[0], image, text)[None])
    sum((x * torch.linspace(-1, 2, x.numel()).view_as(x)).sum() for x in out).backward()
    assert [n for n, p in fusion.named_parameters() if p.grad is None] == []


def test_reading_and_then_fusing_is_what_forward_does(fusion):
    image, text = image_tokens(3, width=12), text_tokens([5, 2, 7], width=8)
    v, t = fusion.read_image(image), fusion.read_text(text)
    assert torch.equal(fusion.fuse(v, t).joint, fusion(image, text).joint)
    for name, tensor in fusion.insides(v, t, fusion.fuse(v, t)).items():
        assert name and len(tensor) == 3 and tensor.isfinite().all()


def test_every_fusion_has_a_formula(fusion):
    assert "h" in fusion.formula and fusion.formula.count("{") == fusion.formula.count("}")


def test_cosine_joint_sums_to_the_cosine_of_the_two_embeddings():
    torch.manual_seed(0)
    fusion = CosineFusion(12, 8, 16).eval()
    image, text = image_tokens(3, width=12), text_tokens([5, 2, 7], width=8)
    a, b = fusion.embed_image(image.pooled), fusion.embed_text(text.pooled)
    assert torch.allclose(a.norm(dim=-1), torch.ones(3))
    assert torch.allclose(fusion(image, text).joint.sum(-1), torch.cosine_similarity(a, b), atol=1e-6)
