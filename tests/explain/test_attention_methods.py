"""Raw attention, rollout and relevance on cases worked by hand, and against a reference written out in float64."""

from dataclasses import replace

import pytest
import torch

from mmdemo.errors import ChoiceError
from mmdemo.explain.attention import CrossAttention
from mmdemo.explain.base import Subject, readers
from mmdemo.explain.relevance import Relevance, normalised, relevance, weighted
from mmdemo.explain.rollout import Rollout, rollout
from mmdemo.explain.self_attention import SelfAttention
from mmdemo.fusion.early import EarlyFusion
from mmdemo.types import FusionOutput
from tests.tokens import image_tokens, text_tokens
from tests.towers import WIDTH, cross_subject, pair_of, pooled_subject

LOOKED = torch.tensor([[[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]], [[0.3, 0.7], [0.7, 0.3], [1.0, 0.0]]])[None]
VOTES = torch.tensor([0.2, 0.3, 0.5])[None, None, None]


def known_attention() -> Subject:
    out = FusionOutput(torch.zeros(1, 1), {"text_to_image": LOOKED, "joint_to_text": VOTES})
    return Subject(lambda i, t: out, lambda fused: torch.zeros(1), task_traits=frozenset({"cross_attention"}))


def known_pair():
    return image_tokens(1, grid=(1, 2)), text_tokens([3])


# ---- cross-attention


def test_attention_of_one_word_is_the_mean_over_heads_of_its_row():
    one = CrossAttention().explain(known_attention(), *known_pair(), torch.tensor([False, True, False]))
    assert torch.allclose(one.patches, torch.tensor([0.6, 0.4]))
    whole = CrossAttention().explain(known_attention(), *known_pair())  # 0.2 (0.2, 0.8) + 0.3 (0.6, 0.4) + 0.5 (1, 0)
    assert torch.allclose(whole.patches, torch.tensor([0.72, 0.28]))
    assert torch.allclose(whole.tokens, torch.tensor([0.2, 0.3, 0.5]))


def test_one_head_is_shown_alone_and_an_unknown_one_is_refused():
    one = CrossAttention(head=1).explain(known_attention(), *known_pair(), torch.tensor([True, False, False]))
    assert torch.allclose(one.patches, torch.tensor([0.3, 0.7]))
    with pytest.raises(ChoiceError, match="'0', '1'"):
        CrossAttention(head=2).explain(known_attention(), *known_pair())


def test_words_of_a_place_are_those_that_looked_there_times_their_votes():
    """Second patch: votes (0.2, 0.3, 0.5) times looks (0.8, 0.4, 0) = (0.16, 0.12, 0)."""
    found = CrossAttention().explain(known_attention(), *known_pair(), place=torch.tensor([False, True]))
    assert torch.allclose(found.tokens, torch.tensor([4 / 7, 3 / 7, 0.0]))
    assert torch.allclose(found.patches, torch.tensor([0.0, 1.0]))


def test_early_fusion_shows_the_rows_of_its_words():
    fusion = EarlyFusion(12, 8, 16).eval()
    image, text = image_tokens(1), text_tokens([5])
    subject = Subject(fusion, lambda fused: fused.joint.sum(-1), task_traits=fusion.traits)
    with torch.no_grad():
        block = fusion(image, text).attention["all_to_all"][0].mean(0)[6:, :6]  # [Nt, Ni]
    found = CrossAttention().explain(subject, image, text)
    assert torch.allclose(found.patches, block.sum(0) / block.sum(), atol=1e-6)


# ---- self-attention


def test_self_attention_shows_the_row_of_the_chosen_word_in_the_chosen_layer_and_head():
    subject = pooled_subject()
    image, text = pair_of(subject)
    word = torch.arange(6) == 2
    row = text.attentions[0][0, 1, 2]
    found = SelfAttention(layer=0, head=1).explain(subject, image, text, word)
    assert torch.allclose(found.tokens, row / row.sum())
    assert (found.patches == 0).all()  # the picture's tower has no attention
    last = SelfAttention().explain(subject, image, text)
    assert torch.allclose(last.tokens, text.attentions[-1][0].mean((0, 1)), atol=1e-6)


@pytest.mark.parametrize("options", [{"layer": 2}, {"layer": -1}, {"head": 2}, {"head": True}])
def test_a_layer_or_head_that_is_not_there_is_refused(options):
    subject = pooled_subject()
    with pytest.raises(ChoiceError, match="'0', '1'"):
        SelfAttention(**options).explain(subject, *pair_of(subject))


# ---- rollout


def test_rollout_of_two_layers_by_hand():
    """A1 = (I + [[0, 1], [1, 0]]) / 2 and A2 = (I + [[1, 0], [1, 0]]) / 2; rollout = A2 A1."""
    first, second = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]]), torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
    assert torch.allclose(rollout([first, second]), torch.tensor([[0.5, 0.5], [0.5, 0.5]]))
    assert torch.allclose(rollout([second, first]), torch.tensor([[0.75, 0.25], [0.75, 0.25]]))


