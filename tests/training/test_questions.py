"""Questions that captions answer, and questions that people asked."""

import random

import numpy as np
import pytest
import torch

from mmdemo.tasks.answering import Answering
from mmdemo.training.data.questions import Asker, Question, asked_by_people, kind_of, normal, nouns_of
from mmdemo.training.measure.answering import commonest, figures
from mmdemo.types import TokenSet

CAPTIONS = ["Two brown dogs run on the beach.", "A man in a red shirt is riding a bike."]


def asked(text: str) -> dict[str, str]:
    asker, found = Asker([*CAPTIONS, "a cat on the mat ."] * 20), {}
    for seed in range(60):
        found |= dict(asker.questions([text], random.Random(seed)))
    return found


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (CAPTIONS[0], "How many dogs are there?", "2"),
        (CAPTIONS[0], "What color are the dogs?", None),
        (CAPTIONS[0], "What animal is this?", "dog"),
        (CAPTIONS[0], "Are there dogs in the picture?", None),
        (CAPTIONS[1], "What color is the shirt?", "red"),
        (CAPTIONS[1], "What is the man doing?", None),
        (CAPTIONS[1], "Is there a cat?", "no"),
        ("A man riding a bike.", "What is the man doing?", "riding"),
        ("A man riding a bike.", "What is the person riding?", "bike"),
    ],
)
def test_a_caption_answers(text, question, answer):
    found = asked(text)
    assert found.get(question) == answer


def test_nouns_stand_where_nouns_stand():
    assert nouns_of("A man in a red shirt is riding a bike.") == ["man", "shirt", "bike"]
    assert nouns_of("the big brown dog runs") == []


def test_kinds_and_normal_answers():
    assert kind_of("What colour is it?", "red") == "colour" and kind_of("How many are there", "2") == "count"
    assert kind_of("Is it red?", "yes") == "yes/no" and kind_of("what is on the desk", "lamp") == "what"
    assert [normal(a) for a in ("Garbage_bin", "two", "Grey", "photo")] == ["garbage bin", "2", "gray", "picture"]


def test_of_a_list_the_first_answer_counts_and_splits_are_kept():
    row = {"file": "daquar/1.webp", "split": "val", "qa": [{"question": "what is there ", "answer": "lamp, books"}]}
    assert asked_by_people([row], "train") == []
    assert asked_by_people([row], "val") == [Question("daquar/1.webp", "what is there", "lamp", "what", "daquar")]


def test_accuracy_by_source_and_kind_beside_the_commonest_answer():
    questions = [Question("", "", "red" if i < 15 else "blue", "colour", "coco") for i in range(20)]
    measured = figures(questions, torch.arange(20) < 5)
    assert measured == {"coco": 25.0, "coco colour": 25.0}
    assert commonest(questions, questions) == {"coco": 75.0, "coco colour": 75.0}


def tokens(b: int, n: int, width: int) -> TokenSet:
    values = torch.randn(b, n, width)
    return TokenSet(values, torch.ones(b, n, dtype=torch.bool), values.mean(1), (None,) * b)


def test_a_head_learns_a_rule_and_without_the_photo_only_what_the_question_says():
    """The answer is the sign of the photo's first number; the question says nothing of it."""
    torch.manual_seed(0)
    head = Answering(8, 6, ["yes", "no"], width=16, heads=2, dropout=0.0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(300):
        image, text = tokens(32, 3, 8), tokens(32, 2, 6)
        truth = (image.tokens[:, :, 0].mean(1) > 0).long()
        optimiser.zero_grad()
        (head.loss(image, text, truth) + head.loss(None, text, truth)).backward()
        optimiser.step()
    head.eval()
    image, text = tokens(200, 3, 8), tokens(200, 2, 6)
    truth = image.tokens[:, :, 0].mean(1) > 0
    seeing, blind = (head.predict(i, text)["answering"] for i in (image, None))
    assert (seeing.argmax(-1).bool() == truth).float().mean() > 0.9
    assert np.allclose(seeing.sum(-1), 1, atol=1e-5) and abs(blind[:, 0].mean() - 0.5) < 0.15
    fused = head.fuse(image, text)
    assert fused.attention["text_to_image"].shape == (200, 2, 2, 3)
    one = head.fuse(tokens(1, 3, 8), tokens(1, 2, 6))
    assert head.own_target(one) in head.answers and head.judge(one, "yes").shape == (1,)
    assert head.predict(image, None) == {}
