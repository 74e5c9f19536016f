"""Counts of letters and characters: what is counted, hand-computed surprise, and the evidence of a layout."""

import math

import pytest
import torch

from mmdemo.tasks.ngrams import EVIDENCE, ODD_SURPRISE, USUAL_SURPRISE, NgramCounts, keys_of, plain_text
from mmdemo.types import TextLayout


@pytest.fixture
def counts():
    """Ten times "dog" and ten times a Chinese word."""
    found = NgramCounts(40)
    found.fill(["dog"] * 10 + ["小狗"] * 10)
    return found


def layout(text: str, unread: tuple[int, ...] = ()) -> TextLayout:
    words = tuple(text.split())
    units = tuple(words[i] for i in unread)
    return TextLayout(text, ("<s>", *words), (None, *range(len(words))), words, 0, unread, unread_units=units)


def named(found: torch.Tensor) -> dict[str, float]:
    return dict(zip(EVIDENCE, found.tolist(), strict=True))


def test_words_threes_of_letters_and_pairs_of_characters_are_counted():
    assert list(keys_of("dog")) == ["wdog", "t^d", "t^do", "tdo", "tdog", "tog", "tog$"]
    assert list(keys_of("小狗")) == ["h小", "h狗", "h小狗"]


def test_links_and_accounts_are_nobodys_words():
    assert plain_text("@anna ＬＯＯＫ https://t.co/xQ7 now").split() == ["look", "now"]


def test_counts_come_back_within_their_step_and_unmet_runs_are_zero(counts):
    assert counts.count(["wdog", "h小狗", "tdog"]) == pytest.approx([10, 10, 10], rel=0.05)
    assert (counts.count(["wcat", "h狗小", ""]) == 0).all()


def test_surprise_is_the_mean_of_the_letters(counts):
    ten = counts.count(["wdog"])[0]
    assert counts.surprise("dog") == pytest.approx(-math.log((ten + 0.02) / (ten + 1)), abs=1e-6)
    first, unmet = -math.log((ten + 0.02) / (ten + 1)), -math.log(0.02)
    third = -math.log(0.02 / (ten + 1))  # "do" was met, "do$" was not
    assert counts.surprise("do") == pytest.approx((first + third) / 2, abs=1e-6)
    assert counts.surprise("zz") == pytest.approx(unmet, abs=1e-6) and unmet > ODD_SURPRISE


def test_a_pair_that_was_met_informs_and_its_mirror_does_not(counts):
    met, known, all_pairs = counts.pair_information("小狗")
    ten = counts.count(["h小狗"])[0]
    one = counts.count(["h小"])[0] + 1
    assert met == pytest.approx(math.log((ten + 0.1) * 20 / one**2), abs=1e-4) and (known, all_pairs) == (1, 1)
    mirrored, known, _ = counts.pair_information("狗小")
    assert mirrored < met and known == 0


def test_shares_of_scripts_sum_to_one(counts):
    found = named(counts.evidence(layout("dog 小狗 мир 12 !")))
    shares = [found[f"share_{kind}"] for kind in ("latin", "han", "other_letters", "digits", "signs")]
    assert shares == pytest.approx([3 / 11, 2 / 11, 3 / 11, 2 / 11, 1 / 11])


def test_evidence_of_a_known_word_and_of_noise(counts):
    known, noise = (named(counts.evidence(layout(text))) for text in ("dog dog", "zxq zxq"))
    assert known["surprise"] == pytest.approx(counts.surprise("dog") - USUAL_SURPRISE, abs=1e-5)
    assert (known["share_known_words"], known["share_odd"]) == (1, 0)
    assert (noise["share_known_words"], noise["share_odd"]) == (0, 1)
    assert known["pair_information"] == known["share_known_pairs"] == 0  # no Chinese in it
    assert known["pieces_a_character"] == pytest.approx(2 / 6)


def test_unread_words_count_by_their_letters(counts):
    assert named(counts.evidence(layout("мир dog", unread=(0,))))["share_unread"] == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\u200d", "a" * 5000])
def test_any_text_gives_finite_numbers(counts, text):
    assert counts.evidence(layout(text)).isfinite().all()


def test_threes_of_letters_are_kept_before_all_others():
    few = NgramCounts(6)
    few.fill(["dog", *["小狗"] * 50])
    assert (few.count(["t^d", "t^do", "tdo", "tdog"]) > 0).sum() >= 3
