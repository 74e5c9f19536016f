"""Deletion, insertion, agreement: on subjects of which it is known what matters."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from mmdemo.explain import faithfulness
from mmdemo.explain.agreement import agreement, mean_map, rank_correlation, ranks
from mmdemo.explain.base import Subject
from mmdemo.types import Curves, Faithfulness, FusionOutput
from mmdemo.types.explaining import area
from tests.towers import image_tower, pair_of, pooled_subject, text_tower


def picture_curves(*given, **options):
    """The whole of what grows."""
    *_, (_, whole) = faithfulness.growing_picture_curves(*given, **options)
    return whole


def word_curves(*given, **options):
    *_, whole = faithfulness.growing_word_curves(*given, **options)
    return whole


def corner_subject() -> Subject:
    """The number is the mean red of the upper left patch: 1 in the picture, 0 in the blurred one."""
    tower = image_tower()
    start, blank = torch.ones_like(tower.start), torch.zeros_like(tower.start)

    def read(pixels, kept):
        tokens = tower.read(pixels, kept)
        red = torch.nn.functional.avg_pool2d(pixels, 4)[:, 0].flatten(1)  # [B, 6]
        return tokens.with_tokens(red.unsqueeze(-1).expand(-1, -1, 8))

    seen = type(tower)(start, lambda: blank, read)
    return Subject(
        lambda i, t: FusionOutput(i.tokens[:, 0, :1]), lambda fused: fused.joint[:, 0], image=seen, text=text_tower()
    )


def one_hot(place: int) -> torch.Tensor:
    return (torch.arange(6) == place).float().reshape(2, 3)


def test_a_map_that_points_at_what_matters_has_a_small_deletion_and_a_large_insertion_area():
    subject = corner_subject()
    _, text = pair_of(subject)
    deletion, insertion = picture_curves(subject, text, one_hot(0), steps=12)
    wrong = picture_curves(subject, text, -one_hot(0), steps=12)
    assert deletion.map[0] == insertion.map[-1] == pytest.approx(1) and deletion.map[-1] == insertion.map[0] == 0
    assert (np.diff(deletion.map) <= 1e-6).all() and (np.diff(insertion.map) >= -1e-6).all()
    assert deletion.areas["map"] < 0.2 < 0.8 < insertion.areas["map"]  # a corner of 16 of 96 pixels
    assert wrong[0].areas["map"] > 0.8 and wrong[1].areas["map"] < 0.2
    good, bad = (Faithfulness(*pair, None, None, "match") for pair in ((deletion, insertion), wrong))
    assert good.verdict == "finds" and bad.verdict == "blob"


def test_areas_are_those_of_the_trapezoidal_rule():
    share = np.array([0.0, 0.5, 1.0])
    curves = Curves(share, np.array([1.0, 0.5, 0.0]), np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    assert curves.areas == {"map": 0.5, "random": 0.75, "centre": 0.25}
    uneven = np.array([0.0, 0.1, 1.0])
    assert area(np.array([1.0, 0.5, 0.0]), uneven) == pytest.approx(0.1 * 0.75 + 0.9 * 0.25)
    backwards = Curves(share, *(c[::-1] for c in (curves.map, curves.random, curves.centre)))
    found = Faithfulness(curves, backwards, None, None, "match")
    assert found.insertion.areas == {"map": 0.5, "random": 0.75, "centre": 0.25}
    assert found.verdict == "blob" and found.word_verdict is None


def test_an_answer_that_does_not_hang_on_the_picture_is_called_flat():
    share = np.linspace(0, 1, 3)
    still = Curves(share, *[np.full(3, 0.4)] * 3)
    assert Faithfulness(still, still, None, None, "match").verdict == "flat"


def test_equal_values_are_taken_in_a_random_order_not_from_the_top():
    place = faithfulness.rank(torch.zeros(2, 3), (40, 60), seed=0)
    assert place[:20].mean() == pytest.approx(place[20:].mean().item(), abs=0.04)
    assert sorted(place.flatten().tolist()) == pytest.approx(np.arange(2400) / 2400)
    falling = faithfulness.rank(torch.tensor([[3.0, 2.0], [1.0, 0.0]]), (2, 2))
    assert falling.tolist() == [[0.0, 0.25], [0.5, 0.75]]


def test_masks_show_all_none_and_then_each_map_taken_away_and_given_back():
    keep = faithfulness.picture_masks([one_hot(0), one_hot(5)], (8, 12), steps=4)
    assert keep.shape == (2 + 2 * 2 * 3, 8, 12)
    assert keep[0].all() and not keep[1].any()
    shown = keep[2:].float().mean((1, 2)).reshape(2, 2, 3)
    assert torch.allclose(shown[:, 0], torch.tensor([0.75, 0.5, 0.25]).expand(2, 3))
    assert torch.allclose(shown[:, 1], torch.tensor([0.25, 0.5, 0.75]).expand(2, 3))
    assert (keep[2:5] ^ keep[5:8]).all()  # what is gone in the one is what is shown in the other


def test_the_centre_map_is_highest_in_the_middle_and_round():
    found = faithfulness.centre_map(torch.zeros(5, 5))
    assert found.argmax() == 12 and torch.allclose(found, found.T) and torch.allclose(found, found.flip(0))
    assert faithfulness.centre_map(torch.zeros(1, 1)).tolist() == [[1.0]]


# ---- growing


def test_points_come_from_coarse_to_fine_and_each_once():
    assert faithfulness.coarse_first(10) == [[5], [2, 8], [1, 9], [3, 7], [4, 6]]
    for steps in range(2, 30):
        groups = faithfulness.coarse_first(steps)
        assert sorted(p for group in groups for p in group) == list(range(1, steps))
        assert all(sum(group) in (steps, steps / 2) for group in groups)


def test_growing_curves_keep_their_points_and_end_with_those_of_one_go():
    subject = pooled_subject()
    _, text = pair_of(subject)
    patch_map = torch.randn(2, 3, generator=torch.Generator().manual_seed(3))
    parts = list(faithfulness.growing_picture_curves(subject, text, patch_map, steps=6, seed=5))
    assert [len(deletion.share) for _, (deletion, _) in parts] == [3, 5, 7]
    assert [done for done, _ in parts] == pytest.approx([1 / 3, 2 / 3, 1])

    chance = [faithfulness.random_map(patch_map, 5 + i) for i in range(3)]
    maps = [patch_map, *chance, faithfulness.centre_map(patch_map)]
    keep = faithfulness.picture_masks(maps, (8, 12), 6, 5)
    pictures = torch.where(keep[:, None], subject.image.start, subject.image.blank)
    copied = text.select(torch.zeros(len(keep), dtype=torch.long))
    rows = faithfulness.unpack(subject.score(subject.image.read(pictures, None), copied).numpy(), 5)
    for _, pair in parts:
        at = (pair[0].share * 6).round().astype(int)
        for curves, expected in zip(pair, rows, strict=True):
            assert curves.map == pytest.approx(expected[0, at], abs=1e-5)
            assert curves.centre == pytest.approx(expected[4, at], abs=1e-5)
        assert pair[0].random_orders == pytest.approx(rows[0][1:4, at], abs=1e-5)
        assert pair[0].random == pytest.approx(rows[0][1:4, at].mean(0), abs=1e-5)


def test_giving_a_random_map_back_is_taking_it_away_read_backwards():
    subject = pooled_subject()
    deletion, insertion = picture_curves(subject, pair_of(subject)[1], one_hot(2), steps=5)
    assert insertion.random.tolist() == deletion.random[::-1].tolist()
    assert insertion.areas["random"] - deletion.areas["random"] == pytest.approx(0, abs=1e-12)
    assert insertion.random_orders.tolist() == deletion.random_orders[:, ::-1].tolist()
    assert len(insertion.random_orders) == 3 and insertion.margin == pytest.approx(deletion.margin)


def test_nothing_is_read_for_one_who_stops_asking():
    subject, read = pooled_subject(), []
    tower = type(subject.image)(
        subject.image.start, subject.image.nothing, lambda x, kept: read.append(len(x)) or subject.image.read(x, kept)
    )
    counted = pooled_subject(image=tower)
    parts = faithfulness.growing_picture_curves(counted, pair_of(subject)[1], one_hot(0), steps=10)
    assert read == []
    next(parts)
    assert read == [9]  # the picture, the blurred one, seven in the middle of the curves
    next(parts)
    assert read == [9, 14]
    parts.close()
    assert read == [9, 14]
    assert torch.is_grad_enabled()


# ---- words


def test_words_are_taken_out_in_the_order_of_their_weights():
    """The number counts word 1: gone first, it leaves 0 at once; gone last, it stays to the end."""
    text = text_tower(4, layers=0)
    subject = pooled_subject(text=text)
    counted = Subject(
        lambda i, t: FusionOutput(t.mask[:, 2:3].float()),
        lambda fused: fused.joint[:, 0],
        image=subject.image,
        text=text,
    )
    image, read = pair_of(subject)
    deletion, insertion = word_curves(counted, image, read, [0.1, 0.9, 0.2, 0.0])
    assert deletion.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert deletion.map.tolist() == [1, 0, 0, 0, 0] and insertion.map.tolist() == [0, 1, 1, 1, 1]
    late, _ = word_curves(counted, image, read, [0.5, -0.9, 0.2, 0.0])
    assert late.map.tolist() == [1, 1, 1, 1, 0]
    assert 0 < deletion.random[2] < 1  # several random orders, averaged
    assert deletion.random_orders.shape == (4, 5)


def test_words_are_read_in_parts_and_no_subset_twice(monkeypatch):
    """Four words: of 16 subsets the six orders meet some twice; all and none among them."""
    monkeypatch.setattr(faithfulness, "TEXTS", 3)
    text, read = text_tower(4), []
    tower = type(text)(text.start, text.nothing, lambda x, kept: read.extend(map(tuple, kept)) or text.read(x, kept))
    subject = pooled_subject(text=tower)
    image, said = pair_of(pooled_subject(text=text))
    *pauses, last = faithfulness.growing_word_curves(subject, image, said, [0.1, 0.9, 0.2, 0.0])
    assert len(read) == len({tuple(bool(v) for v in row) for row in read}) <= 16
    assert pauses == [None] * -(-len(read) // 3)
    monkeypatch.undo()
    whole = word_curves(subject, image, said, [0.1, 0.9, 0.2, 0.0])
    assert whole[0].random == pytest.approx(last[0].random, abs=1e-6)


def test_one_word_has_no_curve():
    text = text_tower(1)
    subject = pooled_subject(text=text)
    assert word_curves(subject, *pair_of(subject), [1.0]) is None


def test_orders_of_words():
    assert faithfulness.by_weight([0.1, 0.5, -0.2, 0.5]) == [1, 3, 0, 2]
    assert faithfulness.from_the_middle(5) == [2, 1, 3, 0, 4]
    assert faithfulness.word_counts(30, 12).tolist()[:3] == [0, 2, 5] and len(faithfulness.word_counts(3, 12)) == 4
    assert all(sorted(o) == [0, 1, 2, 3] for o in faithfulness.random_orders(4, 0))


# ---- agreement


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    for _ in range(5):
        a, b = rng.integers(0, 6, (4, 5)), rng.normal(size=(4, 5))  # many ties in the first
        assert rank_correlation(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic)
    assert rank_correlation(a, 3.0 * a + 1) == pytest.approx(1) and rank_correlation(a, -a) == pytest.approx(-1)
    assert rank_correlation(np.zeros(4), np.arange(4)) == 0


def test_equal_values_share_their_rank():
    assert ranks(np.array([[5, 1], [5, 2]])).tolist() == [2.5, 0, 2.5, 1]


def test_agreement_is_symmetric_with_ones_and_the_mean_map_counts_shares():
    maps = [np.array([[1.0, 0.0]]), np.array([[0.0, 8.0]]), np.zeros((1, 2))]
    assert agreement(maps).tolist() == [[1, -1, 0], [-1, 1, 0], [0, 0, 1]]
    assert mean_map(maps).tolist() == [[0.5, 0.5]]  # scaled first, the empty one left out
    assert mean_map([np.zeros((1, 2))]).tolist() == [[0, 0]]
