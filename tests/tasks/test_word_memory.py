"""The memory of training photos: its votes by hand, what it leaves alone, and that it helps only a photo alone."""

import math

import pytest
import torch

from mmdemo.tasks import word_memory
from mmdemo.tasks.reconstruction import CrossModalAutoencoder
from mmdemo.tasks.word_memory import TEMPERATURE, TRUST, WordMemory

CODES = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # their mean is the origin
SHARES = torch.tensor([[1.0, 0.4, 0.0], [0.0, 0.2, 0.8], [0.0, 0.0, 0.0], [0.6, 0.0, 0.0]])


@pytest.fixture
def memory() -> WordMemory:
    memory = WordMemory(0, 2)
    memory.fill(CODES, SHARES)
    return memory


def test_votes_are_the_shares_of_the_nearest_weighted_by_likeness(memory, monkeypatch):
    monkeypatch.setattr(word_memory, "NEAREST", 2)
    direction = math.radians(30)  # cosines: 0.866 with the first, 0.5 with the third
    found = memory.votes(torch.tensor([[math.cos(direction), math.sin(direction)]]), 3)
    near = 1 / (1 + math.exp((math.sin(direction) - math.cos(direction)) / TEMPERATURE))
    torch.testing.assert_close(found, torch.tensor([[near, 0.4 * near, 0.0]]))


def test_the_answer_is_three_tenths_memory_and_seven_decoder(memory):
    code, logits = torch.tensor([[1.0, 0.0], [-0.3, 0.9]]), torch.tensor([[0.0, -2.0, 1.0], [3.0, -1.0, 0.0]])
    expected = TRUST * memory.votes(code, 3) + (1 - TRUST) * logits.sigmoid()
    torch.testing.assert_close(memory(code, logits).sigmoid(), expected)


def test_an_empty_memory_says_nothing():
    logits = torch.randn(3, 7)
    assert WordMemory(0, 2)(torch.randn(3, 2), logits) is logits


def test_only_a_photo_alone_is_helped():
    torch.manual_seed(0)
    model = CrossModalAutoencoder(["dog", "beach", "狗"], remembered=4).eval()
    code = torch.randn(1, 224)
    model.memory.fill(torch.randn(4, model.shared), torch.eye(3).repeat(2, 1)[:4])
    assert torch.equal(model.name_words(code), model.word_decoder(code[:, : model.shared]))
    assert not torch.equal(model.name_words(code, alone=True), model.name_words(code))
    assert torch.equal(model.decode(code, alone=True)[0], model.decode(code)[0])  # the picture is the decoder's own
    assert model.predict(code, alone=True).words != model.predict(code).words
