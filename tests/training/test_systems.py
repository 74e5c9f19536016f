"""What the recipes of the complete systems share: word lists, drawn pairs, figures. Worked out by hand."""

import numpy as np
import pytest
import torch

from mmdemo.encoders.lstm import END, SPECIAL_WORDS, LstmEncoder
from mmdemo.tasks.matching import Calibration
from mmdemo.training.data import pairs
from mmdemo.training.data.sides import Captions, ReadTexts, by_side, drop_side
from mmdemo.training.data.small_pictures import as_pixels
from mmdemo.training.data.word_lists import encode_words, word_list
from mmdemo.training.measure import systems as figures
from mmdemo.training.recipes.cnn_lstm import Inputs
from mmdemo.training.recipes.lstm import Taught, principal, start_from_meanings


def captioned(photos: int = 3) -> pairs.Captioned:
    kinds = np.array(["en", "en", "zh"] * photos)
    texts = [f"{kind} {i}" for i, kind in enumerate(kinds)]
    return pairs.Captioned([{} for _ in range(photos)], texts, np.repeat(np.arange(photos), 3), kinds)


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return LstmEncoder([*SPECIAL_WORDS, "a", "dog", "狗"], width=8, embedding=4).eval()


def test_word_list_is_by_frequency_then_by_letters_after_the_special_words():
    found = word_list(["the dog", "The cat", "the 狗 dog", "bird"], 6)
    assert found == [*SPECIAL_WORDS, "the", "dog", "bird"]  # bird, cat and 狗 once each: by letters


def test_words_are_encoded_as_the_tower_prepares_them(tower):
    texts = ["a dog", "狗", "a cat and a dog"]
    ids, mask = encode_words(texts, tower).padded(torch.arange(3))
    batch = tower.prepare(texts)
    assert ids.tolist() == batch.tensors["ids"].tolist() and mask.tolist() == batch.tensors["mask"].tolist()


def test_texts_read_anew_are_those_of_the_tower(tower):
    texts = ["a dog", "狗 狗 a"]
    found = ReadTexts(texts, tower).batch(torch.tensor([1]))
    torch.testing.assert_close(found.pooled, tower(tower.prepare(texts[1:])).pooled)


def test_a_word_starts_as_the_mean_of_the_points_of_its_texts():
    tower = LstmEncoder([*SPECIAL_WORDS, "a", "dog", "狗"], width=8, embedding=2)
    points = torch.tensor([[2.0, 0.0, 0.0], [-2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, -1.0, 0.0]]).repeat(7, 1)
    texts = encode_words(["a", "dog", "a", "dog"] * 7, tower)
    start_from_meanings(tower, Taught(texts, principal(points, 3), torch.ones(28)))
    a, dog, end = (tower.embedding.weight[tower.table[w]] for w in ("a", "dog", END))
    torch.testing.assert_close(a, -dog)  # means (1, 0.5) and (-1, -0.5), whatever the directions' signs
    torch.testing.assert_close(end, torch.zeros(2))  # stands in all texts, whose mean is zero
    assert (tower.embedding.weight[tower.embedding.padding_idx] == 0).all() and a.abs().min() > 0.1


