"""What the matching head's recipe is built of, each against a known answer. No data, no tower."""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmdemo.fusion.shared_space import Reading
from mmdemo.tasks.matching import Calibration
from mmdemo.training.data import pairs
from mmdemo.training.data.boxes import box_mask
from mmdemo.training.data.features import JoinedTokens, TextTokens
from mmdemo.training.data.lessons import Captions, Narrowing, Seen
from mmdemo.training.data.swapped_words import GROUPS, swapped
from mmdemo.training.matching_losses import contrast, place_vectors
from mmdemo.training.measure.matching import Encoded, judged, near_right, nearest_captions


@pytest.mark.parametrize(
    ("text", "language"), [("A brown dog runs on the beach .", "en"), ("一只黑色的狗在草地上奔跑", "zh")]
)
def test_a_swapped_caption_differs_by_one_word_of_the_same_group(text, language):
    for seed in range(20):
        other = swapped(text, language, random.Random(seed))
        gone = [
            w
            for group in GROUPS[language]
            for w in group
            if w in text.lower() and text.lower().count(w) > other.lower().count(w)
        ]
        assert other != text and gone


def test_a_caption_without_a_word_to_swap_has_no_wrong_twin():
    assert swapped("Sunset over there", "zh", random.Random(0)) is None
    assert swapped("Redwood", "en", random.Random(0)) is None  # "red" is no word of it


def test_places_whose_middle_lies_in_a_box_are_marked():
    mask = box_mask([[0.0, 0.0, 0.5, 0.5]], side=4, margin=0.0).reshape(4, 4)
    assert mask.tolist() == [[True, True, False, False]] * 2 + [[False] * 4] * 2
    assert box_mask([[0.9, 0.9, 0.05, 0.05]], side=4, margin=0.0).sum() == 0  # too small for the grid


def test_narrowing_as_one_linear_layer_gives_the_same_numbers():
    torch.manual_seed(0)
    tokens = torch.randn(30, 5, 8) @ torch.randn(8, 8) + 3
    narrowing = Narrowing.fit([tokens], narrow=3)
    weight, bias = narrowing.linear()
    assert np.allclose(narrowing.narrowed(tokens), F.linear(tokens, weight, bias).numpy(), atol=2e-2)  # float16
    assert torch.allclose(narrowing.axes.T @ narrowing.axes, torch.eye(3), atol=1e-5)


def test_place_vectors_of_narrowed_places_are_those_of_the_whole_where_nothing_was_lost():
    torch.manual_seed(0)
    tokens = torch.randn(40, 5, 6) + 1
    narrowing = Narrowing.fit([tokens], narrow=6)
    reading = Reading(6, 4, 8, 6, 0.0, 0.0).eval()
    weight, bias = narrowing.linear()
    reading.narrow.weight.data, reading.narrow.bias.data = weight, bias
    torch.nn.init.normal_(reading.place.out.weight)
    z = reading.narrow(tokens)
    whole = F.normalize(reading.places(tokens, z), dim=-1)
    assert torch.allclose(place_vectors(reading, z, narrowing), whole, atol=1e-4)


def test_contrast_is_cross_entropy_both_ways_but_for_the_smoothing():
    logits = torch.randn(4, 4, generator=torch.Generator().manual_seed(0))
    own = torch.arange(4)
    smoothed = [F.cross_entropy(x, own, label_smoothing=0.05) for x in (logits, logits.T)]
    assert contrast(logits, torch.eye(4, dtype=torch.bool)) == pytest.approx((sum(smoothed) / 2).item(), abs=1e-6)


def test_calibration_counts_rows_by_their_weight():
    value, truth = torch.tensor([0.0, 1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, 0.0, 1.0])
    weighted, repeated = Calibration(), Calibration()
    weighted.fit(value, truth, torch.tensor([3.0, 1.0, 1.0, 1.0]))
    repeated.fit(torch.cat([value, value[:1], value[:1]]), torch.cat([truth, truth[:1], truth[:1]]))
    assert torch.allclose(weighted.slope, repeated.slope) and torch.allclose(weighted.offset, repeated.offset)


def test_joined_tokens_are_read_by_one_index_over_all_sets():
    first, second = torch.zeros(2, 3, 4), torch.ones(3, 3, 4)
    second[2] = 7
    joined = JoinedTokens([first, second])
    assert len(joined) == 5
    assert joined[torch.tensor([4, 1, 2])][:, 0, 0].tolist() == [7, 0, 1]


def test_joined_texts_keep_their_lengths():
    one = TextTokens(torch.arange(3.0).view(3, 1), torch.tensor([0, 1, 3]))
    two = TextTokens(torch.tensor([[9.0]]), torch.tensor([0, 1]))
    joined = TextTokens.join([one, two])
    assert joined.starts.tolist() == [0, 1, 3, 4] and joined.batch(torch.tensor([2])).tokens.flatten().tolist() == [9]


def _captions() -> Captions:
    tokens = TextTokens(torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1], [1, 1]]), torch.arange(6))
    seen = Seen(torch.zeros(3, 2), np.zeros((3, 4, 2), np.float16))
    return Captions(
        [seen], tokens, np.array([0, 0, 1, 1, 2]), np.array(["en", "zh", "en", "translated", "zh"]), [{}] * 3
    )


def test_captions_of_a_language_are_drawn_with_their_own_photos():
    captions = _captions()
    captions.find_near(count=3)
    photos, texts = captions.draw("zh", 3, 0.0, np.random.default_rng(0))
    assert sorted(photos.tolist()) == [0, 1, 2] and (captions.photo_of_text[texts] == photos).all()
    assert set(captions.draw("en", 2, 0.0, np.random.default_rng(0))[0].tolist()) == {0, 1}
    assert captions.near[:, 0].tolist() == [0, 1, 2]  # each photo's nearest is itself


def _encoded() -> Encoded:
    photos = [{"file": str(i)} for i in range(3)]
    found = pairs.Captioned(photos, ["a", "b", "c"], np.arange(3), np.array(["en"] * 3))
    images = F.normalize(torch.tensor([[1.0, 0], [0, 1], [1, 1]]), dim=-1)
    texts = F.normalize(torch.tensor([[1.0, 0], [0, 1], [0, 1]]), dim=-1)  # the third fits the second photo better
    return Encoded(images, texts, torch.tensor([[1.0, 0], [0, 1], [0.1, 1]]), found)


def test_a_caption_is_right_when_it_fits_better_than_its_neighbours():
    own, cosine, rivals = nearest_captions(_encoded(), "en", count=1)
    assert own.tolist() == [0, 1, 2] and cosine.tolist() == pytest.approx([1, 1, 0.5**0.5])
    assert rivals[1].item() == pytest.approx(1)  # the third caption is the second's neighbour, and ties with it
    assert near_right(_encoded(), "en") == pytest.approx(100 / 3)  # a tie is not right


def test_pairs_to_calibrate_on_are_half_true_and_a_quarter_each_random_and_near():
    found = judged(_encoded(), "en", seed=0)
    assert found.truth.tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0] and found.near.tolist() == [False] * 6 + [True] * 3
    assert found.weight.sum().item() == pytest.approx(3.0)
    assert (found.photo[3:6] != torch.arange(3)).all() and found.photo[7:].tolist() == [2, 1]
