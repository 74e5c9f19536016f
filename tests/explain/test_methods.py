"""Explanation methods on cases worked by hand, and the way back from tokens to pixels and words."""

import numpy as np
import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.explain import grid
from mmdemo.explain.attention import CrossAttention
from mmdemo.explain.base import Subject, shares
from mmdemo.explain.gradcam import GradCam
from mmdemo.fusion.cross_attention import CrossAttentionFusion
from mmdemo.types import FusionOutput, ImageLayout, TextLayout
from tests.tokens import image_tokens, text_tokens


def cross_subject() -> Subject:
    torch.manual_seed(0)
    fusion = CrossAttentionFusion(12, 8, 16).eval()
    return Subject(lambda i, t: fusion(i, t).joint.sum(-1), fusion)


@pytest.mark.parametrize("method", [CrossAttention(), GradCam()])
@pytest.mark.parametrize("word", [None, 1])
def test_weights_are_shares_of_one_and_carry_no_gradient(method, word):
    image, text = image_tokens(1), text_tokens([6])
    mask = None if word is None else grid.tokens_of_words(text.layout[0], range(word, word + 1))
    found = method.explain(cross_subject(), image, text, mask)
    for weights, n in ((found.patches, 6), (found.tokens, 6)):
        assert weights.shape == (n,)
        assert (weights >= 0).all() and weights.sum() == pytest.approx(1, abs=1e-5)
        assert not weights.requires_grad


def test_attention_of_one_word_is_the_mean_over_heads_of_its_row():
    looked = torch.tensor([[[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]], [[0.3, 0.7], [0.7, 0.3], [1.0, 0.0]]])[None]
    votes = torch.tensor([0.2, 0.3, 0.5])[None, None, None]
    out = FusionOutput(torch.zeros(1, 1), {"text_to_image": looked, "joint_to_text": votes})
    subject = Subject(lambda i, t: torch.zeros(1), lambda i, t: out)
    image, text = image_tokens(1, grid=(1, 2)), text_tokens([3])
    one = CrossAttention().explain(subject, image, text, torch.tensor([False, True, False]))
    assert torch.allclose(one.patches, torch.tensor([0.6, 0.4]))
    whole = CrossAttention().explain(subject, image, text, None)  # 0.2 (0.2, 0.8) + 0.3 (0.6, 0.4) + 0.5 (1, 0)
    assert torch.allclose(whole.patches, torch.tensor([0.72, 0.28]))
    assert torch.allclose(whole.tokens, torch.tensor([0.2, 0.3, 0.5]))


def test_attention_refuses_a_model_without_it():
    assert not CrossAttention().is_compatible(Subject(lambda i, t: torch.zeros(1)))
    with pytest.raises(IncompatibleError, match="no cross-attention"):
        CrossAttention().explain(Subject(lambda i, t: torch.zeros(1)), image_tokens(1), text_tokens([3]), None)


def test_gradcam_by_hand():
    """score = pooled . (2, -1): channel weights (2, -1) / Ni, so a patch (a, b) gets relu(2a - b), shared out."""
    image, text = image_tokens(1, grid=(1, 3), width=2), text_tokens([3])
    image = image.with_tokens(torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 5.0]]]))
    subject = Subject(lambda i, t: (i.pooled * torch.tensor([2.0, -1.0])).sum(-1) + 0 * t.pooled.sum(-1))
    found = GradCam().explain(subject, image, text, None)
    assert torch.allclose(found.patches, torch.tensor([2 / 3, 1 / 3, 0.0]))
    assert (found.tokens == 0).all()  # the text took no part


def test_gradcam_of_a_word_reads_that_word_only():
    image, text = image_tokens(1), text_tokens([5])
    subject = Subject(lambda i, t: i.pooled.sum(-1) * t.pooled.square().sum(-1))
    found = GradCam().explain(subject, image, text, grid.tokens_of_words(text.layout[0], range(1, 2)))
    assert found.tokens.argmax() == 2  # word 1 stands behind [CLS] and word 0
    assert found.tokens[2] == pytest.approx(1)


def test_shares_of_nothing_are_zeros_not_nan():
    assert (shares(torch.tensor([-1.0, -2.0])) == 0).all()


def test_image_map_has_the_pictures_size_and_stays_inside_the_box():
    layout = ImageLayout(grid=(2, 2), size=(40, 60), box=(10.0, 0.0, 50.0, 40.0))
    out = grid.to_image_map(torch.tensor([[1.0, 0.0], [0.0, 0.0]]), layout)
    assert out.shape == (40, 60) and out.dtype == np.float32
    assert (out[:, :10] == 0).all() and (out[:, 50:] == 0).all()
    assert out[5, 15] == pytest.approx(1.0, abs=0.01) and out[35, 45] == 0
    top_left = out[:20, 10:30].sum() / out.sum()
    assert top_left > 0.6


def test_prefix_tokens_are_left_out_of_the_patch_map():
    layout = ImageLayout(grid=(1, 2), size=(4, 4), box=(0, 0, 4, 4), prefix=1)
    assert grid.to_patch_map(torch.tensor([9.0, 1.0, 2.0]), layout).tolist() == [[1.0, 2.0]]


def test_word_weights_sum_the_pieces_of_a_word_and_give_cut_words_nothing():
    layout = TextLayout(
        "jumping 狗 cut", ("[CLS]", "jump", "##ing", "狗", "[SEP]"), (None, 0, 0, 1, None), ("jumping", "狗", "cut"), 1
    )
    weights = grid.to_word_weights(torch.tensor([0.1, 0.2, 0.3, 0.4, 0.0]), layout)
    assert weights == (("jumping", pytest.approx(0.5)), ("狗", pytest.approx(0.4)), ("cut", 0.0))
