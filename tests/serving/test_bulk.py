"""Many photos and sentences from the command line, in this process: `test_ray.py` does the same on Ray."""

import json
from pathlib import Path

import numpy as np
import pytest

import mmdemo
from mmdemo.engine.gallery_measures import recall
from mmdemo.serving import bulk
from tests.pictures import picture

HERE = ["--engines", "0"]


def gallery(place: Path, count: int) -> tuple[Path, Path]:
    """A folder of photos, and a file of captions: two of the first photo, none of the last."""
    folder, captions = place / "photos", place / "captions.tsv"
    folder.mkdir()
    for seed in range(count):
        picture(seed).save(folder / f"{seed:03}.png")
    said = [f"{max(seed, 0):03}.png\tshape number {seed}" for seed in range(-1, count - 1)]
    captions.write_text("\n".join(said) + "\n", "utf-8")
    return folder, captions


def test_recall_is_that_of_all_cosines_at_once(tmp_path, capsys) -> None:
    folder, captions = gallery(tmp_path, 9)
    assert bulk.main(["evaluate", str(folder), str(captions), str(tmp_path / "out"), *HERE]) == 0
    engine = mmdemo.load(device="cpu", offline=True)
    photos = engine.encode_images([picture(seed) for seed in range(9)]).astype(np.float16).astype(np.float32)
    texts = engine.encode_texts([f"shape number {seed}" for seed in range(-1, 8)]).astype(np.float16).astype(np.float32)
    cosines, own = photos @ texts.T, np.eye(9, dtype=bool)[[max(seed, 0) for seed in range(-1, 8)]].T  # [9, 9]
    found = json.loads((tmp_path / "out" / "recall.json").read_text("utf-8"))
    for side, one in (("photo_to_text", recall(cosines[:8], own[:8])), ("text_to_photo", recall(cosines.T, own.T))):
        assert found[side]["at"] == {str(k): share for k, share in one.at.items()}
        assert found[side]["queries"] == one.queries and found[side]["median_rank"] == one.median_rank
        assert found[side]["chance"] == pytest.approx({str(k): share for k, share in one.chance.items()})
    assert "text_to_photo R@1" in capsys.readouterr().out


def test_an_index_is_the_one_that_can_be_searched(tmp_path) -> None:
    folder, _ = gallery(tmp_path, 3)
    (folder / "001.png").write_bytes(b"no picture")
    for _ in range(2):  # the second time there is nothing left to do
        assert bulk.main(["index", str(folder), str(tmp_path / "out"), *HERE]) == 0
    found = mmdemo.load(device="cpu", offline=True).gallery_service.opened(tmp_path / "out")
    assert found.names == ("000.png", "002.png")


def test_sentences_become_rows_in_their_order(tmp_path) -> None:
    texts, out = ["a dog", "a red house", "一只狗"] * 100, tmp_path / "out.npy"  # more than a batch
    (tmp_path / "texts.txt").write_text("\n\n".join(texts), "utf-8")
    assert bulk.main(["encode", str(tmp_path / "texts.txt"), str(out), *HERE]) == 0
    vectors, known = np.load(out), mmdemo.load(device="cpu", offline=True).encode_texts(texts[:3])
    assert vectors.dtype == np.float16 and vectors.shape == (300, known.shape[1])
    assert np.abs(vectors[297:] - known).max() < 1e-3 and not (tmp_path / "out.npy.part").exists()


@pytest.mark.parametrize("captions", [b"000.png a dog", b"000.png\t ", b"nobody.png\ta dog", b"", b"\xff\tdog", None])
def test_what_cannot_be_used_is_said(captions: bytes | None, tmp_path, capsys) -> None:
    folder, file = gallery(tmp_path, 1)
    file.unlink() if captions is None else file.write_bytes(captions)
    assert bulk.main(["evaluate", str(folder), str(file), str(tmp_path / "out"), *HERE]) == 1
    assert capsys.readouterr().err.startswith("Expected")


def test_without_ray_it_says_what_to_do(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "find_spec", lambda name: None)
    assert bulk.main(["index", str(tmp_path), str(tmp_path / "out")]) == 1
    assert "--engines 0" in capsys.readouterr().err
