"""The three heads on tiny random token sets, and calibration against a known answer."""

import numpy as np
import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.matching import Calibration, CrossAttentionMatching, DualEncoderMatching
from mmdemo.tasks.sentiment import FEELINGS, Sentiment, fit_temperature
from mmdemo.training.matching_losses import contrast
from mmdemo.types import MatchBackground
from tests.tokens import image_tokens, text_tokens

BACKGROUND = MatchBackground(np.array([-1.0, 0.0, 1.0]), np.array([0.2, 0.8]), np.array([0.75, 0.25]), "two bins")


def test_percentile_is_linear_inside_a_bin():
    assert BACKGROUND.percentile(np.array([-1.0, 0.0, 0.5, 1.0])) == pytest.approx([0, 75, 87.5, 100])


def test_calibration_finds_the_logistic_that_made_the_labels():
    torch.manual_seed(0)
    value = torch.rand(40_000) * 2 - 1
    truth = (torch.rand(40_000) < torch.sigmoid(6 * value - 2)).float()
    calibration = Calibration()
    calibration.fit(value, truth)
    assert calibration.slope.item() == pytest.approx(6, abs=0.25)
    assert calibration.offset.item() == pytest.approx(-2, abs=0.15)


def test_dual_encoder_shares_only_among_several_texts():
    torch.manual_seed(0)
    head = DualEncoderMatching(12, 8, 16).eval()
    image = head.fusion.embed_image(image_tokens(1, width=12))[0]
    texts = head.fusion.embed_text(text_tokens([4, 5, 6], width=8))
    three = head.rank(image, texts, ("a", "b", "c"), (0, 0, 0), BACKGROUND)
    assert three.share.sum() == pytest.approx(1) and three.share.argmax() == three.similarity.argmax()
    one = head.rank(image, texts[:1], ("a",), (0,), BACKGROUND)
    assert one.share is None
    assert one.probability[0] == pytest.approx(three.probability[0])  # a text's probability is its own


def test_contrastive_loss_does_not_punish_a_twin():
    logits = torch.tensor([[5.0, 5.0, 0.0], [5.0, 5.0, 0.0], [0.0, 0.0, 5.0]])  # the first two texts are one
    apart, twins = torch.eye(3, dtype=torch.bool), torch.eye(3, dtype=torch.bool)
    twins[0, 1] = twins[1, 0] = True
    assert contrast(logits, twins) == pytest.approx(contrast(logits, apart).item())  # halves of two equal answers
    logits[0, 1] = logits[1, 0] = 9.0
    assert contrast(logits, twins) < contrast(logits, apart)


@pytest.mark.parametrize("kind", ["dual", "cross"])
def test_a_few_steps_of_training_tell_right_from_wrong(kind):
    torch.manual_seed(0)
    image, text = image_tokens(6, width=12), text_tokens([5] * 6, width=8)
    head = DualEncoderMatching(12, 8, 16) if kind == "dual" else CrossAttentionMatching(12, 8, 16, dropout=0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    wrong = text.with_tokens(text.tokens.roll(1, 0))
    for _ in range(60):
        optimiser.zero_grad()
        if kind == "dual":
            logits = 15 * head.fusion.embed_image(image) @ head.fusion.embed_text(text).T
            loss = contrast(logits, torch.eye(6, dtype=torch.bool))
        else:
            loss = head.loss(image, text, torch.ones(6)) + head.loss(image, wrong, torch.zeros(6))
        loss.backward()
        optimiser.step()
    head.eval()
    score = head.similarity if kind == "dual" else lambda i, t: head(i, t)[0]
    assert (score(image, text) > score(image, wrong)).all()


def test_sentiment_gives_three_verdicts_and_takes_either_side_alone():
    torch.manual_seed(0)
    head = Sentiment(12, 8, 16).eval()
    image, text = image_tokens(1, width=12), text_tokens([5], width=8)
    both = head.verdicts(image, text)
    assert both.labels == FEELINGS and both.label in FEELINGS
    assert both.note == ("disagree" if both.image_only.argmax() != both.text_only.argmax() else "")
    alone = head.verdicts(image, None)
    assert alone.text_only is None and np.array_equal(alone.probabilities, alone.image_only)
    assert np.allclose(alone.image_only, both.image_only)
    assert head.verdicts(None, text).image_only is None
    with pytest.raises(IncompatibleError, match="both are missing"):
        head.verdicts(None, None)


def test_the_sentiment_that_is_explained_is_the_one_that_is_shown():
    torch.manual_seed(0)
    head = Sentiment(12, 8, 16).eval()
    head.temperature.copy_(torch.tensor([0.5, 2.0, 3.0]))
    image, text = image_tokens(2, width=12), text_tokens([5, 3], width=8)
    fused, shown = head.fuse(image, text), head(image, text)[2].softmax(-1)
    for i, label in enumerate(FEELINGS):
        assert torch.allclose(head.judge(fused, label).sigmoid(), shown[:, i], atol=1e-6)
    assert head.own_target(head.fuse(image.item(0), text.item(0))) == FEELINGS[int(shown[0].argmax())]


def test_a_verdict_has_its_own_temperature_and_keeps_its_label():
    torch.manual_seed(0)
    head = Sentiment(12, 8, 16).eval()
    sides = image_tokens(2, width=12), text_tokens([5, 3], width=8)
    before = head(*sides)
    head.temperature.copy_(torch.tensor([2.0, 4.0, 8.0]))
    for plain, warm, t in zip(before, head(*sides), (2, 4, 8), strict=True):
        assert torch.allclose(plain / t, warm) and torch.equal(plain.argmax(-1), warm.argmax(-1))
    assert torch.allclose(head(sides[0], None)[2], before[0] / 2), "a picture alone is judged by the picture's verdict"


def test_the_members_of_sentiment_are_averaged():
    torch.manual_seed(0)
    head, text = Sentiment(12, 8, 16, members=2).eval(), text_tokens([5], width=8)
    alone = [member(None, text)[1] for member in head.members]
    assert not torch.allclose(*alone) and torch.allclose(head(None, text)[1], (alone[0] + alone[1]) / 2)


@pytest.mark.parametrize("true", [0.5, 2.0])
def test_the_fitted_temperature_is_the_one_that_made_the_labels(true):
    torch.manual_seed(0)
    logits = 3 * torch.randn(40_000, 3)
    truth = torch.multinomial((logits / true).softmax(-1), 1)[:, 0]
    truth[:100] = -1  # rows without a label say nothing
    assert fit_temperature(logits, truth) == pytest.approx(true, rel=0.03)
