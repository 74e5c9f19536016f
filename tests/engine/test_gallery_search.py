"""Search through a gallery: exact, block by block, in memory and on disk; recall, and the map of both sides."""

import json
from functools import partial

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.engine import index_files
from mmdemo.engine.gallery_measures import flat_map, recall
from mmdemo.engine.index import Index, nearest
from mmdemo.errors import InputError
from tests.pictures import picture

GENERATOR = np.random.default_rng(0)


def unit(*shape: int) -> np.ndarray:
    values = GENERATOR.standard_normal(shape).astype(np.float32)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def encode(pictures) -> np.ndarray:
    """A picture's mean colour as a unit vector [B, 3]."""
    colours = np.stack([np.asarray(p.convert("RGB"), np.float32).mean((0, 1)) + 1 for p in pictures])
    return colours / np.linalg.norm(colours, axis=1, keepdims=True)


def encode_words(texts) -> np.ndarray:
    axes = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
    return np.array([axes[text] for text in texts], np.float32)


def index() -> Index:
    pictures = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue", "yellow")]
    return Index(("r", "g", "b", "y"), encode(pictures), "toy", encode, encode_words)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_blocks_find_what_one_product_finds(monkeypatch, dtype):
    monkeypatch.setattr("mmdemo.engine.index.BLOCK", 7)
    vectors, queries = unit(50, 16).astype(dtype), unit(3, 16)
    scores, places = nearest(queries, vectors, 9)
    whole = queries @ vectors.astype(np.float32).T
    assert (places == np.argsort(-whole, 1)[:, :9]).all()
    assert np.allclose(scores, -np.sort(-whole, 1)[:, :9], atol=1e-6)
    assert nearest(queries, vectors, 99)[1].shape == (3, 50)


def test_of_equals_the_first_comes_first_across_blocks(monkeypatch):
    monkeypatch.setattr("mmdemo.engine.index.BLOCK", 3)
    vectors = np.repeat(unit(1, 8), 10, 0)
    assert nearest(vectors[:1], vectors, 4)[1].tolist() == [[0, 1, 2, 3]]


def test_texts_photos_and_their_arithmetic_find_what_they_should():
    found = index()
    assert found.search("green", 1)[0].name == "g"
    assert [hit.name for hit in found.search(Image.new("RGB", (9, 9), "blue"), 1)] == ["b"]
    both = found.query(Image.new("RGB", (9, 9), "red"), "green")
    assert found.search(both, 1)[0].name == "y" and np.linalg.norm(both) == pytest.approx(1)
    without = found.query(Image.new("RGB", (9, 9), "yellow"), without="red")
    assert found.search(without, 1)[0].name == "g"
    with pytest.raises(InputError, match="photo or a text"):
        found.query(None, "  ")


def test_recall_counts_the_best_own_item_and_says_what_chance_gives():
    similarity = np.array([[0.9, 0.1, 0.5], [0.2, 0.8, 0.9], [0.3, 0.2, 0.1]])
    measured = recall(similarity, np.eye(3, dtype=bool))
    assert measured.at == {1: pytest.approx(1 / 3), 5: 1.0, 10: 1.0} and measured.median_rank == 2
    assert measured.chance[1] == pytest.approx(1 / 3) and measured.chance[5] == 1
    several = recall(np.array([[0.1, 0.9, 0.5, 0.4]]), np.array([[True, False, True, False]]))
    assert several.median_rank == 2 and several.chance[1] == pytest.approx(0.5)


def test_recall_of_a_model_that_says_the_same_of_all_is_what_chance_gives():
    measured = recall(np.zeros((20, 20)), np.eye(20, dtype=bool), ks=(1, 4))
    assert measured.at == pytest.approx(measured.chance) == {1: 0.05, 4: 0.2} and measured.median_rank == 10.5


def test_the_map_keeps_the_gap_or_closes_it():
    photos, texts = unit(20, 8) * 0.1 + np.eye(8)[0], unit(20, 8) * 0.1 - np.eye(8)[0]
    apart, together = flat_map(photos, texts), flat_map(photos, texts, close=True)
    assert apart.gap == pytest.approx(np.linalg.norm(photos.mean(0) - texts.mean(0)), rel=1e-5) == together.gap
    assert abs(apart.photos.mean(0) - apart.texts.mean(0)).max() > 1.5
    assert abs(together.photos.mean(0) - together.texts.mean(0)).max() < 0.01
    assert 0 < together.explained < apart.explained <= 1
    assert flat_map(unit(1, 8), unit(0, 8)).photos.shape == (1, 2)


