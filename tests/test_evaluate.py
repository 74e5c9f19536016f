"""`python -m mmdemo.evaluate gallery|captions|questions` on a handful of painted photos: table, file, card."""

import json
import shutil

import pytest
import torch

from mmdemo import evaluate
from mmdemo.engine import Engine
from mmdemo.loading import WEIGHTS, read_card
from mmdemo.training import cards
from mmdemo.training.measure import gallery
from tests.photo_folder import write_photos
from tests.pictures import picture

WORDS = (("red circle", "红色的圆"), ("green square", "绿色的方块"), ("blue sky", "蓝天"), ("black dog", "黑狗"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Four painted photos of the validation split with two captions in each language, and one of training with many;
    and some that people asked about.
    """
    rows = [{"file": "flickr8k/train", "split": "train", "captions": ["A dog runs on the beach."] * 20}]
    for i, (english, chinese) in enumerate(WORDS):
        said = {"captions": [f"a {english} here", f"{english}!"], "captions_zh": [f"一个{chinese}", chinese]}
        rows.append({"file": f"flickr8k/{i}", "split": "val", **said})
    for source, split in (("coco", "val"), ("daquar", "train"), ("daquar", "val")):
        asked = [{"question": f"what is near lamp {i} ?", "answer": "chair" if i % 3 else "table"} for i in range(30)]
        rows.append({"file": f"{source}/{split}", "split": split, "qa": asked})
    return write_photos(tmp_path_factory.mktemp("data"), ((picture(i), row) for i, row in enumerate(rows)))


def run(data, folder, *given) -> dict:
    file = folder / "made" / "table.json"
    evaluate.main([*given, "--data", str(data), "--out", str(folder), "--json", str(file)])
    return json.loads(file.read_text(encoding="utf-8"))


def value(table, metric, dataset) -> float:
    return next(row["value"] for row in table["rows"] if (row["metric"], row["dataset"]) == (metric, dataset))


def test_the_gallery_is_searched_both_ways_in_both_languages(data, tmp_path, capsys):
    table = run(data, tmp_path, "gallery")
    assert {"torch", "mmdemo"} <= set(table["versions"]) and table["weights"] == "matching"
    for row in table["rows"]:
        assert row["split"] == "val (4 photos)" and row["n"] == 8 and row["seed"] == 0 and len(row["date"]) == 10
    for dataset in ("Flickr8k", "Flickr8k-CN"):
        assert value(table, "text_to_image_R@5", dataset) == 100  # of four
        assert 1 <= value(table, "image_to_text_median_rank", dataset) <= 7
        assert 0 < value(table, "modality_gap", dataset) < 2
        assert value(table, "reranked_text_to_image_R@5", dataset) == 100
    assert "text_to_image_R@1" in capsys.readouterr().out


def test_what_the_head_puts_first_is_what_match_pair_finds_likeliest():
    engine, texts = Engine("cpu", offline=True), ["a red circle", "一只狗"]
    photos = gallery.read_by_pair_head(engine, [picture(i) for i in range(3)])
    order = gallery.reranked(engine, photos, texts, torch.tensor([[2, 0, 1], [1, 2, 0]]).numpy())
    for text, places in zip(texts, order.tolist(), strict=True):
        likely = [engine.match_service.match_pair(picture(place), text) for place in places]
        assert likely == sorted(likely, reverse=True) and sorted(places) == [0, 1, 2]


def test_captions_of_the_first_photos_are_measured_in_both_languages(data, tmp_path):
    table = run(data, tmp_path, "captions", "--photos", "2")
    assert all(row["split"].startswith("val (2 photos), ") and row["n"] == 2 for row in table["rows"])
    for dataset in ("Flickr8k, English by words", "Flickr8k-CN, Chinese by characters"):
        assert value(table, "own_photo_R@10", dataset) == 100
        assert {"BLEU-4", "ROUGE-L", "CIDEr"} <= {r["metric"] for r in table["rows"] if r["dataset"] == dataset}


def test_questions_are_answered_beside_who_does_not_look(data, tmp_path):
    table = run(data, tmp_path, "questions")
    assert table["weights"] == "answering" and {row["split"] for row in table["rows"]} == {"val"}
    asked = {row["metric"]: row for row in table["rows"] if row["dataset"] == "DAQUAR"}
    assert asked["commonest_accuracy"]["value"] == pytest.approx(200 / 3, abs=0.01)
    assert {"accuracy", "alone_accuracy", "known_share", "what_accuracy"} <= set(asked)
    assert all(row["n"] == 30 and row["unit"] == "%" for name, row in asked.items() if "known_acc" not in name)


def test_a_table_stands_beside_the_card_and_goes_into_it(data, tmp_path, monkeypatch, capsys):
    shutil.copytree(WEIGHTS / "matching", tmp_path / "matching", ignore=shutil.ignore_patterns("*.safetensors"))
    where = {"dataset": "Flickr8k", "split": "val (998 photos)", "n": 4990, "seed": 0}
    rows = cards.metrics({"text_to_image_R@1": 12.5, "new": 3}, **where)
    monkeypatch.setitem(evaluate.APPLICATIONS, "gallery", ("matching", lambda args, log: rows))
    monkeypatch.setattr(cards, "write_metrics", lambda *a, write=cards.write_metrics: write(*a, weights=tmp_path))
    run(data, tmp_path, "gallery", "--cards")
    before, after = (read_card("matching", folder)["metrics"] for folder in (WEIGHTS, tmp_path))
    stated = next(row["value"] for row in before if row["metric"] == "text_to_image_R@1")
    assert f"12.5000{stated:10.4f}" in capsys.readouterr().out
    assert len(after) == len(before) + 1 and after[-1] == rows[1]
    assert rows[0] in after


@pytest.mark.parametrize("given", [["gallery", "--cards", "--photos", "9"], ["no_such"]])
def test_a_command_line_that_cannot_be_is_refused_with_a_sentence(given, capsys):
    with pytest.raises(SystemExit):
        evaluate.main(given)
    assert "error:" in capsys.readouterr().err
