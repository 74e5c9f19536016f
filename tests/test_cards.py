"""Every folder of weights/ is what its card says: files, sizes, sha256, origin, and what it was measured on."""

import datetime
import hashlib
import importlib.util
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from mmdemo.checkpoints import folders
from mmdemo.training.card_prose import written

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
FOLDERS = sorted(path.name for path in WEIGHTS.iterdir() if path.is_dir())
KEYS = {
    "name", "title", "purpose", "architecture", "trained_on", "licences", "recipe", "seed", "history", "metrics",
    "known_failures", "files",
}  # fmt: skip
PROSE = ("title", "purpose", "architecture", "measured", "trained_on", "licences", "known_failures", "findings")
METRIC_KEYS = {"metric", "value", "dataset", "split", "n", "seed", "date"}
RECIPE = re.compile(r"^python -m (mmdemo\.training\.recipes\.[a-z0-9_]+)( |$)")
FILE_KINDS = {".safetensors", ".json", ".txt"}  # never a pickle: .bin, .pt, .pth, .ckpt, .pkl, .npy
MB = 1_000_000


def read_card(name: str) -> dict[str, Any]:
    return json.loads((WEIGHTS / name / "card.json").read_text(encoding="utf-8"))


def test_every_row_of_the_table_has_its_folder_and_every_folder_its_row() -> None:
    assert set(FOLDERS) == set(folders())


@pytest.mark.parametrize("name", FOLDERS)
def test_the_card_names_everything_that_it_should(name: str) -> None:
    card = read_card(name)
    assert KEYS - set(card) == set()
    assert card["name"] == name
    asked = ["title", "purpose", "architecture", "trained_on", "licences", "recipe", "metrics", "known_failures"]
    for key in asked if card["seed"] is None else [*asked, "history"]:  # no seed: nothing was trained, it came as it is
        assert card[key], f"{key} says nothing"


@pytest.mark.parametrize("name", FOLDERS)
def test_every_sentence_stands_on_the_card_in_both_languages(name: str) -> None:
    card = read_card(name)
    entries = [(key, card[key]) for key in PROSE if key in card]
    said = [(key, one) for key, value in entries for one in (value if isinstance(value, list) else [value])]
    assert len(said) >= 6
    for key, sentence in said:
        assert list(sentence) == ["en", "zh"] and all(sentence.values()), sentence
        assert not re.search(r"[\u4e00-\u9fff]", sentence["en"]), sentence
        assert key == "title" or re.search(r"[\u4e00-\u9fff]", sentence["zh"]), sentence  # a name may stay


@pytest.mark.parametrize("name", FOLDERS)
def test_the_card_says_what_its_prose_says_of_its_figures(name: str) -> None:
    card = read_card(name)
    assert written(name, card) == card


@pytest.mark.parametrize("name", FOLDERS)
def test_every_figure_has_data_set_split_count_seed_and_date(name: str) -> None:
    for row in read_card(name)["metrics"]:
        assert METRIC_KEYS - set(row) == set(), row
        assert isinstance(row["value"], (int, float)) and math.isfinite(row["value"]), row
        assert row["metric"] and row["dataset"] and row["split"], row
        assert isinstance(row["n"], int) and row["n"] > 0, row
        assert row["seed"] is None or isinstance(row["seed"], int), row
        assert datetime.date.fromisoformat(row["date"]) >= datetime.date(2026, 1, 1), row


@pytest.mark.parametrize("name", FOLDERS)
def test_the_recipe_is_a_module_that_is_here(name: str) -> None:
    recipe = read_card(name)["recipe"]
    for command in [recipe] if isinstance(recipe, str) else recipe:
        found = RECIPE.match(command)
        assert found, f"{command!r} is no command of mmdemo.training.recipes"
        assert importlib.util.find_spec(found[1]), f"{found[1]} is not here"


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_is_in_the_card_with_its_size_and_sha256(name: str) -> None:
    files = {path.name: path.read_bytes() for path in (WEIGHTS / name).iterdir() if path.name != "card.json"}
    found = {file: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for file, b in files.items()}
    assert found == read_card(name)["files"]
    assert any(file.endswith(".safetensors") for file in files)


def test_weights_are_small_and_never_pickles() -> None:
    sizes = {path: path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()}
    assert {path.suffix for path in sizes} <= FILE_KINDS
    assert [path for path, size in sizes.items() if size >= 10 * MB] == []
    assert sum(sizes.values()) < 90 * MB
    for path in sizes:
        if path.suffix == ".safetensors":  # 8 bytes of header length, then JSON
            with path.open("rb") as file:
                head = file.read(9)
            assert head[8:9] == b"{" and int.from_bytes(head[:8], "little") < MB, path
