"""The sentiment recipe on tiny made-up features: who is drawn how often, what is learnt, what calibration promises."""

import numpy as np
import pytest
import torch

from mmdemo.tasks.sentiment import Sentiment, SentimentMember
from mmdemo.training.data.features import TextTokens
from mmdemo.training.data.sides import Lines, Pairs, class_indices, joined, rarity
from mmdemo.training.measure.sentiment import (
    agreement_rows,
    calibrate,
    counts,
    short_texts_right,
    spread,
    top_label_error,
    validate,
)
from mmdemo.training.recipes import sentiment
from mmdemo.types import FEELINGS as LABELS


def made_texts(vectors: torch.Tensor) -> TextTokens:
    """One token a text."""
    return TextTokens(vectors.half(), torch.arange(len(vectors) + 1))


def made_pairs(n: int = 120) -> Pairs:
    """Pairs whose photo's first three numbers and whose text's say the label."""
    torch.manual_seed(0)
    label = torch.arange(n) % 3
    sides = [torch.nn.functional.one_hot(label, width).float() * 3 + 0.3 * torch.randn(n, width) for width in (12, 8)]
    return Pairs([sides[0].half()], made_texts(sides[1]), label, label, label)


def test_kinds_of_lines_are_drawn_by_their_shares_whatever_their_number():
    lines = [{"dataset": "SST-5", "label": "neutral", "text": "a"}] * 40
    lines += [{"dataset": "English phrases", "label": "neutral", "text": "b"}] * 5
    chance = sentiment.draw_chances(lines)
    assert chance.sum() == pytest.approx(1)
    share = sentiment.SHARES["phrases"] / (sentiment.SHARES["corpora"] + sentiment.SHARES["phrases"])
    assert chance[40:].sum() == pytest.approx(share)


def test_a_member_learns_all_three_verdicts_in_a_few_steps():
    data, rng = made_pairs(), np.random.default_rng(0)
    lines = Lines(data.texts, data.text)
    head = SentimentMember(12, 8, 16, image_dropout=0, text_dropout=0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        sentiment.training_step(head, data, lines, np.full(120, 1 / 120), rng)
        optimiser.step()
    whole = Sentiment(12, 8, 16, members=1).eval()
    whole.members[0].load_state_dict(head.state_dict())
    found = validate(whole, data, {"made": lines})
    assert all(found[name]["accuracy"] > 95 for name in ("both", "image_only", "text_only", "made")), found
    assert short_texts_right(whole, {"made": lines})["made"] > 114


def test_an_unknown_label_gives_no_loss_and_a_rare_one_more():
    logits = torch.zeros(3, 3)
    known = sentiment.loss(logits[:1], torch.tensor([2]))
    assert sentiment.loss(logits, torch.tensor([2, -1, -1])) == pytest.approx(known.item())
    weight = rarity(torch.tensor([0] * 9 + [1] * 36 + [2] * 36 + [-1]))
    assert weight[0] == pytest.approx(2 * weight[1].item()) and weight.mean() == pytest.approx(1)


def test_calibration_lowers_the_error_of_a_head_that_is_too_sure():
    torch.manual_seed(0)
    head, data = Sentiment(12, 8, 16, members=1).eval().requires_grad_(False), made_pairs()
    for name in ("image_head", "text_head", "joint_head"):
        getattr(head.members[0], name).weight.mul_(30)  # sure of answers that are no better than chance
    found = calibrate(head, data, {"made": Lines(data.texts, data.text)})
    for i, name in enumerate(("image", "text", "both")):
        assert found[name]["calibration_error"] < found[name]["calibration_error_uncalibrated"], name
        assert head.temperature[i].item() == pytest.approx(found[name]["temperature"]) and head.temperature[i] > 2


def test_the_error_of_the_top_label_is_its_probability_less_how_often_it_is_right():
    logits = torch.tensor([0.8, 0.1, 0.1]).log().repeat(10, 1)
    truth = torch.tensor([0] * 6 + [1] * 4)
    assert top_label_error(logits, truth) == pytest.approx(0.2)


class Told(Sentiment):
    """Of four pairs the sides' verdicts differ on the last two, and the joint one errs on the last."""

    def forward(self, image, text):
        return tuple(torch.eye(3)[labels] for labels in ([0, 1, 2, 0], [0, 1, 0, 2], [0, 1, 2, 1]))


def test_the_verdict_is_measured_apart_where_its_sides_disagree_and_where_they_agree():
    vectors, truth = torch.zeros(4, 8), torch.tensor([0, 1, 2, 0])
    pairs = Pairs([vectors.half()], made_texts(vectors), truth, truth, truth)
    rows = agreement_rows(Told(8, 8, 16, members=1), pairs, seed=3)
    found = [(row["metric"], row["value"], row["n"], row["unit"], row["seed"]) for row in rows]
    disagree, agree = (f"both_accuracy_where_sides_{name}" for name in ("disagree", "agree"))
    assert found == [(disagree, 50.0, 2, "%", 3), (agree, 100.0, 2, "%", 3)]


def test_what_the_card_counts_is_right_of_how_many():
    vectors, truth = torch.zeros(4, 8), torch.tensor([0, 1, 2, 0])
    data = Pairs([vectors.half()], made_texts(vectors), torch.tensor([0, 1, 1, -1]), torch.tensor([0, 1, 2, 2]), truth)
    found = counts(Told(8, 8, 16, members=1), data, {"English": Lines(data.texts, truth)})
    assert [found[name] for name in LABELS] == [[1, 2], [1, 1], [1, 1]]
    assert (found["labels_differ"], found["labels_alike"]) == ([1, 1], [2, 3])  # an unknown label differs from none
    assert found["short_wrong"] == [2]


def test_the_spread_is_mean_and_sample_deviation():
    assert spread([{"both": {"accuracy": x}} for x in (70.0, 72.0, 74.0)]) == {"both_accuracy": "72.0 ± 2.0"}


def test_labels_that_are_none_of_the_three_become_unknown():
    assert class_indices(["positive", None, "negative"]).tolist() == [LABELS.index("positive"), -1, 0]


def test_joined_lines_keep_their_own_tokens_and_labels():
    first = Lines(
        TextTokens(torch.eye(3).half(), torch.tensor([0, 2, 3])), torch.tensor([0, 1])
    )  # two pieces, then one
    second = Lines(made_texts(7 * torch.eye(3)[:1]), torch.tensor([2]))
    both = joined([first, second])
    assert both.label.tolist() == [0, 1, 2]
    assert both.vectors.tolist() == [[0.5, 0.5, 0], [0, 0, 1], [7, 0, 0]]
