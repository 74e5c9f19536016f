"""Pictures painted by code: known answers of the sheet and of the solid figures, and files that are painted once."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmdemo import inputs
from mmdemo.ui.drawn import animals, kept, models, sea, town
from mmdemo.ui.drawn.canvas import GRAIN, SCALE, Canvas, mixed, run


def colour_at(canvas: Canvas, x: float, y: float) -> tuple[int, ...]:
    return canvas.image.getpixel((round(SCALE * x), round(SCALE * y)))


def test_a_shape_is_painted_where_it_lies_and_nowhere_else():
    canvas = Canvas("#000000", size=(40, 30))
    canvas.rectangle((10, 5, 20, 15), "#ff0000")
    canvas.limb([(25, 20), (35, 20)], (4, 4), "#00ff00")
    assert colour_at(canvas, 15, 10) == (255, 0, 0) and colour_at(canvas, 22, 10) == (0, 0, 0)
    assert colour_at(canvas, 30, 21) == (0, 255, 0) and colour_at(canvas, 30, 23) == (0, 0, 0)


def test_colours_run_from_top_to_bottom_and_mix_by_share():
    column = np.asarray(run(["#000000", "#c80000"], (1, 3), 0, 2))[:, 0, 0]
    assert column.tolist() == [0, 100, 200]
    assert mixed("#000000", "#6496c8", np.array([0, 0.5, 1])).tolist() == [[0, 0, 0], [50, 75, 100], [100, 150, 200]]


def test_what_is_put_stands_with_its_foot_on_the_point():
    canvas = Canvas("#000000", size=(40, 30))
    canvas.put(Image.new("RGBA", (10, 10), "#ffffff"), 20, 25, 8)
    assert colour_at(canvas, 20, 24) == colour_at(canvas, 17, 18) == (255, 255, 255)
    assert colour_at(canvas, 20, 26) == colour_at(canvas, 20, 15) == (0, 0, 0)


def test_a_finished_picture_has_its_own_size_and_a_fine_grain():
    pixels = np.asarray(Canvas("#808080", size=(100, 80)).finished(), float)
    assert pixels.shape == (80, 100, 3) and pixels.std() == pytest.approx(GRAIN, rel=0.1)


def test_what_is_twice_as_far_away_is_half_as_large():
    middle = np.array(town.MIDDLE)
    near, far = (np.array(town.at(2, 0.5, z)) - middle for z in (10, 20))
    assert np.allclose(near, 2 * far)


TRIANGLE = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 4]])  # x, y, depth


def test_a_triangle_covers_the_pixels_inside_with_weights_of_its_corners():
    depth = np.full((6, 6), -np.inf)
    rows, columns, weights = models.covered(TRIANGLE, depth)
    assert len(rows) == 15 and np.allclose(weights.sum(1), 1)  # 5 + 4 + 3 + 2 + 1
    assert depth[2, 1] == 2 and depth[5, 5] == -np.inf
    assert np.allclose(weights @ TRIANGLE[:, :2], np.stack([columns, rows], 1))


def test_what_stands_behind_is_hidden():
    depth = np.full((6, 6), -np.inf)
    models.covered(TRIANGLE, depth)
    assert len(models.covered(TRIANGLE - (0, 0, 1), depth)[0]) == 0
    assert len(models.covered(TRIANGLE + (0, 0, 1), depth)[0]) == 15


def test_only_triangles_whose_corners_run_against_the_clock_show_their_outer_side():
    assert models.turned_to_us(np.stack([TRIANGLE, TRIANGLE[::-1]])).tolist() == [False, True]  # y points down


def test_the_normals_of_a_flat_sheet_stand_upright_on_it():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert np.allclose(models.normals(points, np.array([[0, 1, 2], [0, 2, 3]])), [0, 0, 1])


@pytest.mark.parametrize(("name", "triangles"), [("Duck.glb", 4212), ("Fox.gltf", 576), ("Bunny.obj", 4968)])
def test_the_figures_of_gradio_are_read(name, triangles):
    mesh = models.load_mesh(name)
    assert mesh.triangles.shape == (triangles, 3) and mesh.triangles.max() < len(mesh.points)
    assert np.abs(mesh.points).max() == 1
    assert mesh.places is None or mesh.places.shape == (len(mesh.points), 2)


@pytest.mark.parametrize("draw", [sea.sunset, animals.fox])
def test_the_same_code_paints_the_same_pixels(draw):
    assert draw().tobytes() == draw().tobytes()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """An empty folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept.folder.cache_clear()
    yield tmp_path
    kept.folder.cache_clear()


def test_a_picture_is_painted_once_and_again_when_its_file_has_gone(temporary, monkeypatch):
    painted = []

    def draw() -> Image.Image:
        painted.append(1)
        return Image.new("RGB", (20, 10), "red")

    monkeypatch.setitem(kept.DRAWINGS, "one.jpg", draw)
    (path,) = {kept.drawing("one.jpg") for _ in range(3)}
    assert painted == [1] and inputs.read_image(path).size == (20, 10)
    assert [p.name for p in (temporary / f"mmdemo-drawn-{kept.version()}").iterdir()] == ["one.jpg"]
    shutil.rmtree(Path(path).parent)
    assert kept.drawing("one.jpg") == path and painted == [1, 1]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users are told apart on POSIX only")
def test_pictures_that_somebody_else_has_put_there_are_not_shown(temporary, monkeypatch):
    (temporary / f"mmdemo-drawn-{kept.version()}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: -1)
    assert kept.folder() != temporary / f"mmdemo-drawn-{kept.version()}"
    assert list(kept.folder().iterdir()) == []
