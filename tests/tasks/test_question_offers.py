"""What a question offers to choose from, as it can be compared, and what each offer would state."""

import pytest

from mmdemo.tasks.question_words import offers, statements

KNOWN = {"red", "sitting", "dog"}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Is the car red or turquoise?", {"red": "the car is red", "turquoise": "the car is turquoise"}),
        ("is it red, green, or blue?", {"red": "red", "green": "green", "blue": "blue"}),
        ("Is it a man or a llama?", {"man": "man", "llama": "llama"}),
        ("Is the dog sitting or lying down?", {"sitting": "the dog is sitting", "lying down": "the dog is lying down"}),
        ("Which of these: a dog, a cat or a horse?", {"dog": "dog", "cat": "cat", "horse": "horse"}),
        ("Which is it, red or blue?", {"red": "red", "blue": "blue"}),
        ("Does the man wear a hat or a cap?", {"hat": "the man wear hat", "cap": "the man wear cap"}),
        ("沙发是红色、蓝色还是绿色？", {"红色": "沙发是红色", "蓝色": "沙发是蓝色", "绿色": "沙发是绿色"}),
        ("这是狗还是猫呢？", {"狗": "狗", "猫": "猫"}),
        ("哪一个更像，猫还是狗？", {"猫": "猫", "狗": "狗"}),
    ],
)
def test_offers_and_what_they_state(question, found):
    offered = offers(question, KNOWN)
    assert dict(zip(offered, statements(question, offered), strict=True)) == found


@pytest.mark.parametrize(
    "question",
    ["Is there a dog?", "Is there a dog or not?", "How many dogs, cats or birds?", "a or", " or ", "or or or", "or",
     ":", "红还是", "有狗还是没有？", "a dog, a dog or a dog", "?", "多少只猫还是狗"],
)  # fmt: skip
def test_others_offer_nothing(question):
    assert offers(question) == []
