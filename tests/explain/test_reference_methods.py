"""Occlusion and token similarity: the methods that only ask, against what they should hear."""

from dataclasses import replace

import torch

from mmdemo.explain.base import Subject
from mmdemo.explain.occlusion import Occlusion, dropped, hidden, windows
from mmdemo.explain.token_similarity import TokenSimilarity
from mmdemo.fusion.cosine import CosineFusion
from mmdemo.types import FusionOutput, ImageLayout, TextLayout
from tests.tokens import image_tokens, text_tokens
from tests.towers import IMAGE_LAYOUT, pair_of, pooled_subject, text_tower


def test_windows_stand_on_their_patches_and_stay_inside():
    found = windows((2, 3), 8, 12, size=1.0)
    assert [(w.top, w.bottom, w.left, w.right) for w in found[:4]] == [
        (0, 4, 0, 4),
        (0, 4, 4, 8),
        (0, 4, 8, 12),
        (4, 8, 0, 4),
    ]
    wide = windows((2, 3), 8, 12, size=2.0)[0]
    assert (wide.top, wide.bottom, wide.left, wide.right) == (0, 6, 0, 6)


def test_hiding_changes_the_window_alone():
    start, blank = torch.ones(1, 3, 8, 12), torch.zeros(1, 3, 8, 12)
    out = hidden(start, blank, IMAGE_LAYOUT, size=1.0)
    assert out.shape == (6, 3, 8, 12)
    assert (out[4, :, 4:8, 4:8] == 0).all() and out[4].sum() == 3 * (96 - 16)


def test_occlusion_finds_the_patch_and_the_word_that_make_the_number():
    """number = mean colour of patch 4 plus the first channel of word 2, through towers that keep things apart."""
    subject = pooled_subject(text=text_tower(layers=0))  # so that words stay apart
    subject = Subject(
        lambda i, t: FusionOutput(i.pooled[:, :1] * 0 + i.tokens[:, 4].sum(-1, keepdim=True) + _word_two(t)),
        lambda fused: fused.joint[:, 0],
        image=subject.image,
        text=subject.text,
    )
    image, text = pair_of(subject)
    found = Occlusion(size=1.0).explain(subject, image, text)
    assert found.patches.abs().argmax() == 4 and found.patches[[0, 1, 2, 3, 5]].abs().max() < 1e-6
    assert found.tokens.abs().argmax() == 3 and found.tokens[[0, 1, 2, 4, 5]].abs().max() < 1e-6


def _word_two(text):
    return (text.tokens[:, 3, :1] * text.mask[:, 3:4]) * 5


def test_a_fall_that_is_a_rise_is_negative():
    subject = pooled_subject()
    image, text = pair_of(subject)
    turned = Subject(subject.fuse, lambda fused: -subject.judge(fused), image=subject.image, text=subject.text)
    one, other = (Occlusion().explain(s, image, text) for s in (subject, turned))
    assert torch.allclose(one.patches, -other.patches, atol=1e-5) and torch.allclose(
        one.tokens, -other.tokens, atol=1e-5
    )


def test_every_word_is_dropped_once_with_all_its_pieces():
    layout = TextLayout(
        "jumping dog cut",
        ("[CLS]", "jump", "##ing", "dog", "[SEP]"),
        (None, 0, 0, 1, None),
        ("jumping", "dog", "cut"),
        1,
    )
    kept, words = dropped(layout, 5)
    assert words == [0, 1]  # the third was never read
    assert kept.tolist() == [[True, False, False, True, True], [True, True, True, False, True]]
    assert dropped(layout, 5, torch.tensor([False, False, False, True, False]))[1] == [0]  # the asked word stays


def test_token_similarity_is_the_cosine_of_each_patch_alone():
    torch.manual_seed(0)
    fusion = CosineFusion(12, 8, 16).eval()
    image, text = image_tokens(1), text_tokens([5])
    subject = Subject(fusion, lambda fused: fused.joint.sum(-1), task_traits=frozenset({"dual_encoder"}))
    with torch.no_grad():
        cosines = fusion.embed_image(image.tokens[0]) @ fusion.embed_text(text.pooled)[0]  # [Ni]
        words = fusion.embed_text(text.tokens[0]) @ fusion.embed_image(image.pooled)[0]  # [Nt]
    found = TokenSimilarity().explain(subject, image, text)
    assert torch.allclose(found.patches, cosines / cosines.abs().sum(), atol=1e-5)
    words[[0, -1]] = 0  # special tokens are no words
    assert torch.allclose(found.tokens, words / words.abs().sum(), atol=1e-5)


def test_prefix_tokens_get_no_similarity():
    image, text = image_tokens(1, grid=(1, 6)), text_tokens([4])
    image = replace(image, layout=(ImageLayout((1, 5), (20, 30), (0.0, 0.0, 30.0, 20.0), prefix=1),))
    fusion = CosineFusion(12, 8, 16).eval()
    found = TokenSimilarity().explain(
        Subject(fusion, lambda fused: fused.joint.sum(-1), task_traits=frozenset({"dual_encoder"})), image, text
    )
    assert found.patches[0] == 0 and (found.patches[1:] != 0).all()