def test_rollout_rows_sum_to_one_and_the_words_are_their_mean_where_tokens_are_averaged():
    subject = pooled_subject()
    image, text = pair_of(subject)
    rows = rollout([layer[0] for layer in text.attentions])
    assert torch.allclose(rows.sum(-1), torch.ones(6))
    assert torch.allclose(Rollout().explain(subject, image, text).tokens, rows.mean(0), atol=1e-6)


def test_rollout_through_cross_attention_is_vote_times_looks_times_rollout():
    subject = cross_subject()
    image, text = pair_of(subject)
    with torch.no_grad():
        fused = subject.fuse(image, text).attention
    vote, looked = fused["joint_to_text"][0, 0, 0], fused["text_to_image"][0].mean(0)
    found = Rollout().explain(subject, image, text)
    assert torch.allclose(found.patches, vote @ looked, atol=1e-6)
    assert torch.allclose(found.tokens, vote @ rollout([a[0] for a in text.attentions]), atol=1e-6)


# ---- relevance


def test_equations_of_relevance_by_hand():
    attention = torch.tensor([[[0.2, 0.8], [0.5, 0.5]], [[0.6, 0.4], [1.0, 0.0]]])
    gradient = torch.tensor([[[1.0, -1.0], [2.0, 0.0]], [[-1.0, 1.0], [1.0, 5.0]]])
    a = weighted(attention, gradient)  # eq. 5: ((0.2, 0), (1, 0)) and ((0, 0.4), (1, 0)), their mean
    assert torch.allclose(a, torch.tensor([[0.1, 0.2], [1.0, 0.0]]))
    r = relevance([a, a], text_tokens([2]))  # eq. 6: R1 = I + A; R2 = R1 + A R1
    assert torch.allclose(r, torch.tensor([[1.41, 0.42], [2.1, 1.2]]))
    assert torch.allclose(normalised(r), torch.tensor([[1 + 41 / 83, 42 / 83], [21 / 23, 1 + 2 / 23]]))
    assert torch.equal(normalised(torch.eye(2)), torch.eye(2))  # nothing grew, nothing is divided by zero


def test_relevance_equals_a_reference_in_float64():
    """The chain of a cross-attention model written out again, layer by layer, without the method's own functions."""
    subject = cross_subject()
    fuse = subject.fuse.double()
    tower = replace(subject.text, start=subject.text.start.double())
    subject = replace(subject, text=tower, fuse=fuse)
    image, text = subject.image.read(subject.image.start.double(), None), tower.read(tower.start, None)
    read = tower.read(tower.start.clone().requires_grad_(), None)
    fused = fuse(image, read)
    maps = [*read.attentions, fused.attention["text_to_image"], fused.attention["joint_to_text"]]
    grads = torch.autograd.grad(fused.joint.sum(), maps)
    first, second, look, vote = ((a * g).clamp_min(0).mean(1)[0].detach() for a, g in zip(maps, grads, strict=True))
    eye = torch.eye(6, dtype=torch.float64)
    r = (eye + second) @ (eye + first)
    grown = (r - eye) / (r - eye).sum(-1, keepdim=True) + eye
    votes = vote[0] if vote.sum() > 0 else fused.attention["joint_to_text"][0, 0, 0].detach()
    patches, tokens = votes @ (grown.T @ look), votes @ r
    found = Relevance().explain(subject, image, text)
    assert torch.allclose(found.patches, patches / patches.sum(), atol=1e-9)
    assert torch.allclose(found.tokens, tokens / tokens.sum(), atol=1e-9)


def test_relevance_of_a_convolutional_picture_is_grad_cam():
    from mmdemo.explain.gradcam import GradCam

    subject = pooled_subject()
    pair = pair_of(subject)
    assert torch.allclose(Relevance().explain(subject, *pair).patches, GradCam().explain(subject, *pair).patches)


def test_relevance_through_early_fusion_follows_its_one_attention():
    fusion = EarlyFusion(WIDTH, WIDTH, 16).eval().requires_grad_(False)
    subject = pooled_subject(fuse=fusion, task_traits=fusion.traits)
    image, text = pair_of(subject)
    with torch.enable_grad():
        leaf = image.with_tokens(image.tokens.clone().requires_grad_())
        fused = fusion(leaf, text)
        a = fused.attention["all_to_all"]
        (gradient,) = torch.autograd.grad(fused.joint.sum(), a)
    columns = (a * gradient).relu().mean(1)[0].sum(0).detach()[:6]
    found = Relevance().explain(subject, image, text)
    assert torch.allclose(found.patches, columns / columns.sum(), atol=1e-5)


# ---- which tokens are pooled


def test_readers_are_all_tokens_of_a_mean_and_one_of_a_class_token():
    image = image_tokens(1)
    assert torch.allclose(readers(image), torch.full((6,), 1 / 6))
    classed = replace(image, pool=lambda tokens, mask: tokens[:, 0])
    assert readers(classed).tolist() == [1, 0, 0, 0, 0, 0]
