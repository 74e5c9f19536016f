"""The engine's autoencoder with the shipped weights: both sides, either side, the walk, errors."""

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.errors import ImageError, InputError, TextError


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def plain(colour: str, size: tuple[int, int] = (90, 60)) -> Image.Image:
    return Image.new("RGB", size, colour)


def test_both_sides_come_back_with_their_errors(engine):
    found = engine.reconstruct(plain("steelblue"), "a dog runs on the beach")
    assert found.original.shape == found.picture.shape == (64, 64, 3)
    assert found.image_error == pytest.approx(float(((found.original - found.picture) ** 2).mean()), rel=1e-4)
    assert found.image_error < engine.reconstruction_background.mean_picture_error
    assert found.text_error > 0 and found.known_words == ("dog", "run", "beach") and found.unknown_words == ()
    assert len(found.words) >= 20 and len(found.neighbours) > 2
    assert all(-1 <= cosine <= 1.0001 for _, cosine in found.neighbours)


def test_the_photo_goes_in_squashed_to_64_pixels(engine):
    stripes = np.zeros((128, 256, 3), np.uint8)
    stripes[:, 128:] = 255
    original = engine.reconstruct(Image.fromarray(stripes)).original
    assert original[:, :30].max() < 0.05 and original[:, 34:].min() > 0.95


def test_the_words_of_a_sentence_come_back_in_both_languages(engine):
    for text, expected in (("a dog in the snow", {"dog", "snow"}), ("一只狗在雪地里", {"狗", "雪地"})):
        found = engine.reconstruct(text=text)
        assert expected <= {word for word, _ in found.words[:12]}
        assert found.original is None and found.image_error is None


def test_colours_are_imagined_from_words(engine):
    ocean, grass = (
        engine.reconstruct(text=t).picture for t in ("a surfer on a wave in the ocean", "a dog in the grass")
    )
    assert (ocean[..., 2] - ocean[..., 0]).mean() > (grass[..., 2] - grass[..., 0]).mean() + 0.05


def test_words_that_the_list_lacks_are_named_and_the_photo_speaks_alone(engine):
    unknown = engine.reconstruct(plain("green"), "xylophone")
    alone = engine.reconstruct(plain("green"))
    assert unknown.unknown_words == ("xylophone",) and unknown.text_error is None
    assert np.array_equal(unknown.latent, alone.latent) and unknown.words == alone.words
    assert engine.reconstruct(text="xylophone").known_words == ()


def test_a_walk_begins_and_ends_at_its_pairs_and_is_straight(engine):
    first, second = (plain("navy"), None), (None, "a dog in the snow")
    codes = [engine.walk(first, second, share).latent for share in (0, 0.25, 1)]
    assert codes[0] == pytest.approx(engine.reconstruct(*first).latent, abs=1e-5)
    assert codes[2] == pytest.approx(engine.reconstruct(*second).latent, abs=1e-5)
    assert codes[1] == pytest.approx(0.75 * codes[0] + 0.25 * codes[2], abs=1e-4)


def test_a_walk_between_two_photos_begins_with_the_words_of_the_first(engine):
    first = plain("navy")
    expected = dict(engine.reconstruct(first).words)
    found = dict(engine.walk((first, None), (plain("white"), " "), 0.0).words)
    assert found.keys() == expected.keys() and all(abs(found[w] - p) < 1e-4 for w, p in expected.items())


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_a_share_outside_the_walk_is_refused(engine, share):
    with pytest.raises(InputError, match="between 0 and 1") as caught:
        engine.walk((plain("navy"), None), (None, "a dog"), share)
    assert caught.value.code == "share_outside"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_nothing_given_is_said(engine, text):
    with pytest.raises(TextError) as caught:
        engine.reconstruct(None, text)
    assert caught.value.code == "nothing_given"
    with pytest.raises(TextError):
        engine.walk((plain("navy"), None), (None, text), 0.5)


def test_bad_inputs_are_refused_as_everywhere(engine):
    with pytest.raises(ImageError):
        engine.reconstruct("no picture")
    with pytest.raises(TextError):
        engine.reconstruct(text="x" * 10_000)
    for size in ((1, 1), (5000, 3)):
        assert np.isfinite(engine.reconstruct(plain("red", size)).latent).all()


def test_the_background_is_that_of_the_card(engine):
    usual = engine.reconstruction_background
    assert 0 < usual.picture_error < usual.mean_picture_error < 0.2
    assert 0 < usual.words_error < usual.common_words_error
    assert 0 < usual.edges_kept < 1 and usual.words > 500 and "998" in usual.source
