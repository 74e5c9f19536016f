"""What number is explained: log odds against probabilities worked out by hand, for every head."""

import pytest
import torch

from mmdemo.errors import ChoiceError
from mmdemo.tasks.fused import FUSIONS, LABELS, FusedTask
from mmdemo.tasks.matching import CrossAttentionMatching, DualEncoderMatching
from mmdemo.tasks.sentiment import Sentiment
from mmdemo.tasks.targets import log_odds, shown
from tests.tokens import image_tokens, text_tokens

THREE = ("negative", "neutral", "positive")


def test_log_odds_of_a_label_are_those_of_its_probability():
    probabilities = torch.tensor([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]])
    found = log_odds(probabilities.log() + 4.0, THREE, "positive")  # a shift of all logits changes nothing
    assert torch.allclose(found.sigmoid(), torch.tensor([0.5, 0.1]))
    assert torch.allclose(shown(found, "positive"), torch.tensor([0.5, 0.1]))


def test_one_label_rather_than_another_is_the_ratio_of_the_two():
    found = log_odds(torch.tensor([[0.2, 0.3, 0.5]]).log(), THREE, ("positive", "negative"))
    assert found.item() == pytest.approx(torch.tensor(2.5).log().item())
    assert found.sigmoid().item() == pytest.approx(0.5 / 0.7)


@pytest.mark.parametrize("target", ["happy", ("positive", "happy")])
def test_unknown_labels_list_the_known_ones(target):
    with pytest.raises(ChoiceError, match="'negative', 'neutral', 'positive'"):
        log_odds(torch.zeros(1, 3), THREE, target)


def test_a_cosine_is_shown_as_it_is():
    assert shown(torch.tensor([-0.3]), "similarity").item() == pytest.approx(-0.3)


def every_head():
    torch.manual_seed(0)
    yield DualEncoderMatching(12, 8, 16)
    yield CrossAttentionMatching(12, 8, 16)
    yield Sentiment(12, 8, 16)
    for task in LABELS:
        for fusion in FUSIONS:
            options = {"options": len(LABELS[task])} if fusion == "late" else {}
            yield FusedTask(fusion, task, 12, 8, 16, **options)


def test_every_head_judges_each_of_its_targets_as_it_predicts():
    image, text = image_tokens(1), text_tokens([5])
    for head in every_head():
        head.eval()
        with torch.no_grad():
            fused = head.fuse(image, text)
            assert head.own_target(fused) in head.targets
            judged = {name: shown(head.judge(fused, name), name).item() for name in head.targets}
        assert judged == pytest.approx(expected(head, image, text), abs=1e-5)


def expected(head, image, text) -> dict[str, float]:
    """The same probabilities by the way that the page takes."""
    if isinstance(head, DualEncoderMatching):
        with torch.no_grad():
            cosine = head.similarity(image, text)
            return {"similarity": cosine.item(), "match": head.calibration(cosine).item()}
    if isinstance(head, CrossAttentionMatching):
        return {"match": head.answer(image, text)["matching"]["match"]}
    (answer,) = head.answer(image, text).values()
    assert tuple(answer) == head.targets
    return answer


def test_attention_that_is_handed_back_is_the_one_that_made_the_answer():
    """A gradient must reach it, or the methods that weigh attention by its gradient see nothing."""
    image, text = image_tokens(1), text_tokens([5])
    for head in every_head():
        head.eval()
        fused = head.fuse(image, text)
        assert tuple(fused.attention) in ((), ("all_to_all",), ("text_to_image", "joint_to_text"))
        assert bool(fused.attention) == ("cross_attention" in head.traits)
        for map_ in fused.attention.values():
            (gradient,) = torch.autograd.grad(fused.joint.square().sum(), map_, retain_graph=True)
            assert gradient.abs().sum() > 0
