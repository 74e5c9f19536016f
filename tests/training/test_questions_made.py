"""Questions that captions answer, and questions that people asked."""

import random

import pytest
import torch

from mmdemo.tasks.question_words import KINDS
from mmdemo.training.data.questions import Asker, Question, asked_by_people, normal, nouns_of
from mmdemo.training.data.questions_zh import chinese_answers, chinese_questions, in_chinese
from mmdemo.training.measure import answering as measured

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
        ("A man is holding a bike.", "What is the man doing?", None),
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


def test_answers_are_written_alike():
    assert [normal(a) for a in ("Garbage_bin", "two", "Grey", "photo")] == ["garbage bin", "2", "gray", "picture"]


def test_of_a_list_the_first_answer_counts_and_splits_are_kept():
    row = {"file": "daquar/1.webp", "split": "val", "qa": [{"question": "what is there ", "answer": "lamp, books"}]}
    assert asked_by_people([row], "train") == []
    assert asked_by_people([row], "val") == [Question("daquar/1.webp", "what is there", "lamp", "daquar")]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Is there a dog?", {"图中有狗吗？", "照片里有狗吗？", "你看到狗了吗？", "有没有狗？", "图片里有没有狗？"}),
        ("Is the dog white or pink?", {"狗是白色还是粉色？"}),
        ("How many men are there?", {"图中有多少男人？", "有几个男人？", "照片里一共有几个男人？"}),
        ("What animal is this?", {"这是什么动物？", "图中是什么动物？"}),
        ("Is there a zorb?", {None}),
        ("Why is the dog sad?", {None}),
    ],
)  # fmt: skip
def test_a_question_of_a_template_is_asked_in_chinese(english, chinese):
    assert {in_chinese(english, random.Random(seed)) for seed in range(80)} == chinese


def test_chinese_questions_have_the_english_ones_answers_and_statements_come_from_chinese_captions():
    asked = set()
    for seed in range(40):
        asked |= set(chinese_questions([("What animal is this?", "dog")], ["一只狗在草地上"], random.Random(seed)))
    assert ("这是什么动物？", "dog") in asked and chinese_answers()["dog"] == "狗"
    assert {("图中是一只狗在草地上吗？", "yes"), ("这是一只狗在草地上吗？", "yes")} <= asked
    assert any(answer == "no" for _, answer in asked)


def test_accuracy_by_source_and_kind_beside_the_commonest_answer():
    questions = [Question("", "what colour", "red" if i < 15 else "blue", "coco") for i in range(20)]
    assert measured.accuracy(questions, torch.arange(20) < 5) == {("coco", ""): 25.0, ("coco", "colour"): 25.0}
    commonest = measured.commonest(questions, questions)
    assert measured.accuracy(questions, commonest)["coco", "colour"] == 75.0


def test_an_answer_is_worth_saying_from_where_eight_of_ten_are_right_in_every_source():
    """100 colours by each of two askers; of the second one nothing is right, so that no probability is enough."""
    questions = [Question("", "what colour", "", source) for source in ("coco", "daquar") for _ in range(100)]
    probability = torch.linspace(1, 0.01, 100)
    right = torch.arange(100) < 48
    first = measured.bounds(questions[:100], probability, right)
    assert first == {"colour": pytest.approx(probability[59].item())}  # 48 right of 60
    both = measured.bounds(questions, probability.repeat(2), torch.cat([right, torch.zeros(100, dtype=torch.bool)]))
    assert both == {"colour": 1.0}
    assert measured.bounds(questions[:99], probability[:99], right[:99]) == {}
    assert set(first) <= set(KINDS)


def test_what_a_question_offers_is_all_that_stays_open():
    questions = [Question("", q, "", s) for q, s in (("Is it red or blue?", "coco"), ("是红色还是蓝色？", "chinese"),
                 ("Is it red?", "coco"), ("Is it red or mauve?", "coco"))]  # fmt: skip
    left = measured.offered(questions, ["no", "red", "yes", "blue"], ["否", "红色", "是", "蓝色"])
    whether = [True, False, True, False]
    assert left.tolist() == [[not one for one in whether]] * 2 + [whether, [True] * 4]
