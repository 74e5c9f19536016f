"""What holds for every explanation method, and the way back from tokens to pixels and words."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from mmdemo.engine.methods import METHODS
from mmdemo.errors import IncompatibleError
from mmdemo.explain import grid
from mmdemo.explain.base import shares
from mmdemo.types import ImageLayout, TextLayout
from tests.towers import cross_subject, pair_of, pooled_subject, text_tower

METHODS_OF = {"pooled": pooled_subject, "cross": cross_subject}


def fitting() -> list[tuple[str, str]]:
    """(subject, method) for all that fit each other."""
    return [(s, m) for s, make in METHODS_OF.items() for m, how in METHODS.items() if how.fits(make().traits)]


@pytest.mark.parametrize("asked", [None, "word", "place", "rival"])
@pytest.mark.parametrize(("kind", "name"), fitting())
def test_weights_are_shares_of_one_and_carry_no_gradient(kind, name, asked):
    subject = METHODS_OF[kind]()
    image, text = pair_of(subject)
    if asked == "rival":
        subject = replace(subject, rival=pair_of(pooled_subject(text=text_tower(3, seed=5)))[1])
    word = grid.tokens_of_words(text.layout[0], range(1, 2)) if asked == "word" else None
    place = torch.arange(6) == 4 if asked == "place" else None
    found = METHODS[name]().explain(subject, image, text, word, place)
    for weights in (found.patches, found.tokens):
        assert weights.shape == (6,) and weights.isfinite().all() and not weights.requires_grad
        assert weights.abs().sum() == pytest.approx(1, abs=1e-5) or (weights == 0).all()
        assert METHODS[name].signed or (weights >= 0).all()
    assert found.patches.abs().sum() + found.tokens.abs().sum() > 0


def test_every_model_has_methods_for_it_and_every_method_says_where_it_comes_from():
    fit = fitting()
    assert len([m for s, m in fit if s == "pooled"]) == 8 and len([m for s, m in fit if s == "cross"]) == 9
    for how in METHODS.values():
        assert re.search(r"(19|20)\d\d", how.paper) and how.cost and how.name


@pytest.mark.parametrize("name", [n for n in METHODS if n not in [m for s, m in fitting() if s == "pooled"]])
def test_a_method_refuses_what_it_does_not_fit(name):
    subject = pooled_subject()
    with pytest.raises(IncompatibleError, match="does not fit") as caught:
        METHODS[name]().explain(subject, *pair_of(subject))
    assert caught.value.code == "method_does_not_fit"


@pytest.mark.parametrize("name", ["gradcam", "layercam", "integrated_gradients", "occlusion", "relevance"])
def test_another_number_gives_another_map(name):
    subject = pooled_subject()
    image, text = pair_of(subject)
    one = METHODS[name]().explain(subject, image, text)
    other = METHODS[name]().explain(replace(subject, judge=lambda fused: -fused.joint[:, 0]), image, text)
    assert not torch.allclose(one.patches, other.patches, atol=1e-3)


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


def test_a_token_over_two_words_gives_each_its_part_and_is_read_for_either():
    layout = TextLayout("的小狗", ("的小", "狗"), (0, 1), ("的", "小狗"), shared=((0, 0, 0.25), (0, 1, 0.75)))
    weights = grid.to_word_weights(torch.tensor([0.8, 0.1]), layout)
    assert weights == (("的", pytest.approx(0.2)), ("小狗", pytest.approx(0.7)))
    assert grid.tokens_of_words(layout, range(1)).tolist() == [True, False]
    assert grid.tokens_of_words(layout, range(1, 2)).tolist() == [True, True]
