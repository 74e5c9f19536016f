"""What the engine makes of a text that is not understood and of a picture that is unfamiliar, over fakes.

"qwer" is not understood by the fake, a dark picture is not familiar to it; the fake head believes everything.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS, find
from mmdemo.types import Batch, ImageLayout, MatchBackground, MatchingResult, SentimentResult, TextLayout, TokenSet

LABELS = ("negative", "neutral", "positive")


class FakeTower(torch.nn.Module):
    """One token an item: the mean brightness, or whether "qwer" is in the text."""

    def prepare(self, items):
        if isinstance(items[0], str):
            numbers = [float("qwer" in text) for text in items]
            layout = tuple(self._layout(text) for text in items)
            return Batch({"ids": torch.tensor(numbers)[:, None]}, layout)
        numbers = [np.asarray(p).mean() / 255 for p in items]
        layout = tuple(ImageLayout((1, 1), (p.height, p.width), (0.0, 0.0, 1.0, 1.0)) for p in items)
        return Batch({"pixels": torch.tensor(numbers, dtype=torch.float32)[:, None]}, layout)

    def _layout(self, text):
        words = tuple(text.split())
        unread = tuple(i for i, word in enumerate(words) if "qwer" in word)
        return TextLayout(text, words, tuple(range(len(words))), words, 0, unread)

    def forward(self, batch):
        (numbers,) = batch.tensors.values()
        return TokenSet.of_vectors(numbers, batch.layout)


class FakeHead(torch.nn.Module):
    """Any of the heads."""

    def __init__(self, answer):
        super().__init__()
        self.fusion = self
        self.predict = self.rank = self.verdicts = self.probability = answer

    def embed_image(self, image):
        return image.pooled

    def embed_text(self, text):
        return text.pooled


def believe_all(image, texts, strings, cut, background, temperature=None):
    k = len(strings)
    share = None if k == 1 else np.full(k, 1 / k, np.float32)
    return MatchingResult(strings, np.full(k, 0.4), np.linspace(0.9, 0.8, k), share, np.full(k, 99.0), cut)


@pytest.fixture
def engine():
    found = mmdemo.load(device="cpu", offline=True)
    third = np.full(3, 1 / 3)
    found.match_service.background = MatchBackground(np.array([0.0, 1.0]), np.ones(1), np.ones(1), "none")
    found.models.modules = {
        "efficientnet": FakeTower(),
        "e5": FakeTower(),
        "matching": FakeHead(believe_all),
        "cross_attention": FakeHead(lambda picture, text: np.array([0.9])),
        "sentiment": FakeHead(lambda picture, text: SentimentResult(LABELS, third, picture and third, text and third)),
        "text_familiarity": FakeHead(lambda text: np.where(text.pooled[:, 0] > 0, 0.2, 1).astype(np.float32)),
        "image_familiarity": FakeHead(lambda picture: picture.pooled[:, 0].numpy()),
    }
    return found


@pytest.fixture
def white():
    return Image.new("RGB", (8, 6), "white")


def test_probability_is_multiplied_by_what_is_understood(engine, white):
    found = engine.match(white, ["a dog", "qwer dog"])
    assert found.understood == pytest.approx([1, 0.2])
    assert found.probability == pytest.approx([0.9, 0.16])
    assert found.unread == ((), ("qwer",))
    assert found.none_of_these == pytest.approx(0.1)


def test_nothing_understood_means_that_none_fits(engine, white):
    found = engine.match(white, "qwer")
    assert found.probability[0] < 0.5 < found.none_of_these


def test_an_unfamiliar_picture_is_told_and_changes_no_probability(engine, white):
    black = engine.match(Image.new("RGB", (8, 6)), "a dog")
    assert (black.familiar, engine.match(white, "a dog").familiar) == pytest.approx((0, 1))
    assert black.probability == pytest.approx([0.9])


def test_a_pair_is_not_believed_either(engine, white):
    assert engine.match_pair(white, "a dog") == pytest.approx(0.9)
    assert engine.match_pair(white, "qwer") == pytest.approx(0.18)


def test_sentiment_tells_of_the_sides_that_were_given(engine, white):
    both = engine.sentiment(white, "qwer")
    assert (both.understood, both.familiar) == pytest.approx((0.2, 1))
    assert engine.sentiment(text="fine").familiar is None
    assert engine.sentiment(image=white).understood is None


def test_many_texts_and_pictures_keep_their_order_and_none_gives_none(engine, white):
    assert engine.understood(["a", "qwer", "b"]) == pytest.approx([1, 0.2, 1])
    assert engine.familiar([Image.new("RGB", (4, 4)), white]) == pytest.approx([0, 1])
    assert engine.understood([]).shape == engine.familiar([]).shape == (0,)


def test_familiarity_reads_by_its_own_towers_where_they_are_others(engine, white, monkeypatch):
    """Another text tower that finds "qwer" nowhere, another picture tower that sees every picture black."""
    blind = FakeTower()
    blind.forward = lambda batch: TokenSet.of_vectors(0 * next(iter(batch.tensors.values())), batch.layout)
    engine.models.modules["blind"] = blind
    for head, side in (("text_familiarity", "text_encoder"), ("image_familiarity", "image_encoder")):
        monkeypatch.setitem(CHECKPOINTS, head, replace(CHECKPOINTS[head], **{side: "blind"}))
    found = engine.match(white, ["a dog", "qwer dog"])
    assert found.understood == pytest.approx([1, 1]) and found.familiar == 0
    assert engine.sentiment(white, "qwer").understood == 1


def test_familiarity_reads_the_towers_that_matching_reads():
    match = find("matching")
    assert find("text_familiarity").text_encoder == match.text_encoder
    assert find("image_familiarity").image_encoder == match.image_encoder


def test_results_made_without_doubts_have_none():
    found = MatchingResult(("a",), np.zeros(1), np.array([0.3]), None, np.zeros(1), (0,))
    assert (found.understood == 1).all() and found.familiar == 1 and found.unread == ((),)
    assert found.none_of_these == pytest.approx(0.7)
