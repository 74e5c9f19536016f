"""Captions that find the other captions of their photo, with a word counter as the tower."""

import numpy as np
import torch

from mmdemo.encoders.tfidf import TfidfEncoder
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.measure.caption_recall import caption_recalls, read_pooled, recalls


def test_recall_counts_the_right_neighbours() -> None:
    queries = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert recalls(queries, queries) == {1: 100.0, 10: 100.0}
    assert recalls(queries, queries.flip(0))[1] == 0.0


def test_texts_read_by_length_come_back_in_their_own_order() -> None:
    tower = TfidfEncoder(["a", "dog", "cat"])
    texts = ["a dog and a cat and a dog", "cat", "a dog"]
    pooled = read_pooled(tower, texts, chunk=2)
    for row, text in zip(pooled, texts, strict=True):
        assert torch.equal(row, tower(tower.prepare([text])).pooled[0])


def test_captions_with_common_words_find_each_other_across_languages_only_by_shared_ones() -> None:
    photos = [
        {"captions": [f"{name} one", f"the {name}"], "captions_zh": [f"{sign}甲", f"{sign}乙"]}
        for name, sign in (("dog", "狗"), ("cat", "猫"), ("bus", "车"))
    ]
    tower = TfidfEncoder(["dog", "cat", "bus", "狗", "猫", "车"])
    found = caption_recalls(tower, Captioned(photos, [], np.array([]), np.array([])))
    name = "caption to another caption of its photo"
    assert found[f"{name}, en-en R@1"] == found[f"{name}, zh-zh R@1"] == 100
    assert found[f"{name}, zh-en R@1"] < 100
    assert found[f"{name}, zh-en R@10"] == 100  # of three
