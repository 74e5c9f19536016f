"""Texts as ids: padding, and how they are drawn."""

import itertools

import pytest
import torch

from mmdemo.training.data.ragged import TextIds, bucketed

TEXTS = TextIds(torch.tensor([2, 5, 3, 2, 3, 2, 6, 7, 3]), torch.tensor([0, 3, 5, 9]))


def test_padding_keeps_each_text_and_fills_with_zero() -> None:
    ids, mask = TEXTS.padded(torch.tensor([1, 2]))
    assert ids.tolist() == [[2, 3, 0, 0], [2, 6, 7, 3]]
    assert mask.tolist() == [[True, True, False, False], [True] * 4]


def test_drawing_follows_the_weights_and_can_be_repeated() -> None:
    def drawn() -> torch.Tensor:
        batches = bucketed(TEXTS.lengths, torch.tensor([1.0, 0.0, 3.0]), 100, seed=5)
        return torch.cat(list(itertools.islice(batches, 48)))

    first = drawn()
    counts = first.bincount(minlength=3) / len(first)
    assert counts[1] == 0
    assert counts[2].item() == pytest.approx(0.75, abs=0.03)
    assert torch.equal(first, drawn())


def test_texts_of_one_batch_have_like_lengths() -> None:
    lengths = torch.arange(1, 65)
    batches = itertools.islice(bucketed(lengths, torch.ones(64), 8, seed=0), 32)
    spans = [int(lengths[batch].max() - lengths[batch].min()) for batch in batches]
    assert sum(spans) / len(spans) < 12  # drawn at random, eight of 64 lie 49 apart


def test_sets_of_texts_are_joined_in_their_order() -> None:
    joined = TextIds.join([TEXTS, TextIds.of([torch.tensor([8, 9]), torch.tensor([4])])])
    assert isinstance(joined, TextIds) and len(joined) == 5 and joined.lengths.tolist() == [3, 2, 4, 2, 1]
    assert joined.padded(torch.tensor([3, 4]))[0].tolist() == [[8, 9], [4, 0]]
