"""The autoencoder's word list and its figures, against cases worked out by hand."""

import math

import numpy as np
import pytest
import torch

from mmdemo.tasks.word_list import WordList
from mmdemo.training.data.bags import build_bags, build_words, commonest_chinese, commonest_english, kappa
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.measure.autoencoder import edges, word_recall


def captioned(photos: list[tuple[list[str], list[str]]]) -> Captioned:
    found = [
        (i, kind, t) for i, sides in enumerate(photos) for kind, s in zip(("en", "zh"), sides, strict=True) for t in s
    ]
    where, kinds, texts = zip(*found, strict=True)
    return Captioned([{}] * len(photos), list(texts), np.array(where), np.array(kinds))


def test_forms_of_a_word_are_counted_together():
    texts = ["two dogs run", "a dog runs", "the dog was running"] * 5
    assert commonest_english(texts, 5) == ["dog", "run"]


def test_characters_that_keep_together_become_a_word():
    assert commonest_chinese(["自行车在草地", "狗在草地", "人和自行车"] * 20, 4) == ["自行车", "草地", "人", "狗"]


def test_kappa_by_hand():
    used = torch.tensor([[2.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])  # 4 photos, 3 words
    people = torch.full((4, 3), 2.0)
    # 1st: who uses it is always joined (1), 2 of 8 use it; 2nd: never joined (0), 2 of 8; 3rd: 2 of 4 times, 4 of 8
    wanted = [1.0, (0 - 0.25) / 0.75, (0.5 - 0.5) / 0.5]
    assert kappa(used, people).tolist() == pytest.approx(wanted)


def test_words_that_photos_do_not_decide_are_left_out():
    photos = [(["a dog", "the dog", "a nice dog"], ["狗"]), (["a ball", "a nice ball", "one ball"], ["球"])] * 20
    assert build_words(captioned(photos), 9, 0) == ["ball", "dog"]


def test_bags_hold_each_caption_and_the_share_of_people_who_use_a_word():
    words = WordList(["dog", "ball", "狗"])
    bags = build_bags(
        captioned([(["a dog", "dogs and a ball"], ["狗", "猫"]), (["a ball", "a cat"], ["狗", "狗"])]), words
    )
    assert bags.captions.int().tolist()[:4] == [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert bags.starts.tolist() == [0, 4, 8]
    assert bags.share.tolist() == [[1.0, 0.5, 0.5], [0.0, 0.5, 1.0]]


def test_word_recall_by_hand():
    score = torch.tensor([[3.0, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]])
    truth = torch.tensor([[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert word_recall(score, truth, k=2) == pytest.approx(100 * (1 / 3 + 1) / 2)  # the last photo has no words


def test_edges_of_a_checkerboard_are_one_and_of_a_plain_picture_zero():
    board = (torch.arange(4)[:, None] + torch.arange(4)[None, :]).remainder(2).float().expand(1, 3, 4, 4)
    assert edges(board).item() == pytest.approx(1)
    assert edges(torch.full((1, 3, 4, 4), 0.3)).item() == 0
    assert math.isclose(edges(board / 2).item(), 0.5)
