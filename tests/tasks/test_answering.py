"""Questions are answered from a list, with a photo and without; and what a question says of its answer."""

import numpy as np
import pytest
import torch

from mmdemo.tasks.answering import Answering
from mmdemo.tasks.question_words import choices, question_kind
from mmdemo.types import TokenSet


def tokens(b: int, n: int, width: int) -> TokenSet:
    values = torch.randn(b, n, width)
    return TokenSet(values, torch.ones(b, n, dtype=torch.bool), values.mean(1), (None,) * b)


def test_a_head_learns_a_rule_and_without_the_photo_only_what_the_question_says():
    """The answer is the sign of the first number of the photo's places; the question says nothing of it."""

    def photos(b: int) -> tuple[TokenSet, torch.Tensor]:
        truth = torch.arange(b) % 2
        image = tokens(b, 3, 8)
        image.tokens[:, :, 0] = (4.0 * truth - 2)[:, None]
        return image, truth

    torch.manual_seed(0)
    head = Answering(8, 6, ["yes\t是", "no\t否"], width=16, heads=2, dropout=0.0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(200):
        (image, truth), text = photos(32), tokens(32, 2, 6)
        optimiser.zero_grad()
        (head.loss(image, text, truth) + head.loss(None, text, truth)).backward()
        optimiser.step()
    head.eval()
    (image, truth), text = photos(200), tokens(200, 2, 6)
    seeing, blind = (head.predict(i, text)["answering"] for i in (image, None))
    assert (seeing.argmax(-1) == truth).float().mean() > 0.9
    assert np.allclose(seeing.sum(-1), 1, atol=1e-5) and abs(blind[:, 0].mean() - 0.5) < 0.15
    fused = head.fuse(image, text)
    assert fused.attention["text_to_image"].shape == (200, 2, 2, 3)
    assert head.answers == ("yes", "no") and head.answers_zh == ("是", "否")
    assert head.predict(image, None) == {}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What colour is it?", "colour"), ("How many are there", "count"), ("Is it red?", "yes/no"),
        ("what is on the desk", "what"), ("Where is he?", "where"), ("What are they doing?", "doing"),
        ("Is it red or blue?", "which"), ("车是什么颜色的？", "colour"), ("有几个人？", "count"),
        ("图中有狗吗？", "yes/no"), ("有没有狗", "yes/no"), ("这是什么？", "what"),
        ("他在哪里？", "where"), ("他在做什么？", "doing"),
        ("是猫还是狗？", "which"), ("", "what"),
    ],
)  # fmt: skip
def test_the_words_say_what_is_asked_for(question, kind):
    assert question_kind(question) == kind


@pytest.mark.parametrize(
    ("question", "offers"),
    [
        ("Is the dog white or pink?", ["white", "pink"]),
        ("Is it a cat, a dog, or a horse?", ["cat", "dog", "horse"]),
        ("Which of these: a red car, a dog or boats?", ["red car", "dog", "boats"]),
        ("In the picture, is it a man or a woman?", ["man", "woman"]),
        ("Is this pizza in a kitchen or living room?", ["kitchen", "living room"]),
        ("Is there a dog?", []),
        ("What is left, right?", []),
        ("or or?", []),
        ("狗是白色还是粉色？", ["白色", "粉色"]),
        ("是猫、狗还是马？", ["猫", "狗", "马"]),
        ("哪一个：猫、狗、马", ["猫", "狗", "马"]),
        ("还是", []),
    ],
)
def test_what_a_question_offers_to_choose_from(question, offers):
    assert choices(question, {"white", "pink", "cat", "dog", "man", "living room", "白色", "狗"}) == offers
