"""What the text tower's recipe is built of, each against a known answer. No data, no teacher."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmdemo.encoders.bert import SPECIAL, BertEncoder
from mmdemo.training.student import TEMPERATURE, Student, distil_loss, recalls, same_photo_loss, targets
from mmdemo.training.texts import Corpus
from mmdemo.training.wordpiece import Encoded, bucketed, encode, train_vocab

TEXTS = Encoded(torch.tensor([2, 5, 3, 2, 3, 2, 6, 7, 3]), torch.tensor([0, 3, 5, 9]))


def test_padding_keeps_each_text_and_fills_with_zero() -> None:
    ids, mask = TEXTS.padded(torch.tensor([1, 2]))
    assert ids.tolist() == [[2, 3, 0, 0], [2, 6, 7, 3]]
    assert mask.tolist() == [[True, True, False, False], [True] * 4]


def test_bags_hold_the_same_tokens_without_padding() -> None:
    ids, offsets = TEXTS.bags(torch.tensor([2, 0]))
    assert ids.tolist() == [2, 6, 7, 3, 2, 5, 3]
    assert offsets.tolist() == [0, 4]


def test_drawing_follows_the_weights_and_can_be_repeated() -> None:
    def drawn() -> torch.Tensor:
        batches = bucketed(TEXTS.lengths, torch.tensor([1.0, 0.0, 3.0]), 100, seed=5)
        return torch.cat(list(itertools.islice(batches, 48)))

    first = drawn()
    counts = first.bincount(minlength=3) / len(first)
    assert counts[1] == 0
    assert counts[2].item() == pytest.approx(0.75, abs=0.03)
    assert torch.equal(first, drawn())


def test_a_trained_vocabulary_reads_both_languages() -> None:
    vocab = train_vocab(["the dog runs", "the dogs run", "一只狗", "两只狗"] * 3, size=60)
    assert tuple(vocab[:4]) == SPECIAL
    assert {"the", "dog", "狗", "只"} <= set(vocab)
    encoder = BertEncoder(vocab, width=8, layers=1, heads=2, inner=8, longest=8)
    texts = encode(["the dog", "一只狗 the dog the dog"], encoder)
    for i, text in enumerate(["the dog", "一只狗 the dog the dog"]):
        assert texts.padded(torch.tensor([i]))[0].tolist() == encoder.prepare([text]).tensors["ids"].tolist()


def test_the_bag_is_the_mean_of_the_tables_rows() -> None:
    encoder = BertEncoder([*SPECIAL, *"abcd"], width=8, layers=1, heads=2, inner=8, longest=8)
    student = Student(encoder, nn.Linear(8, 4))
    inputs = encoder.bert.embeddings
    rows = inputs.LayerNorm(inputs.word_embeddings.weight[[2, 5, 3]] + inputs.token_type_embeddings.weight[0])
    assert torch.allclose(student.bag(TEXTS, torch.tensor([0]))[0], rows.mean(0), atol=1e-6)


def test_a_student_that_repeats_its_teacher_loses_nothing() -> None:
    torch.manual_seed(0)
    target = F.normalize(torch.randn(6, 5), dim=-1)
    assert distil_loss(3 * target, target).item() == pytest.approx(0, abs=1e-5)
    assert distil_loss(-target, target).item() > 8


def test_same_photo_loss_of_two_orthogonal_photos_is_the_hand_computed_one() -> None:
    view = torch.eye(2)
    expected = math.log(1 + math.exp(-1 / TEMPERATURE))
    assert same_photo_loss([view, view]).item() == pytest.approx(expected, abs=1e-6)
    assert same_photo_loss([view, view.flip(0)]).item() == pytest.approx(1 / TEMPERATURE, rel=1e-3)


def test_recall_counts_the_right_neighbours() -> None:
    queries = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert recalls("x", queries, queries)["x_R@1"] == 100
    assert recalls("x", queries, queries.flip(0))["x_R@1"] == 0


def test_a_text_with_two_anchors_lies_between_them() -> None:
    corpus = Corpus()
    corpus.add("狗", "word_zh", ["dog", "hound"])
    corpus.add("dog", "word_en", ["dog"])
    assert corpus.anchors == ["dog", "hound"]
    anchors = torch.zeros(2, 384)
    anchors[0, 0] = anchors[1, 1] = 1
    found = targets(corpus, anchors)
    assert torch.allclose(found[0, :2], torch.full((2,), 0.5**0.5))
    assert torch.equal(found[1], anchors[0])
