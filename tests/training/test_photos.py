"""Index, decoding and views, on a folder of three photos made here."""

import random

import numpy as np
import pytest
import torch
from PIL import Image

from mmdemo.training.data import photos
from tests.photo_folder import write_photos

SIZES = [(128, 200), (150, 128), (64, 64)]


@pytest.fixture
def folder(tmp_path):
    rows = [{"file": f"made/{i}.webp", "split": "train"} for i in range(len(SIZES))]
    rows[0]["labels"] = ["thing"]
    pictures = [Image.new("RGB", size, (80 * i, 10, 200)) for i, size in enumerate(SIZES)]
    return write_photos(tmp_path, zip(pictures, rows, strict=True))


def test_every_row_decodes_to_its_own_photo(folder):
    for i, row in enumerate(photos.read_index(folder)):
        picture = photos.decode(row)
        assert picture.mode == "RGB"
        assert picture.size == SIZES[i]
        assert picture.getpixel((5, 5)) == (80 * i, 10, 200)


def test_photos_set_aside_and_small_ones_are_not_trained_on(folder):
    train, held = photos.split_photos(photos.read_index(folder))
    assert [row["file"] for row in train] == ["made/1.webp"]
    assert [row["file"] for row in held] == ["made/0.webp"]


@pytest.mark.parametrize(
    "view", [photos.centre_view, photos.plain_view, photos.squashed_view, photos.random_view, photos.mixed_view]
)
def test_a_view_is_a_square_that_depends_on_its_seed_alone(view):
    picture = Image.effect_noise((90, 140), 50).convert("RGB")
    once, again = (view(picture, 33, random.Random(4)) for _ in range(2))
    assert once.shape == (33, 33, 3)
    assert once.dtype == np.uint8
    assert (once == again).all()


def test_batches_come_in_order_and_do_not_depend_on_threads(folder):
    rows = photos.read_index(folder)
    one, two = (
        list(photos.view_batches(rows, 17, batch=2, view=photos.random_view, seed=3, threads=n)) for n in (1, 2)
    )
    assert [tuple(b.shape) for b in one] == [(2, 3, 17, 17), (1, 3, 17, 17)]
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    red = torch.cat(one)[:, 0].mean((1, 2))
    torch.testing.assert_close(red, torch.tensor([0.0, 80.0, 160.0]) / 127.5 - 1, rtol=0, atol=0.02)


def test_the_variable_names_the_folder_unless_one_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("MMDEMO_DATA", str(tmp_path))
    assert photos.data_folder() == tmp_path
    assert photos.data_folder(tmp_path / "other") == tmp_path / "other"
