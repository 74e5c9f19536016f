"""The three heads on tiny random token sets, and calibration against a known answer."""

import numpy as np
import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.matching import Calibration, CrossAttentionMatching, DualEncoderMatching
from mmdemo.tasks.sentiment import LABELS, Sentiment
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
    image = head.fusion.embed_image(image_tokens(1, width=12).pooled)[0]
    texts = head.fusion.embed_text(text_tokens([4, 5, 6], width=8).pooled)
    three = head.predict(image, texts, ("a", "b", "c"), (0, 0, 0), BACKGROUND)
    assert three.share.sum() == pytest.approx(1) and three.share.argmax() == three.similarity.argmax()
    one = head.predict(image, texts[:1], ("a",), (0,), BACKGROUND)
    assert one.share is None
    assert one.probability[0] == pytest.approx(three.probability[0])  # a text's probability is its own


def test_contrastive_loss_does_not_punish_a_twin():
    torch.manual_seed(0)
    head = DualEncoderMatching(12, 8, 16).eval()
    image, text = torch.randn(3, 12), torch.randn(3, 8)
    text[1] = text[0]
    apart, twins = torch.eye(3, dtype=torch.bool), torch.eye(3, dtype=torch.bool)
    twins[0, 1] = twins[1, 0] = True
    assert head.loss(image, text, twins) < head.loss(image, text, apart)


@pytest.mark.parametrize("kind", ["dual", "cross"])
def test_a_few_steps_of_training_tell_right_from_wrong(kind):
    torch.manual_seed(0)
    image, text = image_tokens(6, width=12), text_tokens([5] * 6, width=8)
    head = DualEncoderMatching(12, 8, 16, dropout=0) if kind == "dual" else CrossAttentionMatching(12, 8, 16, dropout=0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    wrong = text.with_tokens(text.tokens.roll(1, 0))
    for _ in range(60):
        optimiser.zero_grad()
        if kind == "dual":
            loss = head.loss(image.pooled, text.pooled, torch.eye(6, dtype=torch.bool))
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
    both = head.predict(image, text)
    assert both.labels == LABELS and both.label in LABELS
    assert both.note == ("disagree" if both.image_only.argmax() != both.text_only.argmax() else "")
    alone = head.predict(image, None)
    assert alone.text_only is None and np.array_equal(alone.probabilities, alone.image_only)
    assert np.allclose(alone.image_only, both.image_only)
    assert head.predict(None, text).image_only is None
    with pytest.raises(IncompatibleError, match="both are missing"):
        head.predict(None, None)


def test_sentiment_loss_skips_rows_without_a_label():
    head = Sentiment(12, 8, 16)
    logits = torch.randn(4, 3)
    known = head.loss(logits[:2], torch.tensor([0, 2]))
    assert head.loss(logits, torch.tensor([0, 2, -1, -1])) == pytest.approx(known.item())
    assert head.loss(logits, torch.tensor([-1] * 4)) == 0