def test_principal_coordinates_keep_distances_the_widest_direction_first():
    points = torch.tensor([[3.0, 0.0, 1.0], [-3.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, -1.0, 1.0]]).repeat(7, 1)
    found = principal(points, 2)
    expected = torch.tensor([[3.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    torch.testing.assert_close(found[:4].abs(), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(torch.cdist(found, found), torch.cdist(points, points), atol=1e-3, rtol=1e-3)


def test_every_caption_meets_its_own_photo_and_then_another():
    some = captioned()
    texts, photos, truth = figures.own_and_other(some, "en", seed=0)
    assert texts.tolist() == [0, 1, 3, 4, 6, 7] * 2 and truth.tolist() == [1.0] * 6 + [0.0] * 6
    own = torch.from_numpy(some.photo_of_text)[texts]
    assert (photos == own).tolist() == [True] * 6 + [False] * 6


def test_a_perfect_score_has_an_area_of_one_and_a_blind_one_of_a_half():
    some = captioned(40)
    own = torch.from_numpy(some.photo_of_text)
    perfect = figures.match_figures(lambda p, t: 0.1 + 0.8 * (own[t] == p).float(), some, seed=0)
    blind = figures.match_figures(lambda p, t: torch.full((len(p),), 0.5), some, seed=0)
    for language in ("English", "Chinese"):
        assert perfect[language]["AUC"] == 1 and perfect[language]["accuracy"] == 100
        assert perfect[language]["calibration_error"] == pytest.approx(0.1, abs=1e-6)
        assert blind[language]["AUC"] == 0.5


def test_calibration_turns_raw_scores_into_rates():
    some = captioned(200)
    own, noise = torch.from_numpy(some.photo_of_text), torch.Generator().manual_seed(0)
    calibration = Calibration()
    found = figures.calibrated_figures(
        calibration, lambda p, t: 40 * (own[t] == p).float() + 40 * torch.randn(len(p), generator=noise), some, seed=0
    )
    assert found["English"]["calibration_error"] < 0.06 and 0.6 < found["English"]["AUC"] < 0.9
    assert calibration.slope.item() == pytest.approx(1 / 40, rel=0.2)  # of two normals, distance 40, deviation 40


def test_captions_are_drawn_beside_their_own_photo_and_the_next_one(tower):
    some = captioned()
    views = [torch.arange(3).view(3, 1, 1).expand(3, 2, 4).half()]
    data = Captions(views, ReadTexts(some.texts, tower), some)
    image, text, truth = data.beside(torch.tensor([0, 4, 8]))
    assert image.tokens[:, 0, 0].tolist() == [0, 1, 2, 2, 0, 1] and truth.tolist() == [1, 1, 1, 0, 0, 0]
    torch.testing.assert_close(text.tokens[:3], text.tokens[3:])


def test_a_side_is_dropped_as_often_as_asked_and_never_both(tower):
    text = ReadTexts(["a dog"], tower).batch(torch.tensor([0]))
    rng = np.random.default_rng(0)
    found = [drop_side(text, text, rng, 0.2) for _ in range(2000)]
    assert 0.16 < np.mean([image is None for image, _ in found]) < 0.24
    assert 0.16 < np.mean([words is None for _, words in found]) < 0.24
    assert not any(image is None and words is None for image, words in found)
    assert drop_side(None, text, rng, 1.0)[1] is text  # a text that stands alone stays


def test_forgotten_words_become_unknown_and_padding_stays(tower):
    data = Inputs.__new__(Inputs)
    data.texts, data.table = encode_words(["a dog a dog", "狗"], tower), tower.table
    kept, gone = data.text(torch.arange(2)), data.text(torch.arange(2), forgotten=1.0)
    assert kept.tensors["ids"].tolist() == tower.prepare(["a dog a dog", "狗"]).tensors["ids"].tolist()
    unknown = tower.table["[UNK]"]
    assert (gone.tensors["ids"][gone.tensors["mask"]] == unknown).all()
    assert (gone.tensors["ids"][~gone.tensors["mask"]] == tower.table["[PAD]"]).all()


def test_bytes_become_pixels_from_minus_one_to_one():
    found = as_pixels(torch.tensor([0, 51, 255]).byte().view(1, 3, 1, 1))
    assert found.flatten().tolist() == pytest.approx([-1, -0.6, 1])


def test_one_text_each_is_a_text_of_that_very_photo_and_all_have_their_turn():
    found = pairs.Captioned([{}] * 3, list("abcdef"), np.array([2, 0, 2, 1, 0, 2]), np.array(["en"] * 6))
    rng = np.random.default_rng(0)
    drawn = np.stack([found.one_text_each(np.array([2, 0]), rng) for _ in range(60)])  # [60, 2]
    assert set(drawn[:, 0]) == {0, 2, 5} and set(drawn[:, 1]) == {1, 4}


def test_every_second_caption_is_asked_about_with_the_same_draw_of_others():
    texts, photos, truth = figures.own_and_other(captioned(), "en", seed=0, every=2)
    assert (
        texts.tolist() == [0, 3, 6] * 2 and photos[:3].tolist() == [0, 1, 2] and truth.tolist() == [1.0] * 3 + [0.0] * 3
    )
    assert (photos[3:] != photos[:3]).all()


def test_each_half_of_the_photos_is_judged_by_the_other_halfs_fit_and_all_fit_what_is_left():
    photo = torch.arange(400)
    value = torch.randn(400, generator=torch.Generator().manual_seed(0))
    truth = ((value > 0) ^ (photo % 2 == 1)).float()  # what fits the even photos is wrong of the odd ones
    truth[:8] = 1 - truth[:8]  # so that no slope is without bounds
    calibration = Calibration()
    probability = figures.cross_fitted(calibration, value, truth, photo)
    assert ((probability > 0.5) == (truth > 0.5)).float().mean() < 0.1
    assert abs(calibration.slope.item()) < 0.3


def test_a_question_is_put_to_both_sides_and_to_each_alone():
    assert by_side(lambda image, text: (image, text), 1, 2) == {
        "both": (1, 2), "image_only": (1, None), "text_only": (None, 2),
    }  # fmt: skip
