"""CIDEr-D as we compute it against the field's own package; figures that are known beforehand."""

import pytest
from pycocoevalcap.cider.cider import Cider

from mmdemo.training.measure.captions import agreement
from mmdemo.training.measure.consensus import Consensus

PEOPLE = (
    ("A dog runs through the grass.", "The brown dog is running.", "dog in grass"),
    ("Two men ride bikes", "Men on bikes on a road .", "Two people are riding a bike down the road"),
    ("一只狗在草地上跑。", "狗在跑", "草地上的狗"),
    ("A girl in a red dress", "a girl", "The girl stands"),
)
SAID = ("a dog runs through the grass", "two men on a a a road", "一只狗在跑", "a boy")


def test_consensus_is_the_packages_cider() -> None:
    words = {i: [" ".join(text.split()) for text in texts] for i, texts in enumerate(PEOPLE)}
    mean, each = Cider().compute_score(words, {i: [text] for i, text in enumerate(SAID)})
    judge = Consensus([[text.split() for text in texts] for texts in words.values()])
    ours = [judge.judge(i, text.split()) for i, text in enumerate(SAID)]
    assert ours == pytest.approx(each.tolist())
    assert max(ours) > 0.5


def test_consensus_of_nothing_is_nothing() -> None:
    judge = Consensus([[["a", "dog"]], [["a", "cat"]]])
    assert judge.judge(0, []) == 0
    assert judge.judge(0, ["a"]) == 0  # of every photo: it says nothing
    assert judge.judge(0, ["a", "dog"]) > judge.judge(1, ["a", "dog"])


def test_a_caption_that_one_person_wrote_is_as_good_as_can_be() -> None:
    """Every word and order of one person's caption: BLEU is 1; the marks and capitals do not matter."""
    figures = agreement(["two men ride bikes", "A GIRL, in a red dress"], [PEOPLE[1], PEOPLE[3]])
    assert [figures[f"BLEU-{n}"] for n in (1, 2, 3, 4)] == pytest.approx([1] * 4, abs=1e-6)
    assert figures["ROUGE-L"] == pytest.approx(1)


def test_bleu_1_by_hand() -> None:
    """Three of four words are right, and the caption is as long as the nearest person's."""
    figures = agreement(["two men ride horses", "a girl in a red dress"], [PEOPLE[1], PEOPLE[3]])
    assert figures["BLEU-1"] == pytest.approx((3 + 6) / (4 + 6), abs=1e-6)


def test_chinese_is_measured_by_characters() -> None:
    assert agreement(["狗在跑", "一只猫"], [PEOPLE[2], ("一只猫",)])["BLEU-1"] == pytest.approx(1, abs=1e-6)