MODEL = {"name": "toy", "sha256": "0", "width": 3}


def painted(folder, names) -> None:
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (10 * i + 5, 200 - 10 * i, 60)).save(folder / name)


def test_an_index_on_disk_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(index_files, "BATCH", 2)
    photos, place = tmp_path / "photos", tmp_path / "index"
    painted(photos, ["a.png", "b.png", "sub/c.png", "d.png", "e.png"])
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (photos / "notes.txt").write_text("no photo")
    asked: list[int] = []

    def counting(pictures):
        asked.append(len(pictures))
        return encode(pictures)

    growing = index_files.grow(photos, place, MODEL, partial(index_files.read_here, counting))
    assert next(growing).read == 2
    growing.close()
    with (place / "vectors.f16").open("ab") as file:  # killed between the vectors and their lines
        file.write(b"\0" * 6)
    with (place / "photos.jsonl").open("a") as file:  # and in the middle of a line
        file.write('{"name": "cut')
    *_, last = index_files.grow(photos, place, MODEL, partial(index_files.read_here, counting))
    assert (last.read, last.unread, last.total) == (5, 1, 6) and sum(asked) == 5
    names, vectors = index_files.opened(place, MODEL)
    assert names == ("a.png", "b.png", "d.png", "e.png", "sub/c.png") and isinstance(vectors, np.memmap)
    pictures = [Image.open(photos / name) for name in names]
    assert np.allclose(vectors, encode(pictures), atol=1e-3)
    assert list(index_files.problems(place)) == ["broken.jpg"]
    assert list(index_files.grow(photos, place, MODEL, partial(index_files.read_here, counting))) == []


def test_a_changed_photo_is_read_again_and_another_model_begins_anew(tmp_path):
    photos, place = tmp_path / "photos", tmp_path / "index"
    painted(photos, ["a.png", "b.png"])
    list(index_files.grow(photos, place, MODEL, partial(index_files.read_here, encode)))
    Image.new("RGB", (20, 20), "blue").save(photos / "a.png")
    list(index_files.grow(photos, place, MODEL, partial(index_files.read_here, encode)))
    names, vectors = index_files.opened(place, MODEL)
    assert names == ("a.png", "b.png") and vectors[0].argmax() == 2
    other = MODEL | {"sha256": "1"}
    with pytest.raises(InputError, match="python -m mmdemo index"):
        index_files.opened(place, other)
    list(index_files.grow(photos, place, other, partial(index_files.read_here, encode)))
    assert len((place / "photos.jsonl").read_text().splitlines()) == 2
    assert json.loads((place / "index.json").read_text()) == other


def test_a_folder_without_photos_is_said(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError):
            list(index_files.grow(folder, tmp_path / "index", MODEL, partial(index_files.read_here, encode)))


# ---- over the shipped towers


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def test_the_engines_index_finds_what_match_ranks_first(engine):
    photos = [picture(i) for i in range(3)]
    found = engine.index(photos, ["a", "b", "c"])
    cosines = [float(engine.match(photo, "a red circle").similarity[0]) for photo in photos]
    hits = found.search("a red circle", 3)
    assert [hit.place for hit in hits] == np.argsort(-np.array(cosines)).tolist()
    assert [hit.similarity for hit in hits] == pytest.approx(sorted(cosines, reverse=True), abs=1e-5)
    assert found.search(photos[1], 1)[0].name == "b" and engine.index([]).search("a", 2) == []


def test_the_command_line_indexes_and_searches(tmp_path, capsys):
    from mmdemo.__main__ import main

    for i in range(3):
        picture(i).save(tmp_path / f"{i}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert main(["index", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "3 photos" in said and "broken.png" in said
    assert main(["search", "a red circle", "--index", str(tmp_path / index_files.FOLDER), "--count", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all(line.endswith(".png") for line in lines)
    assert main(["search", "a", "--index", str(tmp_path / "none")]) == 1
    assert "python -m mmdemo index" in capsys.readouterr().err


def test_a_gallery_is_read_in_batches_and_nothing_of_it_is_kept(engine, monkeypatch):
    monkeypatch.setattr("mmdemo.engine.match.BATCH", 2)
    photos = [picture(i) for i in range(40, 43)]
    vectors, kept = engine.index(photos).vectors, len(engine.models.pictures)
    each = np.concatenate([engine.match_service.encode_images([photo]) for photo in photos])
    assert np.allclose(vectors, each, atol=1e-5) and len(engine.models.pictures) == kept + 3
